#include <nuphi/analysis/covariances.h>
#include <nuphi/solver/linear_algebra.h>

#include <Spectra/GenEigsSolver.h>
#include <Spectra/MatOp/DenseGenMatProd.h>
#include <Spectra/MatOp/SparseGenMatProd.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace nuphi {
namespace {

using Complex = std::complex<double>;

void check(Eigen::Index rows, Eigen::Index columns, const SpectralBoundOptions& options) {
  if (rows != columns || rows == 0)
    throw std::invalid_argument("spectral bound: the matrix must be square and not empty");
  if (!(options.tolerance > 0) || options.max_krylov < 4)
    throw std::invalid_argument("spectral bound: tolerance must be > 0 and max_krylov ≥ 4");
}

SpectralBound not_found() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {{nan, nan}, std::numeric_limits<double>::infinity(), false};
}

SpectralBound of_dense(const Eigen::MatrixXd& matrix) {
  const Eigen::VectorXcd values = dense::eigenvalues(matrix);
  Complex best = values[0];
  for (const Complex& value : values)
    if (value.real() > best.real() || (value.real() == best.real() && value.imag() > best.imag()))
      best = value;
  return {best, 0, std::isfinite(best.real())};
}

/// The rightmost of the eigenvalues that converged, judged by the residual recomputed here.
template <class Matrix, class Solver>
SpectralBound best_of(const Matrix& matrix, const Solver& solver, double tolerance) {
  const Eigen::VectorXcd values = solver.eigenvalues();
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  SpectralBound best = not_found();
  for (Eigen::Index k = 0; k < values.size(); ++k) {
    if (best.converged && !(values[k].real() > best.eigenvalue.real())) continue;
    const Eigen::VectorXd real = vectors.col(k).real(), imaginary = vectors.col(k).imag();
    Eigen::VectorXcd image(matrix.rows());
    image.real() = matrix * real;
    image.imag() = matrix * imaginary;
    const double residual = (image - values[k] * vectors.col(k)).norm() / vectors.col(k).norm();
    const double size = std::max(std::abs(values[k]), std::numeric_limits<double>::min());
    best = {Complex(values[k].real(), std::abs(values[k].imag())), residual,
            residual <= tolerance * size};
  }
  return best;
}

template <class Product, class Matrix>
SpectralBound arnoldi(const Matrix& matrix, const SpectralBoundOptions& options) {
  constexpr int kWanted = 1, kRestarts = 300;
  const int n = static_cast<int>(matrix.rows());
  SpectralBound best = not_found();
  for (int krylov = 40; !best.converged; krylov *= 2) {
    const int size = std::min({krylov, options.max_krylov, n});
    Product product(matrix);
    Spectra::GenEigsSolver<Product> solver(product, kWanted, size);
    solver.init();
    // Spectra's test is on ‖Wv − λv‖ of Ritz pairs; half the tolerance leaves room for its
    // rounding.
    solver.compute(Spectra::SortRule::LargestReal, kRestarts, 0.5 * options.tolerance,
                   Spectra::SortRule::LargestReal);
    if (solver.info() == Spectra::CompInfo::Successful)
      best = best_of(matrix, solver, options.tolerance);
    if (size < krylov || size == n) break;
  }
  return best;
}

}  // namespace

SpectralBound spectral_bound(const Eigen::SparseMatrix<double>& matrix,
                             const SpectralBoundOptions& options) {
  check(matrix.rows(), matrix.cols(), options);
  if (!Eigen::Map<const Eigen::VectorXd>(matrix.valuePtr(), matrix.nonZeros()).allFinite())
    return not_found();
  if (matrix.rows() <= std::max(options.dense_limit, 4)) return of_dense(Eigen::MatrixXd(matrix));
  return arnoldi<Spectra::SparseGenMatProd<double>>(matrix, options);
}

SpectralBound spectral_bound(const Eigen::MatrixXd& matrix, const SpectralBoundOptions& options) {
  check(matrix.rows(), matrix.cols(), options);
  if (!matrix.allFinite()) return not_found();
  if (matrix.rows() <= std::max(options.dense_limit, 4)) return of_dense(matrix);
  return arnoldi<Spectra::DenseGenMatProd<double>>(matrix, options);
}

}  // namespace nuphi
