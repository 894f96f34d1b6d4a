#include <nuphi/analysis/covariances.h>
#include <nuphi/solver/linear_algebra.h>

#include <limits>
#include <numbers>
#include <stdexcept>

#include "population_sizes.h"
#include "state_check.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

/// D of a_α = D_α (1 − 1/N_α) + Σ_β |P_αβ|² D_β/N_β.
Eigen::VectorXd noise_of(const Eigen::MatrixXcd& P, const Eigen::VectorXd& a,
                         const Eigen::VectorXd& sizes) {
  const Eigen::VectorXd inverse = sizes.cwiseInverse();
  Eigen::MatrixXd matrix = P.cwiseAbs2() * inverse.asDiagonal();
  matrix.diagonal() += Eigen::VectorXd::Ones(a.size()) - inverse;
  return dense::solve(matrix, a);
}

double mean_over_pairs(double average, double autocovariance, double size) {
  // A population of one neuron has no pairs.
  if (size == 1) return std::numeric_limits<double>::quiet_NaN();
  return (size * average - autocovariance) / (size - 1);
}

}  // namespace

CovarianceSpectra covariance_spectra(const Network& network, const StationaryState& state,
                                     const Eigen::VectorXd& frequencies, NoiseModel noise,
                                     const ResponseOptions& options, const std::stop_token& stop) {
  if (frequencies.size() > 0 && (!(frequencies.minCoeff() >= 0) || !frequencies.allFinite())) {
    throw std::invalid_argument("covariances: frequencies must be finite and not negative");
  }
  const Eigen::VectorXd sizes = detail::population_sizes(network);
  const NetworkResponse response(network, state, options);
  detail::require_state_of(mean_field(network), state);
  const Eigen::Index n = response.size();
  CovarianceSpectra result;
  result.frequencies = frequencies;
  result.rate_dynamics_stable = state.rate_dynamics_stable;
  result.autocovariances.resize(frequencies.size(), n);
  result.noise_strength.resize(frequencies.size(), n);
  Eigen::MatrixXcd matrix;
  Eigen::Index reached = 0;
  for (Eigen::Index k = 0; k < frequencies.size() && !stop.stop_requested(); ++k) {
    reached = k + 1;
    const double omega = 2 * std::numbers::pi * frequencies[k];
    response.effective_connectivity({0, omega}, matrix);
    const Eigen::MatrixXcd P =
        dense::inverse(Eigen::MatrixXcd(Eigen::MatrixXcd::Identity(n, n) - matrix));
    Eigen::VectorXd a = state.rates;
    if (noise == NoiseModel::kRenewal) {
      const Eigen::VectorXd shape = response.spike_train_spectrum(omega);
      a = (a.array() == 0).select(0.0, a.array() * shape.array());
    }
    const Eigen::VectorXd D = noise_of(P, a, sizes);
    Eigen::MatrixXcd averages =
        P * D.cwiseQuotient(sizes).cast<Complex>().asDiagonal() * P.adjoint();
    averages.diagonal() = averages.diagonal().real().cast<Complex>();
    result.autocovariances.row(k) = a.transpose();
    result.noise_strength.row(k) = D.transpose();
    result.pairwise.push_back(averages);
    for (Eigen::Index i = 0; i < n; ++i)
      result.pairwise.back()(i, i) = mean_over_pairs(averages(i, i).real(), a[i], sizes[i]);
    result.averages.push_back(std::move(averages));
  }
  result.frequencies.conservativeResize(reached);
  result.autocovariances.conservativeResize(reached, Eigen::NoChange);
  result.noise_strength.conservativeResize(reached, Eigen::NoChange);
  return result;
}

}  // namespace nuphi
