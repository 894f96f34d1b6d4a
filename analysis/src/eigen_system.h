// Eigenvectors of dense matrices behind plain functions: Eigen's headers take ten seconds to
// compile.
#pragma once

#include <Eigen/Core>

namespace nuphi::detail {

struct EigenSystem {
  Eigen::VectorXcd values;
  Eigen::MatrixXcd right;  ///< columns v: M v = m v
  Eigen::MatrixXcd left;   ///< rows w = inverse of `right`: w M = m w, w_k v_l = δ_kl
};
[[nodiscard]] EigenSystem eigen_system(const Eigen::MatrixXcd& matrix);

/// The vectors of norm 1 with A v ≈ 0 and uᴴA ≈ 0 of a matrix that is singular but for a few
/// roundings, by inverse iteration from the vectors handed in.
void find_null_vectors(const Eigen::MatrixXcd& A, Eigen::VectorXcd& right, Eigen::VectorXcd& left);

}  // namespace nuphi::detail
