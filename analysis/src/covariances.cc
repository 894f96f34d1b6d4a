#include <nuphi/analysis/covariances.h>
#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "population_sizes.h"

namespace nuphi {
namespace {

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

/// (1 − W)^{−1}
Eigen::MatrixXd propagator(const Eigen::MatrixXd& connectivity) {
  const Eigen::Index n = connectivity.rows();
  return dense::inverse(Eigen::MatrixXd(Eigen::MatrixXd::Identity(n, n) - connectivity));
}

/// The lower triangle of a symmetric A B, in blocks of rows: half the work of all of it.
Eigen::MatrixXd symmetric_product(const Eigen::MatrixXd& A, const Eigen::MatrixXd& B) {
  constexpr Eigen::Index kRows = 256;
  const Eigen::Index n = A.rows();
  Eigen::MatrixXd result(n, n);
  for (Eigen::Index i = 0; i < n; i += kRows) {
    const Eigen::Index rows = std::min(kRows, n - i);
    result.block(i, 0, rows, i + rows) =
        dense::product(A.middleRows(i, rows), B.leftCols(i + rows));
  }
  result.triangularView<Eigen::StrictlyUpper>() = result.transpose().eval();
  return result;
}

/// A diag(d) Aᵀ
Eigen::MatrixXd sandwich(const Eigen::MatrixXd& A, const Eigen::VectorXd& d) {
  return symmetric_product(A * d.asDiagonal(), A.transpose());
}

/// CV² ν; a silent neuron has none, whatever its CV.
Eigen::VectorXd renewal_autocovariances(const Eigen::VectorXd& rates, const Eigen::VectorXd& cv) {
  return (rates.array() == 0).select(0.0, cv.array().square() * rates.array());
}

/// D of a_α = D_α (1 − 1/N_α) + Σ_β P_αβ² D_β/N_β: the mean of the condition C_ii = a_i over the
/// neurons of a population.
Eigen::VectorXd mean_noise(const Eigen::MatrixXd& P, const Eigen::VectorXd& a,
                           const Eigen::VectorXd& sizes) {
  const Eigen::VectorXd inverse = sizes.cwiseInverse();
  Eigen::MatrixXd matrix = P.cwiseAbs2() * inverse.asDiagonal();
  matrix.diagonal() += Eigen::VectorXd::Ones(a.size()) - inverse;
  return dense::solve(matrix, a);
}

}  // namespace

PairwiseCovariances pairwise_covariances(const Eigen::MatrixXd& connectivity,
                                         const Eigen::VectorXd& rates, const Eigen::VectorXd& cv) {
  const Eigen::Index n = connectivity.rows();
  require(connectivity.cols() == n, "covariances: the connectivity must be square");
  require(rates.size() == n && cv.size() == n, "covariances: one rate and one CV per neuron");
  const Eigen::MatrixXd A = propagator(connectivity);
  const Eigen::VectorXd autocovariances = renewal_autocovariances(rates, cv);
  PairwiseCovariances result;
  result.noise_strength = dense::solve(A.cwiseAbs2(), autocovariances);
  result.covariances = sandwich(A, result.noise_strength);
  return result;
}

PopulationCovariances population_covariances(const Eigen::MatrixXd& connectivity,
                                             const Eigen::VectorXd& rates,
                                             const Eigen::VectorXd& cv,
                                             const Eigen::VectorXd& sizes, NoiseModel noise) {
  const Eigen::Index n = connectivity.rows();
  require(connectivity.cols() == n, "covariances: the connectivity must be square");
  require(rates.size() == n && cv.size() == n && sizes.size() == n,
          "covariances: one rate, one CV and one size per population");
  require(n == 0 || sizes.minCoeff() > 0, "covariances: population sizes must be positive");
  PopulationCovariances result;
  const Eigen::VectorXd a =
      noise == NoiseModel::kPoisson ? rates : renewal_autocovariances(rates, cv);
  const Eigen::MatrixXd P = propagator(connectivity);
  result.autocovariances = a;
  result.noise_strength = mean_noise(P, a, sizes);
  result.averages = sandwich(P, result.noise_strength.cwiseQuotient(sizes));
  result.pairwise = result.averages;
  for (Eigen::Index i = 0; i < n; ++i) {
    // A population of one neuron has no pairs.
    result.pairwise(i, i) = sizes[i] == 1
                                ? std::numeric_limits<double>::quiet_NaN()
                                : (sizes[i] * result.averages(i, i) - a[i]) / (sizes[i] - 1);
  }
  const Eigen::VectorXd scale = a.cwiseSqrt().cwiseInverse();
  result.correlations = scale.asDiagonal() * result.pairwise * scale.asDiagonal();
  return result;
}

PopulationCovariances population_covariances(const Network& network, const StationaryState& state,
                                             NoiseModel noise) {
  const Eigen::VectorXd sizes = detail::population_sizes(network);
  PopulationCovariances result = population_covariances(
      effective_connectivity(mean_field(network), state), state.rates, state.cv, sizes, noise);
  result.rate_dynamics_stable = state.rate_dynamics_stable;
  return result;
}

}  // namespace nuphi
