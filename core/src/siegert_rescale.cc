#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "siegert_evaluate.h"

namespace nuphi::detail {
namespace {

int exponent_of(double x) { return x == 0 ? -5000 : std::ilogb(x); }

/// value · 2^unit, for differences that double cannot hold.
struct Scaled {
  Pair<double> value;
  int unit = 0;

  [[nodiscard]] int exponent() const { return exponent_of(value.high) + unit; }
  [[nodiscard]] Pair<double> in_units_of(int exponent) const {
    return {std::ldexp(value.high, unit - exponent), std::ldexp(value.low, unit - exponent)};
  }
};

Scaled difference(double x, double y) {
  const int unit = std::max(std::abs(x), std::abs(y)) > 1e300 ? 4 : 0;
  return {two_sum(std::ldexp(x, -unit), -std::ldexp(y, -unit)), unit};
}

}  // namespace

bool in_domain(double mu, double sigma, const LifParameters& n) noexcept {
  for (const double x : {mu, sigma, n.tau_m, n.t_ref, n.V_th, n.V_reset, n.tau_syn}) {
    if (!std::isfinite(x)) return false;
  }
  return sigma >= 0 && n.tau_m > 0 && n.t_ref >= 0 && n.tau_syn >= 0 && n.V_reset < n.V_th;
}

Rescaled rescale(double mu, double sigma, const LifParameters& neuron,
                 const ColourShift& shift) noexcept {
  const Scaled drive = difference(neuron.V_th, mu);
  const Scaled interval = difference(neuron.V_th, neuron.V_reset);
  Rescaled r;
  r.volt = std::max(drive.exponent(), exponent_of(sigma));
  const double scaled_sigma = std::ldexp(sigma, -r.volt);
  const double added = shift.excess * scaled_sigma;

  constexpr int kShort = -300, kLong = 800;
  const int size = std::max(interval.exponent() - r.volt, exponent_of(added));
  r.stretch = std::max(kShort - size, 0);
  // A long interval makes the integral grow by the logarithm of its length alone.
  const int squeeze = std::max(size - kLong, 0);
  const double length = interval.in_units_of(r.volt - r.stretch + squeeze).high;

  Boundaries<double>& b = r.boundaries;
  // Below threshold a smaller σ puts even the logarithm of the rate out of range; it must not
  // become 0.
  b.sigma = drive.value.high < 0 ? scaled_sigma : std::max(scaled_sigma, 1e-155);
  b.length = length + std::ldexp(added, r.stretch);
  b.to_threshold = drive.in_units_of(r.volt);
  b.to_reset = b.to_threshold.high - length;
  apply(shift, b);

  // T/τ_m in units of 2^time; beside a t_ref this large the integral is nothing.
  constexpr int kLongTime = 660;
  const int time =
      std::max(exponent_of(neuron.tau_m), exponent_of(neuron.t_ref) + r.stretch - kLongTime);
  r.tau_m = std::max(std::ldexp(neuron.tau_m, -time), 1e-100);
  r.t_ref = std::ldexp(neuron.t_ref, r.stretch - time) + r.tau_m * (squeeze * std::numbers::ln2);
  r.rate_power = r.stretch - time;
  return r;
}

SecondExpansion expand_rescaled(const Rescaled& scaled, double t_ref) noexcept {
  SecondExpansion e = expand<true>(scaled.boundaries, scaled.tau_m, scaled.t_ref);
  const int power = scaled.rate_power;
  const int half_power = e.half == 1 ? 0 : power / 2;
  e.half = std::ldexp(e.half, half_power);
  e.other_half =
      std::min(std::ldexp(e.other_half, power - half_power), std::numeric_limits<double>::max());
  e.rate = e.half * e.other_half;
  if (t_ref > 0) e.rate = std::min(e.rate, 1 / t_ref);
  e.log_rate += power * std::numbers::ln2;
  return e;
}

}  // namespace nuphi::detail
