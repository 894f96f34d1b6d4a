#include <nuphi/analysis/spectra.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "complex_eigenvalues.h"
#include "population_sizes.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

/// Largest step of a trajectory between two frequencies that is still followed without looking in
/// between.
constexpr double kClearOverlap = 0.7;
constexpr int kDeepestBisection = 16;

/// Eigenvalues of M along the imaginary axis, each column one trajectory: neighbours are matched by
/// the overlap of eigenvectors, and the interval is halved until the match is clear.
class Tracker {
 public:
  Tracker(const NetworkResponse& response, double omega)
      : response_(response), omega_(omega), system_(at(omega)) {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(system_.values.size()));
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
      return std::abs(system_.values[a]) > std::abs(system_.values[b]);
    });
    permute(order);
  }

  const Eigen::VectorXcd& values() const { return system_.values; }

  void advance(double omega) { go(omega, at(omega), 0); }

 private:
  detail::ComplexEigenSystem at(double omega) const {
    Eigen::MatrixXcd matrix;
    response_.effective_connectivity({0, omega}, matrix);
    return detail::complex_eigen_system(matrix);
  }

  void permute(const std::vector<Eigen::Index>& order) {
    detail::ComplexEigenSystem sorted = system_;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const auto to = static_cast<Eigen::Index>(k);
      sorted.values[to] = system_.values[order[k]];
      sorted.right.col(to) = system_.right.col(order[k]);
      sorted.left.row(to) = system_.left.row(order[k]);
    }
    system_ = std::move(sorted);
  }

  /// For each known trajectory the best partner in `next`; false when a match is not clear.
  bool match(const detail::ComplexEigenSystem& next, std::vector<Eigen::Index>& partner) const {
    const Eigen::MatrixXd overlap = (system_.left * next.right).cwiseAbs();
    const Eigen::Index n = overlap.rows();
    std::vector<bool> taken(static_cast<std::size_t>(n), false);
    partner.assign(static_cast<std::size_t>(n), 0);
    bool clear = true;
    for (Eigen::Index i = 0; i < n; ++i) {
      Eigen::Index best = -1;
      for (Eigen::Index j = 0; j < n; ++j) {
        if (!taken[static_cast<std::size_t>(j)] && (best < 0 || overlap(i, j) > overlap(i, best)))
          best = j;
      }
      taken[static_cast<std::size_t>(best)] = true;
      partner[static_cast<std::size_t>(i)] = best;
      const double rest = overlap.row(i).maxCoeff();
      clear = clear && overlap(i, best) >= rest && overlap(i, best) > kClearOverlap;
    }
    return clear;
  }

  void go(double omega, detail::ComplexEigenSystem next, int depth) {
    std::vector<Eigen::Index> partner;
    if (!match(next, partner) && depth < kDeepestBisection) {
      const double middle = 0.5 * (omega_ + omega);
      go(middle, at(middle), depth + 1);
      go(omega, std::move(next), depth + 1);
      return;
    }
    system_ = std::move(next);
    omega_ = omega;
    permute(partner);
  }

  const NetworkResponse& response_;
  double omega_;
  detail::ComplexEigenSystem system_;
};

}  // namespace

Eigen::MatrixXd Spectra::coherence(Eigen::Index k) const {
  const Eigen::MatrixXcd& c = cross.at(static_cast<std::size_t>(k));
  const Eigen::VectorXd diagonal = c.diagonal().real();
  return (c.cwiseAbs2().array() / (diagonal * diagonal.transpose()).array()).matrix();
}

Spectra spectra(const Network& network, const StationaryState& state,
                const Eigen::VectorXd& frequencies, const SpectraOptions& options) {
  if (frequencies.size() == 0 || !(frequencies.minCoeff() >= 0) || !frequencies.allFinite()) {
    throw std::invalid_argument("spectra: frequencies must be finite and not negative");
  }
  const NetworkResponse response(network, state, options.response);
  const Eigen::VectorXd poisson = state.rates.cwiseQuotient(detail::population_sizes(network));
  const Eigen::Index n = response.size();
  Spectra result;
  result.frequencies = frequencies;
  result.response_mu.resize(frequencies.size(), n);
  result.response_variance.resize(frequencies.size(), n);
  result.power.resize(frequencies.size(), n);
  result.eigenvalues.resize(frequencies.size(), n);
  Tracker tracker(response, 2 * std::numbers::pi * frequencies[0]);
  Eigen::VectorXcd mu;
  Eigen::VectorXcd variance;
  for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
    const double omega = 2 * std::numbers::pi * frequencies[k];
    response.neuron_response({0, omega}, mu, variance);
    result.response_mu.row(k) = mu.transpose();
    result.response_variance.row(k) = variance.transpose();
    Eigen::MatrixXcd matrix;
    response.effective_connectivity({0, omega}, matrix);
    const Eigen::MatrixXcd propagator =
        (Eigen::MatrixXcd::Identity(n, n) - matrix).partialPivLu().inverse();
    Eigen::VectorXd noise = poisson;
    if (options.noise == NoiseSource::kRenewal)
      noise = noise.cwiseProduct(response.spike_train_spectrum(omega));
    result.cross.emplace_back(propagator * noise.cast<Complex>().asDiagonal() *
                              propagator.adjoint());
    result.power.row(k) = result.cross.back().diagonal().real().transpose();
    result.effective_connectivity.push_back(std::move(matrix));
    if (k > 0) tracker.advance(omega);
    result.eigenvalues.row(k) = tracker.values().transpose();
  }
  return result;
}

std::vector<ModeSensitivity> mode_sensitivities(const Eigen::MatrixXcd& m) {
  const detail::ComplexEigenSystem system = detail::complex_eigen_system(m);
  std::vector<ModeSensitivity> modes;
  for (Eigen::Index k = 0; k < system.values.size(); ++k) {
    ModeSensitivity mode;
    mode.eigenvalue = system.values[k];
    mode.right = system.right.col(k);
    mode.left = system.left.row(k).adjoint();  // rows of the inverse are conj(u) with uᴴv = 1
    mode.sensitivity =
        ((mode.left.conjugate() * mode.right.transpose()).array() * m.array()).matrix();
    const Complex towards = (1.0 - mode.eigenvalue) / std::abs(1.0 - mode.eigenvalue);
    mode.amplitude = (mode.sensitivity * std::conj(towards)).real();
    mode.frequency = (mode.sensitivity * std::conj(Complex(0, 1) * towards)).real();
    modes.push_back(std::move(mode));
  }
  std::sort(modes.begin(), modes.end(), [](const ModeSensitivity& a, const ModeSensitivity& b) {
    return std::abs(1.0 - a.eigenvalue) < std::abs(1.0 - b.eigenvalue);
  });
  return modes;
}

}  // namespace nuphi
