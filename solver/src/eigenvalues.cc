#include "eigenvalues.h"

#include <Eigen/Eigenvalues>

namespace nuphi {

std::optional<Spectrum> spectrum(const Eigen::MatrixXd& matrix) {
  if (matrix.rows() == 0 || !matrix.allFinite()) return std::nullopt;
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix, /*computeEigenvectors=*/false);
  if (solver.info() != Eigen::Success) return std::nullopt;
  const Eigen::VectorXd real = solver.eigenvalues().real();
  return Spectrum{.abscissa = real.maxCoeff(),
                  .beyond_one = static_cast<int>((real.array() >= 1).count())};
}

std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix) {
  const std::optional<Spectrum> found = spectrum(matrix);
  return found ? std::optional<double>(found->abscissa) : std::nullopt;
}

Ritz ritz_values(const Eigen::MatrixXd& hessenberg) {
  if (!hessenberg.allFinite()) return {};
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(hessenberg);
  if (solver.info() != Eigen::Success) return {};
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  return {solver.eigenvalues(), vectors.bottomRows(1).cwiseAbs().transpose()};
}

}  // namespace nuphi
