#include <nuphi/core/scalar_root.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "siegert_evaluate.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
/// g = ln[(T − t_ref)/(T* − t_ref)], T = 1/ν the mean interval and T* the wanted one. Unlike ν
/// itself it is convex in μ and in ln σ over the whole range, parabolic for a silent neuron and
/// logarithmic near saturation: Newton's home.
using Sample = ScalarSample;

/// ln(T − t_ref). A rate ≤ 0 (kTaylor far below threshold) counts as an infinite interval.
double log_excess(double rate, double log_rate, double t_ref) {
  if (rate < 0 || std::isnan(log_rate)) return std::isnan(rate) ? kNaN : kInfinity;
  // A saturated rate may exceed 1/t_ref by a rounding.
  return std::log(std::max(0.0, std::fma(-rate, t_ref, 1.0))) - log_rate;
}

struct Target {
  double log_excess;
  LifParameters neuron;
  Correction correction;

  Target(double rate, const LifParameters& p, Correction c)
      : log_excess(nuphi::log_excess(rate, std::log(rate), p.t_ref)), neuron(p), correction(c) {}

  /// `slope` is the partial of ln ν that belongs to the variable sought.
  template <class Slope>
  [[nodiscard]] Sample sample(const SiegertRate& r, Slope slope) const {
    const double value = nuphi::log_excess(r.rate, r.log_rate, neuron.t_ref) - log_excess;
    const double noise = 2 * kEpsilon * std::max(1.0, std::abs(log_excess));
    return {value, -slope / std::fma(-r.rate, neuron.t_ref, 1.0), noise};
  }
  [[nodiscard]] Sample at_mu(double mu, double sigma) const {
    const SiegertRate r = siegert(mu, sigma, neuron, correction);
    return sample(r, r.dlog_rate_dmu);
  }
  /// In u = ln(σ/σ₀).
  [[nodiscard]] Sample at_sigma(double mu, double sigma) const {
    const SiegertRate r = siegert(mu, sigma, neuron, correction);
    return sample(r, r.dlog_rate_dsigma * sigma);
  }
};

bool in_domain(double rate, const LifParameters& p) {
  return rate > 0 && std::isfinite(rate) && p.tau_m > 0 && p.t_ref >= 0 && rate * p.t_ref < 1 &&
         p.V_th > p.V_reset;
}

double noiseless_mu(double rate, const LifParameters& p) {
  return p.V_th + (p.V_th - p.V_reset) / std::expm1((1 / rate - p.t_ref) / p.tau_m);
}

/// Above threshold the noiseless neuron is near; below it ν τ_m ~ e^{−y_t²}.
/// (e^{−a²/2}, a = (V_th − μ)/s, for slow synapses; e^{−y_t²(1 + τ_syn/τ_m)} exactly).
double mu_guess(double rate, double sigma, const LifParameters& p, Correction correction) {
  const double depth = -std::log(rate * p.tau_m);
  const bool slow = p.tau_syn > 0 && correction == Correction::kAdiabatic;
  const bool exact =
      p.tau_syn > 0 && (correction == Correction::kExact || correction == Correction::kUniform);
  const double width = slow    ? sigma * std::sqrt(p.tau_m / p.tau_syn)
                       : exact ? sigma / std::sqrt(1 + p.tau_syn / p.tau_m)
                               : sigma;
  return noiseless_mu(rate, p) - width * std::sqrt(std::max(0.0, depth));
}

/// The rate as a function of σ at fixed μ, in u = ln(σ/scale).
struct SigmaSearch {
  static constexpr double kHighest = 40;  // σ = e^40 scales: the rate is at its limit to rounding

  Target target;
  double mu;
  double scale;

  [[nodiscard]] double sigma(double u) const { return scale * std::exp(u); }

  [[nodiscard]] double rising(double start, double low) const {
    const auto f = [&](double u) { return target.at_sigma(mu, sigma(u)); };
    return sigma(decreasing_root(f, precise, start, {.low = low, .high = kHighest, .step = 1}));
  }
  /// The branch left of the minimum, where the rate falls with σ.
  [[nodiscard]] double falling(double high) const {
    const auto f = [&](double v) {
      const Sample s = target.at_sigma(mu, sigma(-v));
      return Sample{s.value, -s.slope, s.noise};
    };
    return sigma(
        -decreasing_root(f, precise, std::max(0.5 - high, -5.0), {.low = -high, .step = 1}));
  }
  [[nodiscard]] double slope(double u) const {
    return siegert(mu, sigma(u), target.neuron, target.correction).dlog_rate_dsigma;
  }
  /// u of the smallest rate, by bisection of the slope's sign; kHighest where the rate falls
  /// throughout, as it may with kShiftRefractory, whose rate tends to less than 1/t_ref.
  [[nodiscard]] double lowest() const {
    double low = 0;
    double high = 0;
    while (!(slope(high) > 0) && high < kHighest) high += 1;
    if (high == kHighest) return kHighest;
    while (slope(low) >= 0 && low > -100) low -= 1;
    for (int k = 0; k < 60; ++k) {
      const double middle = (low + high) / 2;
      (slope(middle) < 0 ? low : high) = middle;
    }
    return (low + high) / 2;
  }
  /// Whether the search ended at a root rather than at the end of its range.
  [[nodiscard]] bool is_root(double at) const {
    const Sample s = target.at_sigma(mu, at);
    return std::abs(s.value) <= 1e-9 * std::max(1.0, std::abs(target.log_excess));
  }
  static double precise(double) { return kEpsilon; }
};

void add_root(SigmaRoots& roots, double sigma) {
  (roots.count == 0 ? roots.lower : roots.upper) = sigma;
  ++roots.count;
}

/// Above threshold with colour: the rate falls from that of the noiseless neuron to a minimum, then
/// rises to its limit.
SigmaRoots dip_roots(const SigmaSearch& search, double rate, double noiseless_rate) {
  const double lowest = search.lowest();
  const Sample bottom = search.target.at_sigma(search.mu, search.sigma(lowest));
  SigmaRoots roots;
  if (bottom.value < -bottom.noise) return roots;
  if (rate < noiseless_rate) {
    const double lower = search.falling(lowest);
    if (search.is_root(lower)) add_root(roots, lower);
  } else if (rate == noiseless_rate) {
    add_root(roots, 0);
  }
  if (lowest == SigmaSearch::kHighest) return roots;
  const double upper = search.rising(lowest + 0.5, lowest);
  if (search.is_root(upper)) add_root(roots, upper);
  return roots;
}

SigmaRoots single_root(const SigmaSearch& search, double rate, double noiseless_rate) {
  SigmaRoots roots;
  if (rate < (1 - 4 * kEpsilon) * noiseless_rate) return roots;
  const double sigma = rate <= noiseless_rate ? 0 : search.rising(0, -kInfinity);
  if (sigma == 0 || search.is_root(sigma)) add_root(roots, sigma);
  return roots;
}

}  // namespace

double siegert_inverse_mu(double rate, double sigma, const LifParameters& neuron,
                          Correction correction) noexcept {
  if (!in_domain(rate, neuron) || !(sigma >= 0) || std::isinf(sigma)) return kNaN;
  if (sigma == 0) return noiseless_mu(rate, neuron);
  const Target target(rate, neuron, correction);
  const auto f = [&](double mu) { return target.at_mu(mu, sigma); };
  const auto tolerance = [&](double mu) {
    return kEpsilon * (std::abs(mu) + std::abs(neuron.V_th - mu));
  };
  return decreasing_root(f, tolerance, mu_guess(rate, sigma, neuron, correction),
                         {.step = sigma + (neuron.V_th - neuron.V_reset)});
}

SigmaRoots siegert_inverse_sigma(double rate, double mu, const LifParameters& neuron,
                                 Correction correction) noexcept {
  const bool has_shape = neuron.tau_syn == 0 || detail::moves_boundaries(correction);
  if (!in_domain(rate, neuron) || !std::isfinite(mu) || !has_shape) return {};
  const double noiseless_rate = siegert(mu, 0, neuron, correction).rate;
  const double scale = std::abs(neuron.V_th - mu) + (neuron.V_th - neuron.V_reset);
  const SigmaSearch search{Target(rate, neuron, correction), mu, scale};
  const bool shifted = correction != Correction::kNone && neuron.tau_syn > 0;
  if (shifted && mu > neuron.V_th) return dip_roots(search, rate, noiseless_rate);
  return single_root(search, rate, noiseless_rate);
}

}  // namespace nuphi
