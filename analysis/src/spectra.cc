#include <nuphi/analysis/spectra.h>
#include <nuphi/solver/linear_algebra.h>

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "eigen_system.h"
#include "near_one.h"
#include "population_sizes.h"
#include "state_check.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

using detail::EigenSystem;

/// Least overlap of eigenvectors with which a trajectory is followed without looking in between.
constexpr double kClearOverlap = 0.7;
/// Matrices looked at between two frequencies before the best match is taken as it is.
constexpr int kMostBetween = 64;
/// Eigenvalues this close, relative to the largest, need not be told apart.
constexpr double kSameValue = 1e-6;

using Order = std::vector<Eigen::Index>;

void permute(EigenSystem& system, const Order& order) {
  if (std::is_sorted(order.begin(), order.end())) return;
  const EigenSystem old = system;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto to = static_cast<Eigen::Index>(k);
    system.values[to] = old.values[order[k]];
    system.right.col(to) = old.right.col(order[k]);
    system.left.row(to) = old.left.row(order[k]);
  }
}

void sort_by_falling_modulus(EigenSystem& system) {
  Order order(static_cast<std::size_t>(system.values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::abs(system.values[a]) > std::abs(system.values[b]);
  });
  permute(system, order);
}

/// Which of the eigenvalues of `next` continues each of those of `now`: the largest overlaps of
/// eigenvectors first.
struct Match {
  Order partner;
  bool clear = true;  ///< none could as well be another
};
Match match(const EigenSystem& now, const EigenSystem& next) {
  const Eigen::MatrixXd overlap = (now.left * next.right).cwiseAbs();
  const Eigen::Index n = overlap.rows();
  const double same = kSameValue * next.values.cwiseAbs().maxCoeff();
  Match result;
  result.partner.assign(static_cast<std::size_t>(n), 0);
  Eigen::MatrixXd left = overlap;
  for (Eigen::Index k = 0; k < n; ++k) {
    Eigen::Index i = 0, j = 0;
    if (!(left.maxCoeff(&i, &j) >= 0)) i = j = k;  // NaN
    result.partner[static_cast<std::size_t>(i)] = j;
    const bool is_best =
        overlap(i, j) > kClearOverlap && overlap(i, j) >= overlap.row(i).maxCoeff();
    result.clear = result.clear && (is_best || std::abs(next.values[j] - now.values[i]) <= same);
    left.row(i).setConstant(-1);
    left.col(j).setConstant(-1);
  }
  return result;
}

/// Eigenvalues of M along the imaginary axis in the order of trajectories: neighbours are matched,
/// and the interval between them is halved until the match is clear.
class Tracker {
 public:
  explicit Tracker(const NetworkResponse& response) : response_(response) {}

  /// Puts `next`, at `omega`, into the order of `now`, at `from`.
  void order(const EigenSystem& now, double from, EigenSystem& next, double omega) {
    looks_left_ = kMostBetween;
    go(now, from, next, omega);
  }

 private:
  void go(const EigenSystem& now, double from, EigenSystem& next, double omega) {
    const Match found = match(now, next);
    if (found.clear || looks_left_ == 0) return permute(next, found.partner);
    --looks_left_;
    const double middle = 0.5 * (from + omega);
    Eigen::MatrixXcd matrix;
    response_.effective_connectivity({0, middle}, matrix);
    EigenSystem between = detail::eigen_system(matrix);
    go(now, from, between, middle);
    go(between, middle, next, omega);
  }

  const NetworkResponse& response_;
  int looks_left_ = 0;
};

/// Puts every system into the order of the trajectories that begin at the first.
void follow(const NetworkResponse& response, const Eigen::VectorXd& omega,
            std::vector<EigenSystem>& systems) {
  sort_by_falling_modulus(systems[0]);
  Tracker tracker(response);
  for (std::size_t k = 1; k < systems.size(); ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    tracker.order(systems[k - 1], omega[at - 1], systems[k], omega[at]);
  }
}

ModeSensitivity sensitivity_of(const EigenSystem& system, Eigen::Index k,
                               const Eigen::MatrixXcd& m) {
  ModeSensitivity mode;
  mode.eigenvalue = system.values[k];
  mode.right = system.right.col(k);
  mode.left = system.left.row(k).adjoint();  // rows of the inverse are conj(u) with uᴴv = 1
  const Complex towards = (1.0 - mode.eigenvalue) / std::abs(1.0 - mode.eigenvalue);
  const Complex turned = std::conj(towards);
  mode.sensitivity.resize(m.rows(), m.cols());
  mode.amplitude.resize(m.rows(), m.cols());
  mode.frequency.resize(m.rows(), m.cols());
  for (Eigen::Index j = 0; j < m.cols(); ++j) {
    for (Eigen::Index i = 0; i < m.rows(); ++i) {
      const Complex z = system.left(k, i) * mode.right[j] * m(i, j);
      mode.sensitivity(i, j) = z;
      mode.amplitude(i, j) = z.real() * turned.real() - z.imag() * turned.imag();
      mode.frequency(i, j) = z.real() * turned.imag() + z.imag() * turned.real();
    }
  }
  return mode;
}

/// Frequencies are independent of each other: over the processors.
template <class Body>
void for_each_index(std::size_t count, const Body& body) {
  tbb::parallel_for(std::size_t{0}, count, body);
}

Eigen::Index nearest_to_one(const Eigen::VectorXcd& values) {
  Eigen::Index k = 0;
  (values.array() - 1.0).abs2().minCoeff(&k);
  return k;
}

std::vector<ModeSensitivity> sensitivities_of(const EigenSystem& system, const Eigen::MatrixXcd& m,
                                              SensitivityOf which) {
  if (which == SensitivityOf::kNearest)
    return {sensitivity_of(system, nearest_to_one(system.values), m)};
  std::vector<ModeSensitivity> modes;
  for (Eigen::Index k = 0; k < system.values.size(); ++k)
    modes.push_back(sensitivity_of(system, k, m));
  return modes;
}

/// (1 − M)⁻¹
Eigen::MatrixXcd propagator(const Eigen::MatrixXcd& m) {
  return dense::inverse(Eigen::MatrixXcd(Eigen::MatrixXcd::Identity(m.rows(), m.rows()) - m));
}

/// P D Pᴴ
Eigen::MatrixXcd cross_spectra(const Eigen::MatrixXcd& P, const Eigen::VectorXd& noise) {
  const Eigen::MatrixXcd driven = P * noise.cwiseSqrt().asDiagonal();
  return dense::product(driven, driven.adjoint());
}

/// Eigenvalues that are followed where there are more: those nearest to 1.
Eigen::Index followed(Eigen::Index n, const SpectraOptions& options) {
  constexpr Eigen::Index kAllUpTo = 64, kNearest = 12;
  if (options.sensitivity == SensitivityOf::kAll) return n;
  if (options.most_eigenvalues > 0) return std::min<Eigen::Index>(n, options.most_eigenvalues);
  return n <= kAllUpTo ? n : kNearest;
}

ModeSensitivity sensitivity_of(const detail::EigenPair& pair, const Eigen::MatrixXcd& m) {
  const EigenSystem system{Eigen::VectorXcd::Constant(1, pair.value), pair.right,
                           pair.left.adjoint()};
  return sensitivity_of(system, 0, m);
}

/// The eigenvalues of a large network near 1, and the sensitivity of the nearest.
void add_near_one(std::vector<detail::NearOne>& near, const SpectraOptions& options,
                  Spectra& result) {
  std::vector<Complex> nearest;
  for (const detail::NearOne& at : near) nearest.push_back(at.values[0]);
  detail::keep_order(near);
  result.eigenvalues.resize(static_cast<Eigen::Index>(near.size()), near[0].values.size());
  for (std::size_t k = 0; k < near.size(); ++k)
    result.eigenvalues.row(static_cast<Eigen::Index>(k)) = near[k].values.transpose();
  if (options.sensitivity == SensitivityOf::kNone) return;
  result.sensitivities.resize(near.size());
  for_each_index(near.size(), [&](std::size_t k) {
    const Eigen::MatrixXcd& m = result.effective_connectivity[k];
    result.sensitivities[k] = {sensitivity_of(detail::eigenpair_near(m, nearest[k]), m)};
  });
}

}  // namespace

Eigen::MatrixXd Spectra::coherence(Eigen::Index k) const {
  const Eigen::MatrixXcd& c = cross.at(static_cast<std::size_t>(k));
  const Eigen::VectorXd diagonal = c.diagonal().real();
  return (c.cwiseAbs2().array() / (diagonal * diagonal.transpose()).array()).matrix();
}

namespace {

/// Where the work was stopped, only the frequencies before it are there.
void keep_first(Spectra& result, std::size_t count) {
  const auto rows = static_cast<Eigen::Index>(count);
  if (rows == result.frequencies.size()) return;
  result.frequencies.conservativeResize(rows);
  result.response_mu.conservativeResize(rows, Eigen::NoChange);
  result.response_variance.conservativeResize(rows, Eigen::NoChange);
  result.power.conservativeResize(rows, Eigen::NoChange);
  result.effective_connectivity.resize(count);
  result.cross.resize(count);
}

}  // namespace

Spectra spectra(const Network& network, const StationaryState& state,
                const Eigen::VectorXd& frequencies, const SpectraOptions& options) {
  if (frequencies.size() == 0 || !(frequencies.minCoeff() >= 0) || !frequencies.allFinite()) {
    throw std::invalid_argument("spectra: frequencies must be finite and not negative");
  }
  const NetworkResponse response(network, state, options.response);
  detail::require_state_of(mean_field(network), state);
  const Eigen::VectorXd poisson = state.rates.cwiseQuotient(detail::population_sizes(network));
  const Eigen::Index n = response.size();
  Spectra result;
  result.frequencies = frequencies;
  result.rate_dynamics_stable = state.rate_dynamics_stable;
  result.power.resize(frequencies.size(), n);
  Eigen::VectorXd omega = 2 * std::numbers::pi * frequencies;
  Eigen::MatrixXcd mu;
  Eigen::MatrixXcd variance;
  response.neuron_responses(omega, mu, variance);
  result.response_mu = mu.transpose();
  result.response_variance = variance.transpose();
  const bool tracked = options.eigenvalues || options.sensitivity != SensitivityOf::kNone;
  const auto asked = static_cast<std::size_t>(frequencies.size());
  const Eigen::Index wanted = followed(n, options);
  const bool all = wanted == n;
  std::vector<EigenSystem> systems(tracked && all ? asked : 0);
  std::vector<detail::NearOne> near(tracked && !all ? asked : 0);
  result.effective_connectivity.resize(asked);
  result.cross.resize(asked);
  std::vector<char> reached(asked, 0);
  for_each_index(reached.size(), [&](std::size_t at) {
    if (options.stop.stop_requested()) return;
    reached[at] = 1;
    const auto k = static_cast<Eigen::Index>(at);
    Eigen::MatrixXcd& matrix = result.effective_connectivity[at];
    response.effective_connectivity({0, omega[k]}, mu.col(k), variance.col(k), matrix);
    Eigen::VectorXd noise = poisson;
    if (options.noise == NoiseSource::kRenewal)
      noise = noise.cwiseProduct(response.spike_train_spectrum(omega[k]));
    const Eigen::MatrixXcd P = propagator(matrix);
    result.cross[at] = cross_spectra(P, noise);
    result.power.row(k) = result.cross[at].diagonal().real().transpose();
    if (!systems.empty()) systems[at] = detail::eigen_system(matrix);
    if (!near.empty()) near[at] = detail::eigenvalues_near_one(matrix, P, wanted);
  });
  const auto missing = std::find(reached.begin(), reached.end(), 0);
  const auto count = static_cast<std::size_t>(missing - reached.begin());
  keep_first(result, count);
  if (!tracked || count == 0) return result;
  if (!all) {
    near.resize(count);
    add_near_one(near, options, result);
    return result;
  }
  systems.resize(count);
  omega.conservativeResize(static_cast<Eigen::Index>(count));
  follow(response, omega, systems);
  result.eigenvalues.resize(static_cast<Eigen::Index>(count), n);
  for (std::size_t k = 0; k < count; ++k)
    result.eigenvalues.row(static_cast<Eigen::Index>(k)) = systems[k].values.transpose();
  if (options.sensitivity == SensitivityOf::kNone) return result;
  result.sensitivities.resize(count);
  for_each_index(count, [&](std::size_t k) {
    result.sensitivities[k] =
        sensitivities_of(systems[k], result.effective_connectivity[k], options.sensitivity);
  });
  return result;
}

ModeSensitivity mode_sensitivity(const Eigen::MatrixXcd& m, Complex near) {
  return sensitivity_of(detail::eigenpair_near(m, near), m);
}

std::vector<ModeSensitivity> mode_sensitivities(const Eigen::MatrixXcd& m) {
  std::vector<ModeSensitivity> modes =
      sensitivities_of(detail::eigen_system(m), m, SensitivityOf::kAll);
  std::sort(modes.begin(), modes.end(), [](const ModeSensitivity& a, const ModeSensitivity& b) {
    return std::abs(1.0 - a.eigenvalue) < std::abs(1.0 - b.eigenvalue);
  });
  return modes;
}

}  // namespace nuphi
