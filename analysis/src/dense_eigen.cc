#include "dense_eigen.h"

#include <Eigen/Eigenvalues>
#include <complex>
#include <limits>

namespace nuphi::detail {

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& matrix) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXcd failed =
      Eigen::VectorXcd::Constant(matrix.rows(), std::complex<double>(nan, nan));
  if (!matrix.allFinite()) return failed;
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix, /*computeEigenvectors=*/false);
  return solver.info() == Eigen::Success ? Eigen::VectorXcd(solver.eigenvalues()) : failed;
}

}  // namespace nuphi::detail
