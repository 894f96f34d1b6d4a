#pragma once

#include <Eigen/Core>
#include <optional>

namespace nuphi {

/// Largest real part of the eigenvalues of a square matrix; nothing when it is not finite or the
/// iteration fails.
[[nodiscard]] std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix);

/// Eigenvalues of a Hessenberg matrix and the size of the last component of their eigenvectors of
/// length 1; empty when the iteration fails.
struct Ritz {
  Eigen::VectorXcd values;
  Eigen::VectorXd residuals;
};
[[nodiscard]] Ritz ritz_values(const Eigen::MatrixXd& hessenberg);

}  // namespace nuphi
