#include "complex_eigenvalues.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

namespace nuphi::detail {

Eigen::VectorXcd complex_eigenvalues(const Eigen::MatrixXcd& matrix) {
  if (matrix.rows() == 1) return matrix.diagonal();
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix, false);
  return solver.eigenvalues();
}

ComplexEigenSystem complex_eigen_system(const Eigen::MatrixXcd& matrix) {
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix);
  return {solver.eigenvalues(), solver.eigenvectors(), solver.eigenvectors().inverse()};
}

}  // namespace nuphi::detail
