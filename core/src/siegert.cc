#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "siegert_evaluate.h"

namespace nuphi {
namespace detail {

Pair<double> half_alpha_root(double tau_syn, double tau_m) noexcept {
  constexpr Pair<double> kHalfAlpha{1.0326265761156086, -4.927193887772517e-18};
  const double ratio = tau_syn / tau_m;
  const auto within = [](double x) { return x > 1e-200 && x < 1e200; };
  if (!(within(ratio) && within(tau_m) && within(tau_syn))) {
    return {std::min(kHalfAlpha.high * (std::sqrt(tau_syn) / std::sqrt(tau_m)), 1e100), 0};
  }
  // One Newton step on the rounded square root of the rounded quotient.
  const Pair<double> product = two_product(ratio, tau_m);
  const double ratio_low = ((tau_syn - product.high) - product.low) / tau_m;
  const double root = std::sqrt(ratio);
  const Pair<double> square = two_product(root, root);
  const double root_low = (((ratio - square.high) - square.low) + ratio_low) / (root + root);
  const Pair<double> result = two_product(kHalfAlpha.high, root);
  return fast_two_sum(result.high,
                      result.low + (kHalfAlpha.high * root_low + kHalfAlpha.low * root));
}

ColourShift colour_shift(const LifParameters& neuron, Correction correction) noexcept {
  ColourShift shift;
  if (neuron.tau_syn == 0 || correction == Correction::kNone || correction == Correction::kTaylor) {
    return shift;
  }
  shift.threshold = half_alpha_root(neuron.tau_syn, neuron.tau_m);
  shift.reset = shift.threshold;
  if (correction == Correction::kShiftRefractory) {
    // The synaptic current goes on decaying while the neuron is refractory: less is left at reset.
    shift.excess = -shift.threshold.high * std::expm1(-neuron.t_ref / neuron.tau_syn);
    shift.reset = subtract(shift.threshold, Pair<double>{shift.excess, 0});
  }
  return shift;
}

bool in_domain(double mu, double sigma, const LifParameters& n) noexcept {
  return std::isfinite(mu) && std::isfinite(sigma) && std::isfinite(n.tau_m) &&
         std::isfinite(n.t_ref) && std::isfinite(n.V_th) && std::isfinite(n.V_reset) &&
         std::isfinite(n.tau_syn) && sigma >= 0 && n.tau_m > 0 && n.t_ref >= 0 && n.tau_syn >= 0 &&
         n.V_reset < n.V_th;
}

}  // namespace detail

namespace {
using detail::Expansion;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();

constexpr SiegertSecond kUndefined{
    {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

SiegertSecond silent(bool at_threshold) {
  const double slope = at_threshold ? kNaN : 0;
  return {{0, -kInfinity, slope, slope, kNaN, kNaN}, slope, slope, slope, kNaN, kNaN, kNaN};
}

template <bool kSecond>
SiegertSecond collect(const Expansion& e) {
  SiegertSecond r;
  r.first = {e.rate, e.log_rate, e.rate_times(e.l_mu), e.rate_times(e.l_sigma), e.l_mu, e.l_sigma};
  if constexpr (kSecond) {
    r.d2rate_dmu2 = e.rate_times(e.ratio_hessian.mu_mu);
    r.d2rate_dmudsigma = e.rate_times(e.ratio_hessian.mu_sigma);
    r.d2rate_dsigma2 = e.rate_times(e.ratio_hessian.sigma_sigma);
    r.d2log_rate_dmu2 = e.log_hessian.mu_mu;
    r.d2log_rate_dmudsigma = e.log_hessian.mu_sigma;
    r.d2log_rate_dsigma2 = e.log_hessian.sigma_sigma;
  }
  return r;
}

/// ν = ν₀ − cσ ∂ν₀/∂μ = ν₀ B and its gradient from the expansion of ν₀.
SiegertSecond collect_taylor(const Expansion& e, double sigma, double c) {
  const double c_sigma = c * sigma;
  const double bracket = 1 - c_sigma * e.l_mu;
  const double g_mu = e.l_mu - c_sigma * e.ratio_hessian.mu_mu;  // ν_μ/ν₀
  const double g_sigma = e.l_sigma - c * e.l_mu - c_sigma * e.ratio_hessian.mu_sigma;
  SiegertSecond r = kUndefined;
  r.first.rate = e.rate_times(bracket);
  r.first.drate_dmu = e.rate_times(g_mu);
  r.first.drate_dsigma = e.rate_times(g_sigma);
  if (bracket > 0) {
    const bool normal = r.first.rate > std::numeric_limits<double>::min();
    r.first.log_rate = normal ? std::log(r.first.rate) : e.log_rate + std::log(bracket);
    r.first.dlog_rate_dmu = g_mu / bracket;
    r.first.dlog_rate_dsigma = g_sigma / bracket;
  }
  return r;
}

template <bool kSecond>
SiegertSecond collect(const Expansion& e, double sigma, const std::optional<double>& taylor_c) {
  return taylor_c ? collect_taylor(e, sigma, *taylor_c) : collect<kSecond>(e);
}

/// value · 2^unit, for differences that double cannot hold.
struct Scaled {
  detail::Pair<double> value;
  int unit = 0;

  [[nodiscard]] int exponent() const;
  [[nodiscard]] detail::Pair<double> in_units_of(int exponent) const {
    return {std::ldexp(value.high, unit - exponent), std::ldexp(value.low, unit - exponent)};
  }
};

int exponent_of(double x) { return x == 0 ? -5000 : std::ilogb(x); }

int Scaled::exponent() const { return exponent_of(value.high) + unit; }

Scaled difference(double x, double y) {
  const int unit = std::max(std::abs(x), std::abs(y)) > 1e300 ? 4 : 0;
  return {detail::two_sum(std::ldexp(x, -unit), -std::ldexp(y, -unit)), unit};
}

/// Arguments of any size: the same rate in units in which σ or |μ − V_th| and τ_m are of order one.
template <bool kSecond>
[[gnu::noinline, gnu::cold]] SiegertSecond extreme(double mu, double sigma,
                                                   const LifParameters& neuron,
                                                   const detail::ColourShift& shift,
                                                   const std::optional<double>& taylor_c) {
  const Scaled drive = difference(mu, neuron.V_th);
  const Scaled interval = difference(neuron.V_th, neuron.V_reset);
  const int volt = std::max(drive.exponent(), exponent_of(sigma));
  const double scaled_sigma = std::ldexp(sigma, -volt);
  const double added = shift.excess * scaled_sigma;

  // A short interval makes the integral proportional to its length, to all digits: it can be longer
  // by 2^stretch, t_ref with it. A long one makes it grow by the logarithm of its length alone.
  constexpr int kShort = -300, kLong = 800;
  const int size = std::max(interval.exponent() - volt, exponent_of(added));
  const int stretch = std::max(kShort - size, 0);
  const int squeeze = std::max(size - kLong, 0);
  const double length = interval.in_units_of(volt - stretch + squeeze).high;

  detail::Boundaries<double> b;
  // A smaller σ is of no account above threshold, and out of the range of the logarithm below.
  b.sigma = sigma == 0 ? 0 : std::max(scaled_sigma, 1e-155);
  b.length = length + std::ldexp(added, stretch);
  b.c_threshold = shift.threshold.high;
  b.c_excess = shift.excess;
  b.x_threshold = drive.in_units_of(volt);
  b.to_threshold = -b.x_threshold.high;
  b.x_threshold = subtract(b.x_threshold, multiply(shift.threshold, b.sigma));
  if (stretch + squeeze > 0) {
    b.x_reset = detail::two_sum(b.x_threshold.high, b.length);
    b.to_reset = b.to_threshold - length;
  } else {
    b.x_reset = difference(mu, neuron.V_reset).in_units_of(volt);
    b.to_reset = -b.x_reset.high;
    b.x_reset = subtract(b.x_reset, multiply(shift.reset, b.sigma));
  }

  // T/τ_m in units of 2^time; beside a t_ref this large the integral is nothing.
  constexpr int kLongTime = 660;
  const int time =
      std::max(exponent_of(neuron.tau_m), exponent_of(neuron.t_ref) + stretch - kLongTime);
  const double tau_m = std::max(std::ldexp(neuron.tau_m, -time), 1e-100);
  const double t_ref =
      std::ldexp(neuron.t_ref, stretch - time) + tau_m * (squeeze * std::numbers::ln2);

  Expansion e = detail::expand<kSecond>(b, tau_m, t_ref);
  const int power = stretch - time;
  const int half_power = e.half == 1 ? 0 : power / 2;
  e.half = std::ldexp(e.half, half_power);
  e.other_half = std::min(std::ldexp(e.other_half, power - half_power), kLargest);
  e.rate = e.half * e.other_half;
  if (neuron.t_ref > 0) e.rate = std::min(e.rate, 1 / neuron.t_ref);
  e.log_rate += power * std::numbers::ln2;

  SiegertSecond r = collect<kSecond>(e, b.sigma, taylor_c);
  const auto rescale = [volt](double& x, int order) {
    x = std::clamp(std::ldexp(x, -order * volt), -kLargest, kLargest);
  };
  rescale(r.first.rate, 0);
  for (double* x : {&r.first.drate_dmu, &r.first.drate_dsigma, &r.first.dlog_rate_dmu,
                    &r.first.dlog_rate_dsigma}) {
    rescale(*x, 1);
  }
  for (double* x : {&r.d2rate_dmu2, &r.d2rate_dmudsigma, &r.d2rate_dsigma2, &r.d2log_rate_dmu2,
                    &r.d2log_rate_dmudsigma, &r.d2log_rate_dsigma2}) {
    rescale(*x, 2);
  }
  return r;
}

template <bool kSecond>
inline SiegertSecond evaluate(double mu, double sigma, const LifParameters& neuron,
                              Correction correction) {
  const bool ordinary = detail::is_ordinary(mu, sigma, neuron);
  if (!ordinary && !detail::in_domain(mu, sigma, neuron)) return kUndefined;
  if (sigma == 0 && mu <= neuron.V_th) return silent(mu == neuron.V_th);
  std::optional<double> taylor_c;
  if (neuron.tau_syn > 0) {
    if (correction == Correction::kAdiabatic) return kUndefined;
    if (correction == Correction::kTaylor) {
      taylor_c = detail::half_alpha_root(neuron.tau_syn, neuron.tau_m).high;
    }
  }
  const detail::ColourShift shift = detail::colour_shift(neuron, correction);
  if (!ordinary) {
    return taylor_c ? extreme<true>(mu, sigma, neuron, shift, taylor_c)
                    : extreme<kSecond>(mu, sigma, neuron, shift, taylor_c);
  }
  const detail::Boundaries<double> b = detail::boundaries(mu, sigma, neuron, shift);
  if (taylor_c) {
    return collect_taylor(detail::expand<true>(b, neuron.tau_m, neuron.t_ref), sigma, *taylor_c);
  }
  return collect<kSecond>(detail::expand<kSecond>(b, neuron.tau_m, neuron.t_ref));
}

}  // namespace

SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                    Correction correction) noexcept {
  return evaluate<false>(mu, sigma, neuron, correction).first;
}

SiegertSecond siegert_second(double mu, double sigma, const LifParameters& neuron,
                             Correction correction) noexcept {
  return evaluate<true>(mu, sigma, neuron, correction);
}

}  // namespace nuphi
