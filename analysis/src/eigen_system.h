// Dense eigenproblems behind plain functions: Eigen's headers take ten seconds to compile.
#pragma once

#include <Eigen/Core>

namespace nuphi::detail {

/// Eigenvalues in no order; NaN when the iteration fails or an entry is not finite. n ≥ 1.
[[nodiscard]] Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& matrix);
[[nodiscard]] Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& matrix);

struct EigenSystem {
  Eigen::VectorXcd values;
  Eigen::MatrixXcd right;  ///< columns v: M v = m v
  Eigen::MatrixXcd left;   ///< rows w = inverse of `right`: w M = m w, w_k v_l = δ_kl
};
[[nodiscard]] EigenSystem eigen_system(const Eigen::MatrixXcd& matrix);

}  // namespace nuphi::detail
