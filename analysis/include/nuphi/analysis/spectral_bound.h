#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <Eigen/SparseCore>
#include <complex>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// How spectral_bound() searches.
struct SpectralBoundOptions {
  double tolerance = 1e-10;  ///< on ‖Wv − λv‖/‖v‖ relative to |λ|, > 0; iterative road only
  int dense_limit = 200;  ///< up to this size matrices are solved densely, every eigenvalue found
  int max_krylov = 640;   ///< largest Krylov space, > 3; it starts at 40 and doubles while the
                          ///< method does not converge
};

/// Eigenvalue with the largest real part. Below 1 the linear rate dynamics, and with them
/// covariances, exist.
struct SpectralBound {
  std::complex<double> eigenvalue;  ///< the one with Im ≥ 0 of a pair; NaN when not converged
  double residual = 0;     ///< ‖Wv − λv‖/‖v‖; 0 on the dense road, which has no vector
  bool converged = false;  ///< found, densely or to the tolerance
};

/// Dense eigenvalues for small matrices, implicitly restarted Arnoldi iteration (Spectra) for large
/// ones, where no dense eigenproblem is formed. An Arnoldi iteration can miss an eigenvalue its
/// start hardly contains; it is started from a fixed pseudo-random vector, so that results repeat.
/// @throws std::invalid_argument for a matrix that is not square or options out of range. A matrix
/// with an entry that is not finite gives converged = false.
[[nodiscard]] SpectralBound spectral_bound(const Eigen::SparseMatrix<double>& matrix,
                                           const SpectralBoundOptions& options = {});
/// The same of a dense matrix.
[[nodiscard]] SpectralBound spectral_bound(const Eigen::MatrixXd& matrix,
                                           const SpectralBoundOptions& options = {});

/// @}
}  // namespace nuphi
