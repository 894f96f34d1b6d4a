#include <nuphi/core/colored_noise.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "exact_domain.h"
#include "exact_solve.h"
#include "passage_rate.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr LifPartials kNoPartials{kNaN, kNaN, kNaN, kNaN, kNaN};

using detail::kFastest, detail::kSlowest, detail::kNoiseless, detail::kSilent, detail::kShortest;

double limited(double x) { return std::clamp(x, -kLargest, kLargest); }

void times_rate(SiegertRate& r) {
  r.drate_dmu = limited(r.rate * r.dlog_rate_dmu);
  r.drate_dsigma = limited(r.rate * r.dlog_rate_dsigma);
}

LifPartials scaled(const LifPartials& p, double factor) {
  return {limited(factor * p.tau_m), limited(factor * p.t_ref), limited(factor * p.V_th),
          limited(factor * p.V_reset), limited(factor * p.tau_syn)};
}

/// What another correction says.
ExactRate by(Correction correction, double mu, double sigma, const LifParameters& neuron,
             const ExactOptions& options) {
  ExactRate r;
  r.rate = siegert(mu, sigma, neuron, correction);
  if (options.gradient) r.parameters = lif_parameter_gradient(mu, sigma, neuron, correction);
  r.cv = options.cv ? isi_cv(mu, sigma, neuron, correction) : kNaN;
  return r;
}

/// Slow synapses none of whose currents leaves the neuron silent: each spike train is that of a
/// constant current m, of interval T(m); over spikes CV² = ⟨T⟩⟨1/T⟩ − 1, ⟨·⟩ over the currents.
double slow_cv(double mu, double sigma, const LifParameters& p) {
  const double s = sigma * std::sqrt(0.5 * p.tau_m / p.tau_syn);
  constexpr double kStep = 0.25;
  constexpr int kNodes = 34;
  const auto interval = [&](int i) {
    const double above = mu + s * i * kStep - p.V_th;
    return p.t_ref + p.tau_m * std::log1p((p.V_th - p.V_reset) / above);
  };
  const auto weight = [](int i) {
    return kStep * std::exp(-0.5 * (i * kStep) * (i * kStep)) / std::sqrt(2 * std::numbers::pi);
  };
  double mean = 0, square = 0;
  for (int i = -kNodes; i <= kNodes; ++i) {
    if (mu + s * i * kStep > p.V_th) mean += weight(i) * interval(i);
  }
  for (int i = -kNodes; i <= kNodes; ++i) {
    if (mu + s * i * kStep <= p.V_th) continue;
    const double a = interval(i) / mean - 1;  // ⟨1/(1 + a)⟩ − 1 = ⟨a²/(1 + a)⟩ as ⟨a⟩ = 0
    square += weight(i) * a * a / (1 + a);
  }
  return std::sqrt(square);
}

/// From the passage time to the rate.
ExactRate collect(const detail::PassageTime& passage, double mu, double sigma,
                  const LifParameters& p, const ExactOptions& options) {
  ExactRate r;
  const detail::PassageRate rate =
      options.gradient ? detail::passage_rate(passage.log_time, passage.log_gradient, mu, sigma, p)
                       : detail::passage_rate(passage.log_time, p);
  r.rate = rate.rate;
  r.residual = passage.residual;
  r.cv = options.cv ? rate.ready * passage.cv : kNaN;
  r.parameters = {scaled(rate.dlog_rate, rate.rate.rate), rate.dlog_rate};
  if (options.gradient) return r;
  SiegertRate& s = r.rate;
  s.drate_dmu = s.drate_dsigma = s.dlog_rate_dmu = s.dlog_rate_dsigma = kNaN;
  r.parameters = {kNoPartials, kNoPartials};
  return r;
}

ExactRate solve(double mu, double sigma, const LifParameters& neuron, const ExactOptions& options) {
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, neuron);
  const detail::PassageTime passage =
      passage_time(n, detail::grid_of(options.resolution), {options.gradient, options.cv});
  return collect(passage, mu, sigma, neuron, options);
}

/// Hardly any noise: ln ν = ln ν₀ + r²(ln ν′ − ln ν₀) with ν′ the rate at σ′ = (μ − V_th)/60 and
/// r = σ/σ′; the CV is r times that.
ExactRate nearly_noiseless(double mu, double sigma, const LifParameters& p,
                           const ExactOptions& options) {
  const double above = mu - p.V_th, other = above / kNoiseless, ratio = sigma / other;
  const double square = ratio * ratio;
  const ExactRate noisy = solve(mu, other, p, options);
  const ExactRate quiet = by(Correction::kNone, mu, 0, p, {.gradient = options.gradient});
  ExactRate r;
  const double change = noisy.rate.log_rate - quiet.rate.log_rate;
  r.rate.log_rate = quiet.rate.log_rate + square * change;
  r.rate.rate = std::exp(r.rate.log_rate);
  r.residual = square * noisy.residual;
  r.cv = ratio * noisy.cv;
  const auto mix = [square](double at_zero, double at_other) {
    return at_zero + square * (at_other - at_zero);
  };
  // σ′ moves with μ and V_th.
  const double moving = square * (noisy.rate.dlog_rate_dsigma / kNoiseless - 2 * change / above);
  r.rate.dlog_rate_dmu = mix(quiet.rate.dlog_rate_dmu, noisy.rate.dlog_rate_dmu) + moving;
  r.rate.dlog_rate_dsigma = 2 * ratio / other * change;
  if (!options.gradient) r.rate.dlog_rate_dmu = r.rate.dlog_rate_dsigma = kNaN;
  times_rate(r.rate);
  const LifPartials &a = quiet.parameters.dlog_rate, &b = noisy.parameters.dlog_rate;
  r.parameters.dlog_rate = {mix(a.tau_m, b.tau_m), mix(a.t_ref, b.t_ref),
                            mix(a.V_th, b.V_th) - moving, mix(a.V_reset, b.V_reset),
                            square * b.tau_syn};
  r.parameters.drate = scaled(r.parameters.dlog_rate, r.rate.rate);
  return r;
}

/// Far below threshold: the barrier y_t²(1 + k²) of the free membrane, whose variance is that of
/// white noise of the amplitude σ/√(1 + k²).
ExactRate silent(double mu, double sigma, const LifParameters& p, const ExactOptions& options) {
  const double ratio = p.tau_syn / p.tau_m, shrink = 1 / std::sqrt(1 + ratio);
  ExactRate r = by(Correction::kNone, mu, sigma * shrink, p, options);
  const double through = 0.5 * sigma * r.rate.dlog_rate_dsigma * shrink * shrink * shrink;
  r.rate.dlog_rate_dsigma *= shrink;
  if (!options.gradient) return r;
  times_rate(r.rate);
  r.parameters.dlog_rate.tau_m += through * ratio / p.tau_m;
  r.parameters.dlog_rate.tau_syn = -through / p.tau_m;
  r.parameters.drate = scaled(r.parameters.dlog_rate, r.rate.rate);
  return r;
}

ExactRate undefined() {
  return {{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}, {kNoPartials, kNoPartials}, kNaN, kNaN};
}

}  // namespace

ExactRate exact_rate(double mu, double sigma, const LifParameters& neuron,
                     const ExactOptions& options) noexcept {
  const double ratio = neuron.tau_syn / neuron.tau_m;
  // Without noise, white, or outside the domain.
  const bool coloured = detail::in_domain(mu, sigma, neuron) && sigma > 0 && neuron.tau_syn > 0;
  if (!coloured) return by(Correction::kNone, mu, sigma, neuron, options);
  if (ratio < kFastest) return by(Correction::kShiftRefractory, mu, sigma, neuron, options);
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, neuron);
  const bool slow = ratio > kSlowest;
  if (slow || detail::is_adiabatic(n)) {
    ExactRate r = by(Correction::kAdiabatic, mu, sigma, neuron, options);
    if (options.cv && !slow) r.cv = slow_cv(mu, sigma, neuron);
    return r;
  }
  if (n.y_t > kSilent) return silent(mu, sigma, neuron, options);
  if (!(n.y_t - n.y_r > kShortest)) return undefined();
  if (n.y_t < -kNoiseless) return nearly_noiseless(mu, sigma, neuron, options);
  return solve(mu, sigma, neuron, options);
}

}  // namespace nuphi
