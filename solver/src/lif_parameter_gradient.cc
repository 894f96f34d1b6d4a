#include "lif_parameter_gradient.h"

#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kHalfAlpha = 1.0326265761156086;  // α/2 = |ζ(1/2)|/√2
const double kRootPi = std::sqrt(std::numbers::pi);

/// e^{x²} erfc x for x ≥ 0, a few ulp: the rounding of x² would cost x² ulp, so its low part is
/// carried. erfc itself underflows at 26.
double erfcx(double x) {
  if (x < 25) {
    const double square = x * x;
    return std::exp(square) * (1 + std::fma(x, x, -square)) * std::erfc(x);
  }
  const double w = 1 / (2 * x * x);
  double sum = 1;
  for (int n = 7; n > 0; --n) sum = 1 - (2 * n - 1) * w * sum;
  return sum / (x * kRootPi);
}

/// ln f(y), f(y) = e^{y²}(1 + erf y) = erfcx(−y).
double log_f(double y) { return y > 0 ? y * y + std::log1p(std::erf(y)) : std::log(erfcx(-y)); }

/// A boundary of the Siegert integral seen from ln ν: weight = ν τ_m√π f(y), the size of −∂ln ν/∂y.
struct Boundary {
  double y;
  double weight;
};

Boundary boundary(double y, double log_rate, double tau_m) {
  return {y, std::exp(log_rate + log_f(y)) * tau_m * kRootPi};
}

struct Shift {
  double threshold = 0;  ///< c
  double reset = 0;      ///< c_r
};

Shift shift_of(const LifParameters& p, Correction correction) {
  if (p.tau_syn <= 0) return {};
  const double c = kHalfAlpha * std::sqrt(p.tau_syn / p.tau_m);
  if (correction == Correction::kShift) return {c, c};
  if (correction == Correction::kShiftRefractory) return {c, c * std::exp(-p.t_ref / p.tau_syn)};
  return {};
}

LifPartials scaled(const LifPartials& p, double factor) {
  return {p.tau_m * factor, p.t_ref * factor, p.V_th * factor, p.V_reset * factor,
          p.tau_syn * factor};
}

/// Without noise T = t_ref + τ_m ln((μ − V_reset)/(μ − V_th)); the shift c σ vanishes.
LifPartials noiseless(double mu, const SiegertRate& r, const LifParameters& p) {
  if (mu < p.V_th) return {};
  if (mu == p.V_th) return {kNaN, kNaN, kNaN, kNaN, kNaN};
  return {.tau_m = -(1 - r.rate * p.t_ref) / p.tau_m,
          .t_ref = -r.rate,
          .V_th = -r.rate * p.tau_m / (mu - p.V_th),
          .V_reset = r.rate * p.tau_m / (mu - p.V_reset)};
}

/// ∂ln ν/∂p of the formula with (shifted) boundaries.
LifPartials shifted(double mu, double sigma, const SiegertRate& r, const LifParameters& p,
                    const Shift& c) {
  const Boundary t = boundary((p.V_th - mu) / sigma + c.threshold, r.log_rate, p.tau_m);
  const Boundary b = boundary((p.V_reset - mu) / sigma + c.reset, r.log_rate, p.tau_m);
  // −Σ weight ∂c: what a change of the shifts by (dc, dc_r) does to ln ν.
  const auto moved = [&](double dc, double dc_r) { return b.weight * dc_r - t.weight * dc; };
  LifPartials d{.tau_m = -(1 - r.rate * p.t_ref) / p.tau_m,
                .t_ref = -r.rate,
                .V_th = -t.weight / sigma,
                .V_reset = b.weight / sigma};
  if (c.threshold == 0) return d;
  d.tau_m += moved(-c.threshold, -c.reset) / (2 * p.tau_m);
  d.tau_syn = moved(c.threshold, c.reset) / (2 * p.tau_syn);
  if (c.reset != c.threshold) {
    d.t_ref += moved(0, -c.reset / p.tau_syn);
    d.tau_syn += moved(0, c.reset * p.t_ref / (p.tau_syn * p.tau_syn));
  }
  return d;
}

/// ν = ν₀ − c q, q = ν₀² τ_m√π [f(y_t) − f(y_r)] with ν₀ and y of white noise: the product rule
/// with f' = 2yf + 2/√π.
LifPartials taylor(double mu, double sigma, const LifParameters& p) {
  const SiegertRate white = siegert(mu, sigma, p, Correction::kNone);
  const LifPartials d = shifted(mu, sigma, white, p, {});
  const Boundary t = boundary((p.V_th - mu) / sigma, white.log_rate, p.tau_m);
  const Boundary b = boundary((p.V_reset - mu) / sigma, white.log_rate, p.tau_m);
  const double c = kHalfAlpha * std::sqrt(p.tau_syn / p.tau_m);
  const double difference = t.weight - b.weight;  // q/ν₀ = −∂ln ν₀/∂y for both boundaries
  const auto slope = [&](const Boundary& x) {     // ν₀ τ_m√π f'(y)
    return 2 * x.y * x.weight + 2 * white.rate * p.tau_m;
  };
  // ∂q/∂p = ν₀ (2 ∂ln ν₀/∂p difference + explicit part)
  const auto total = [&](double dlog, double explicit_part, double dc) {
    return white.rate * (dlog - c * (2 * dlog * difference + explicit_part) - dc * difference);
  };
  return {.tau_m = total(d.tau_m, difference / p.tau_m, -c / (2 * p.tau_m)),
          .t_ref = total(d.t_ref, 0, 0),
          .V_th = total(d.V_th, slope(t) / sigma, 0),
          .V_reset = total(d.V_reset, -slope(b) / sigma, 0),
          .tau_syn = total(0, 0, c / (2 * p.tau_syn))};
}

/// Central differences of sixth order; the rate of kAdiabatic is an integral of its own.
double difference(double mu, double sigma, const LifParameters& neuron, Correction correction,
                  double LifParameters::*member, double scale) {
  const double h = 5e-3 * scale;
  const auto rate = [&](double step) {
    LifParameters moved = neuron;
    moved.*member += step;
    return siegert(mu, sigma, moved, correction).rate;
  };
  return (45 * (rate(h) - rate(-h)) - 9 * (rate(2 * h) - rate(-2 * h)) +
          (rate(3 * h) - rate(-3 * h))) /
         (60 * h);
}

/// Forward differences of fifth order: t_ref = 0 is a border.
double refractory_difference(double mu, double sigma, const LifParameters& neuron,
                             Correction correction) {
  const double h = 2e-3 * neuron.tau_m;
  constexpr double kWeights[] = {-137.0 / 60, 5, -5, 10.0 / 3, -5.0 / 4, 1.0 / 5};
  double sum = 0;
  for (int k = 0; k < 6; ++k) {
    LifParameters moved = neuron;
    moved.t_ref += k * h;
    sum += kWeights[k] * siegert(mu, sigma, moved, correction).rate;
  }
  return sum / h;
}

LifPartials differenced(double mu, double sigma, const LifParameters& p, Correction correction) {
  const auto d = [&](double LifParameters::*member, double scale) {
    return difference(mu, sigma, p, correction, member, scale);
  };
  const double voltage = std::min(sigma, p.V_th - p.V_reset);
  return {.tau_m = d(&LifParameters::tau_m, p.tau_m),
          .t_ref = refractory_difference(mu, sigma, p, correction),
          .V_th = d(&LifParameters::V_th, voltage),
          .V_reset = d(&LifParameters::V_reset, voltage),
          .tau_syn = d(&LifParameters::tau_syn, p.tau_syn)};
}

}  // namespace

LifParameterGradient lif_parameter_gradient(double mu, double sigma, const LifParameters& neuron,
                                            Correction correction) {
  const SiegertRate r = siegert(mu, sigma, neuron, correction);
  const LifPartials undefined{kNaN, kNaN, kNaN, kNaN, kNaN};
  if (std::isnan(r.rate)) return {undefined, undefined};
  if (sigma == 0) {
    const LifPartials d = noiseless(mu, r, neuron);
    return {scaled(d, r.rate), d};
  }
  if (r.rate == 0 && std::isinf(r.log_rate)) return {{}, undefined};  // silent beyond all numbers
  const bool colour = neuron.tau_syn > 0;
  if (colour && correction == Correction::kTaylor) {
    const LifPartials d = taylor(mu, sigma, neuron);
    return {d, scaled(d, 1 / r.rate)};
  }
  if (colour && correction == Correction::kAdiabatic) {
    const LifPartials d = differenced(mu, sigma, neuron, correction);
    return {d, scaled(d, 1 / r.rate)};
  }
  const LifPartials d = shifted(mu, sigma, r, neuron, shift_of(neuron, correction));
  return {scaled(d, r.rate), d};
}

}  // namespace nuphi
