#include <nuphi/solver/eigenvalues.h>

#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>

namespace nuphi {

std::optional<Spectrum> spectrum(const Eigen::MatrixXd& matrix) {
  if (matrix.rows() == 0 || !matrix.allFinite()) return std::nullopt;
  // Rounding may make a pair of complex eigenvalues of equal real ones.
  constexpr double kReal = 1e-6;
  const Eigen::VectorXcd values = dense::eigenvalues(matrix);
  if (values.hasNaN()) return std::nullopt;
  Spectrum found{.abscissa = values.real().maxCoeff()};
  for (const std::complex<double> value : values) {
    const bool beyond = value.real() >= 1;
    found.beyond_one += beyond ? 1 : 0;
    if (std::abs(value.imag()) > kReal * std::max(1.0, std::abs(value))) continue;
    found.real_beyond_one += beyond ? 1 : 0;
    if (!(std::abs(value.real() - 1) >= std::abs(found.nearest_to_one - 1)))
      found.nearest_to_one = value.real();
  }
  return found;
}

std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix) {
  const std::optional<Spectrum> found = spectrum(matrix);
  return found ? std::optional<double>(found->abscissa) : std::nullopt;
}

std::vector<Eigen::VectorXd> growing_directions(const Eigen::MatrixXd& matrix) {
  if (matrix.rows() == 0 || !matrix.allFinite()) return {};
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(matrix);
  if (solver.info() != Eigen::Success) return {};
  const Eigen::VectorXcd values = solver.eigenvalues();
  std::vector<Eigen::Index> order;
  for (Eigen::Index k = 0; k < values.size(); ++k) {
    // Of a complex pair one member stands for both.
    if (values[k].real() >= 1 && values[k].imag() >= 0) order.push_back(k);
  }
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return values[a].real() > values[b].real(); });
  std::vector<Eigen::VectorXd> directions;
  for (const Eigen::Index k : order) {
    const Eigen::VectorXcd vector = solver.eigenvectors().col(k);
    directions.emplace_back(vector.real());
    if (values[k].imag() != 0) directions.emplace_back(vector.imag());
  }
  return directions;
}

Ritz ritz_values(const Eigen::MatrixXd& hessenberg) {
  if (!hessenberg.allFinite()) return {};
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(hessenberg);
  if (solver.info() != Eigen::Success) return {};
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  return {solver.eigenvalues(), vectors.bottomRows(1).cwiseAbs().transpose()};
}

}  // namespace nuphi
