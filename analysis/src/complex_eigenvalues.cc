#include "complex_eigenvalues.h"

#include <Eigen/Eigenvalues>

namespace nuphi::detail {

Eigen::VectorXcd complex_eigenvalues(const Eigen::MatrixXcd& matrix) {
  if (matrix.rows() == 1) return matrix.diagonal();
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix, false);
  return solver.eigenvalues();
}

}  // namespace nuphi::detail
