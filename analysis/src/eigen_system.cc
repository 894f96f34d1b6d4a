#include "eigen_system.h"

#include <nuphi/solver/dense.h>

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

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& matrix) { return dense::eigenvalues(matrix); }
Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& matrix) { return dense::eigenvalues(matrix); }

EigenSystem eigen_system(const Eigen::MatrixXcd& matrix) {
  const Eigen::Index n = matrix.rows();
  if (!matrix.allFinite()) {
    const Eigen::VectorXcd nans = not_a_number(n);
    return {nans, nans.replicate(1, n), nans.replicate(1, n)};
  }
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix);
  return {solver.eigenvalues(), solver.eigenvectors(), dense::inverse(solver.eigenvectors())};
}

}  // namespace nuphi::detail
