#include "eigen_system.h"

#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Eigenvalues>
#include <complex>
#include <limits>

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

Eigen::VectorXcd not_a_number(Eigen::Index n) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return Eigen::VectorXcd::Constant(n, Complex(nan, nan));
}

}  // namespace

EigenSystem eigen_system(const Eigen::MatrixXcd& matrix) {
  const Eigen::Index n = matrix.rows();
  if (!matrix.allFinite()) {
    const Eigen::VectorXcd nans = not_a_number(n);
    return {nans, nans.replicate(1, n), nans.replicate(1, n)};
  }
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix);
  return {solver.eigenvalues(), solver.eigenvectors(), dense::inverse(solver.eigenvectors())};
}

void find_null_vectors(const Eigen::MatrixXcd& A, Eigen::VectorXcd& right, Eigen::VectorXcd& left) {
  const dense::Lu<Complex> lu(A);
  for (int iteration = 0; iteration < 4; ++iteration) {
    right = lu.solve(right).normalized();
    left = lu.solve_transposed(left.conjugate()).conjugate().normalized();
  }
}

}  // namespace nuphi::detail
