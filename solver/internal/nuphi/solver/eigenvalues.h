#pragma once

#include <nuphi/core/export.h>

#include <Eigen/Core>
#include <limits>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// Largest real part of the eigenvalues of a square matrix; nothing when it is not finite or the
/// iteration fails.
[[nodiscard]] std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix);

/// What the eigenvalues of ∂Φ/∂x say about dx/ds = −x + Φ(x).
struct Spectrum {
  double abscissa = 0;  ///< largest real part
  int beyond_one = 0;   ///< number of eigenvalues with real part ≥ 1: of directions that grow
  int real_beyond_one =
      0;  ///< of these, real to rounding: a change of them passes det(1 − ∂Φ/∂x) = 0
  double nearest_to_one = std::numeric_limits<double>::quiet_NaN();  ///< of the real ones
};
[[nodiscard]] std::optional<Spectrum> spectrum(const Eigen::MatrixXd& matrix);

/// Directions in which dx/ds = −x + Φ(x) leaves a fixed point: the eigenvectors of ∂Φ/∂x whose
/// eigenvalues have real part ≥ 1, real and imaginary part of complex ones, the fastest first.
/// Empty where the iteration fails.
[[nodiscard]] std::vector<Eigen::VectorXd> growing_directions(const Eigen::MatrixXd& matrix);

/// Eigenvalues of a Hessenberg matrix and the size of the last component of their eigenvectors of
/// length 1; empty when the iteration fails.
struct Ritz {
  Eigen::VectorXcd values;
  Eigen::VectorXd residuals;
};
[[nodiscard]] Ritz ritz_values(const Eigen::MatrixXd& hessenberg);

}  // namespace nuphi
