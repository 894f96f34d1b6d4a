#pragma once

#include <Eigen/Core>

namespace nuphi::detail {

/// Eigenvalues of a complex matrix, in no order. Behind plain functions because they are slow to
/// compile.
Eigen::VectorXcd complex_eigenvalues(const Eigen::MatrixXcd& matrix);

struct ComplexEigenSystem {
  Eigen::VectorXcd values;
  Eigen::MatrixXcd right;  ///< columns v: M v = m v
  Eigen::MatrixXcd left;   ///< rows w = inverse of `right`: w M = m w, w_k v_l = δ_kl
};
ComplexEigenSystem complex_eigen_system(const Eigen::MatrixXcd& matrix);

}  // namespace nuphi::detail
