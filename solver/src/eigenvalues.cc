#include "eigenvalues.h"

#include <Eigen/Eigenvalues>

namespace nuphi {

std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix) {
  if (matrix.rows() == 0 || !matrix.allFinite()) return std::nullopt;
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix, /*computeEigenvectors=*/false);
  if (solver.info() != Eigen::Success) return std::nullopt;
  return solver.eigenvalues().real().maxCoeff();
}

Ritz ritz_values(const Eigen::MatrixXd& hessenberg) {
  if (!hessenberg.allFinite()) return {};
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(hessenberg);
  if (solver.info() != Eigen::Success) return {};
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  return {solver.eigenvalues(), vectors.bottomRows(1).cwiseAbs().transpose()};
}

}  // namespace nuphi
