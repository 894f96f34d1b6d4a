// ν depends on μ, V_th and V_reset through their differences, so that ω_t = ∂ln ν/∂μ + ω_r with
// both addends positive: ω_r alone has to be found beside what siegert() knows.
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/lif_parameter_gradient.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "adiabatic_slopes.h"
#include "siegert_evaluate.h"
#include "uniform_rate.h"

namespace nuphi {
namespace {
using detail::Boundaries, detail::ColourShift, detail::Pair, detail::SecondExpansion;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr LifPartials kUndefined{kNaN, kNaN, kNaN, kNaN, kNaN};

/// 0 · ∞ is 0: what is not there has no effect however steep.
double times(double x, double y) { return x == 0 || y == 0 ? 0 : x * y; }

template <class Function>
LifPartials map(const LifPartials& p, Function f) {
  const auto limited = [&f](double x) { return std::clamp(f(x), -kLargest, kLargest); };
  return {limited(p.tau_m), limited(p.t_ref), limited(p.V_th), limited(p.V_reset),
          limited(p.tau_syn)};
}

/// ν τ_m√π f/σ and ν τ_m√π f'/σ² at the reset.
struct ResetEnd {
  double weight = 0;
  double slope = 0;
};

/// y_t ≤ 0: region A of the kernel.
ResetEnd reset_end_above(const Boundaries<double>& b, double factor) {
  const double x = b.x_threshold + b.length, four_sigma = 4 * b.sigma;
  const double beta = 1 / (x + b.sigma), u = (four_sigma - x) / (four_sigma + x);
  return {factor * beta * detail::polynomial(detail::kDerivative0, u),
          factor * beta * beta * detail::polynomial(detail::kDerivative1, u)};
}

/// y_t > 0: all times e^{−y_t²}. y_r has two doubles like y_t, as only their squares' difference is
/// felt.
ResetEnd reset_end_below(const Boundaries<double>& b, const Pair<double>& to_reset, double factor) {
  const detail::ScaledThreshold<double> threshold = detail::scaled_threshold(b);
  Boundaries<double> at_reset = b;
  at_reset.to_threshold = to_reset;
  at_reset.c_threshold = detail::subtract(b.c_threshold, Pair<double>{b.c_excess, 0});
  const detail::ScaledThreshold<double> reset = detail::scaled_threshold(at_reset);
  const double e = detail::exp_minus(threshold.square), y = reset.y;
  double f = 0, slope = 0;
  if (y <= 0) {
    const double u = (4 + y) / (4 - y), beta = 1 / (1 - y);
    f = e * beta * detail::polynomial(detail::kDerivative0, u);
    slope = e * beta * beta * detail::polynomial(detail::kDerivative1, u);
  } else {
    const double w = detail::exp_minus(detail::subtract(threshold.square, reset.square));
    f = 2 * w - e * detail::erfcx(y);
    slope = 2 * y * f + detail::kTwoOverSqrtPi * e;
  }
  const double scale = factor / b.sigma;
  return {scale * f, scale / b.sigma * slope};
}

/// y_t beyond kDeep, where T is e^{y_t²}(1 − e^{y_r²−y_t²})/y_t but for constants.
ResetEnd reset_end_deep(const Boundaries<double>& b) {
  const double y = -b.x_threshold / b.sigma, d = b.length / b.sigma;
  if (d >= y) return {};  // y_r ≤ 0
  const double weight = 2 * y / std::expm1(d * (2 * y - d)) / b.sigma;
  return {weight, 2 * (y - d) * weight / b.sigma};
}

ResetEnd reset_end(const Boundaries<double>& b, const Pair<double>& to_reset, double factor) {
  if (b.x_threshold >= 0) return reset_end_above(b, factor);
  if (-b.x_threshold / b.sigma > detail::kDeep) return reset_end_deep(b);
  return reset_end_below(b, to_reset, factor);
}

/// ln ν of a neuron and its boundaries.
struct Seen {
  SecondExpansion e;         ///< its rate; slopes in better units
  double l_mu = 0;           ///< ∂ln ν/∂μ = ω_t − ω_r [1/V]
  double slope = 0;          ///< the same of f': ν τ_m√π Δf'/σ² [1/V²]
  ResetEnd reset;            ///< [1/V], [1/V²]
  double sigma_l_mu = 0;     ///< σ ∂ln ν/∂μ
  double sigma_omega_r = 0;  ///< σ ω_r over 2^stretch
  int stretch = 0;

  /// σ ω_r x, representable where the product is.
  [[nodiscard]] double reset_times(double x) const {
    return std::ldexp(times(sigma_omega_r, x), stretch);
  }
};

Seen see(double mu, double sigma, const LifParameters& neuron, const ColourShift& shift) {
  const auto collect = [](const SecondExpansion& e, const ResetEnd& reset, double s, int volt,
                          int stretch) {
    const double slope = e.l_mu * e.l_mu - e.log_hessian.mu_mu;
    return Seen{
        e,
        std::ldexp(e.l_mu, -volt),
        std::ldexp(slope, -2 * volt),
        {std::ldexp(reset.weight, stretch - volt), std::ldexp(reset.slope, stretch - 2 * volt)},
        s * e.l_mu,
        s * reset.weight,
        stretch};
  };
  if (detail::is_ordinary(mu, sigma, neuron)) {
    const Boundaries<double> b = detail::boundaries(mu, sigma, neuron, shift);
    const SecondExpansion e = detail::expand<true>(b, neuron.tau_m, neuron.t_ref);
    const Pair<double> to_reset = detail::two_sum(neuron.V_reset, -mu);
    return collect(e, reset_end(b, to_reset, e.factor), sigma, 0, 0);
  }
  const detail::Rescaled scaled = detail::rescale(mu, sigma, neuron, shift);
  const Boundaries<double>& b = scaled.boundaries;
  SecondExpansion e = detail::expand_rescaled(scaled, neuron.t_ref);
  // Part of a very long interval is in the scaled t_ref.
  e.busy = std::max(e.busy, 1 - e.rate * neuron.t_ref);
  return collect(e, reset_end(b, {b.to_reset, 0}, e.factor), b.sigma, scaled.volt, scaled.stretch);
}

/// ∂ln ν/∂p of the formula with (shifted) boundaries.
LifPartials shifted(const Seen& n, const LifParameters& p, const ColourShift& shift,
                    Correction correction) {
  LifPartials d{.tau_m = -n.e.busy / p.tau_m,
                .t_ref = -n.e.rate,
                .V_th = -(n.l_mu + n.reset.weight),
                .V_reset = n.reset.weight};
  if (shift.threshold == 0) return d;
  // σ (ω_t c − ω_r c_r)/2, without subtracting: c − c_r is known.
  const double moved = 0.5 * (times(n.sigma_l_mu, shift.threshold) + n.reset_times(shift.excess));
  d.tau_m += moved / p.tau_m;
  d.tau_syn = -moved / p.tau_syn;
  if (correction == Correction::kShiftRefractory) {
    const double delay = p.t_ref / p.tau_syn;
    const double c_reset = shift.threshold * std::exp(-delay);
    d.t_ref -= n.reset_times(c_reset) / p.tau_syn;
    d.tau_syn += n.reset_times(times(c_reset, delay)) / p.tau_syn;
  }
  return d;
}

/// (∂ν/∂p)/ν₀ of ν = ν₀ − cσ ∂ν₀/∂μ, ν₀ the rate for white noise.
LifPartials taylor(const Seen& n, const LifParameters& p, double c, double sigma) {
  const double shift = c * n.sigma_l_mu, c_sigma = c * sigma;
  const double omega_r = n.reset.weight, omega_t = n.l_mu + omega_r;
  const double slope_r = n.reset.slope, slope_t = n.slope + slope_r;
  return {.tau_m = (-n.e.busy + shift / 2 + shift * (n.e.busy - n.e.rate * p.t_ref)) / p.tau_m,
          .t_ref = -n.e.rate * (1 - 2 * shift),
          .V_th = -omega_t + 2 * shift * omega_t - c_sigma * slope_t,
          .V_reset = omega_r - 2 * shift * omega_r + c_sigma * slope_r,
          .tau_syn = -shift / (2 * p.tau_syn)};
}

LifParameterGradient adiabatic(double mu, double sigma, const LifParameters& p) {
  const detail::AdiabaticSlopes s = detail::adiabatic_slopes(mu, sigma, p);
  // s² = σ²τ_m/(2τ_syn)
  const double through_s = times(0.5 * sigma, s.rate.dlog_rate_dsigma);
  const LifPartials d{.tau_m = (through_s - s.busy) / p.tau_m,
                      .t_ref = -s.t_ref,
                      .V_th = -(s.rate.dlog_rate_dmu + s.reset),
                      .V_reset = s.reset,
                      .tau_syn = -through_s / p.tau_syn};
  return {map(d, [&](double x) { return times(s.rate.rate, x); }),
          map(d, [](double x) { return x; })};
}

}  // namespace

LifParameterGradient lif_parameter_gradient(double mu, double sigma, const LifParameters& neuron,
                                            Correction correction) noexcept {
  if (!detail::in_domain(mu, sigma, neuron)) return {kUndefined, kUndefined};
  if (sigma == 0 && mu <= neuron.V_th) {
    return {mu == neuron.V_th ? kUndefined : LifPartials{}, kUndefined};
  }
  const bool colour = neuron.tau_syn > 0;
  if (colour && correction == Correction::kAdiabatic) return adiabatic(mu, sigma, neuron);
  if (colour && correction == Correction::kUniform) {
    const detail::UniformRate r = detail::uniform_rate(mu, sigma, neuron);
    return {map(r.dlog_rate, [&](double x) { return times(r.rate.rate, x); }), r.dlog_rate};
  }
  if (colour && correction == Correction::kExact) return exact_rate(mu, sigma, neuron).parameters;
  const bool first_order = colour && correction == Correction::kTaylor;
  const ColourShift shift =
      detail::colour_shift(neuron, first_order ? Correction::kNone : correction);
  const Seen n = see(mu, sigma, neuron, shift);
  const auto drate = [&n](double x) { return n.e.rate_times(x); };
  if (first_order) {
    const double c = detail::colour_shift(neuron, Correction::kShift).threshold;
    const LifPartials d = taylor(n, neuron, c, sigma);
    const double bracket = 1 - c * n.sigma_l_mu;
    return {map(d, drate),
            bracket > 0 ? map(d, [&](double x) { return x / bracket; }) : kUndefined};
  }
  const LifPartials d = shifted(n, neuron, shift, correction);
  // Silent beyond all numbers.
  if (std::isinf(n.e.log_rate)) return {{}, kUndefined};
  return {map(d, drate), map(d, [](double x) { return x; })};
}

}  // namespace nuphi
