#include "eigen_system.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <complex>
#include <limits>

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

Eigen::VectorXcd not_a_number(Eigen::Index n) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return Eigen::VectorXcd::Constant(n, Complex(nan, nan));
}

template <class Solver, class Matrix>
Eigen::VectorXcd values_of(const Matrix& matrix) {
  if (!matrix.allFinite()) return not_a_number(matrix.rows());
  const Solver solver(matrix, /*computeEigenvectors=*/false);
  return solver.info() == Eigen::Success ? Eigen::VectorXcd(solver.eigenvalues())
                                         : not_a_number(matrix.rows());
}

}  // namespace

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& matrix) {
  return values_of<Eigen::EigenSolver<Eigen::MatrixXd>>(matrix);
}

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& matrix) {
  if (matrix.rows() == 1) return matrix.diagonal();
  return values_of<Eigen::ComplexEigenSolver<Eigen::MatrixXcd>>(matrix);
}

EigenSystem eigen_system(const Eigen::MatrixXcd& matrix) {
  const Eigen::Index n = matrix.rows();
  if (!matrix.allFinite()) {
    const Eigen::VectorXcd nans = not_a_number(n);
    return {nans, nans.replicate(1, n), nans.replicate(1, n)};
  }
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix);
  return {solver.eigenvalues(), solver.eigenvectors(), solver.eigenvectors().inverse()};
}

}  // namespace nuphi::detail
