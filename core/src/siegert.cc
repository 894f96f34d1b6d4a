#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "siegert_evaluate.h"

namespace nuphi {
namespace detail {

Pair<double> half_alpha_root(double tau_syn, double tau_m) noexcept {
  constexpr Pair<double> kHalfAlpha{1.0326265761156086, -4.927193887772517e-18};
  const double ratio = tau_syn / tau_m;
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
    // The synaptic current goes on decaying while the neuron is refractory, so less of it is left
    // at the reset.
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

bool is_ordinary(double mu, double sigma, const LifParameters& n) noexcept {
  constexpr double kLarge = 1e60, kSmall = 1e-60;
  const double voltage = std::max({std::abs(mu), sigma, std::abs(n.V_th), std::abs(n.V_reset)});
  return voltage < kLarge && voltage > kSmall && (sigma > kSmall || sigma == 0) &&
         n.tau_m < kLarge && n.tau_m > kSmall && n.t_ref < kLarge &&
         (n.tau_syn == 0 || (n.tau_syn < kLarge && n.tau_syn > kSmall));
}

}  // namespace detail

namespace {
using detail::Boundaries;
using detail::SiegertIntegral;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <bool kSecond>
SiegertIntegral<double> integral(const Boundaries<double>& b) {
  if (b.x_threshold.high >= 0) return detail::above_threshold<kSecond>(b);
  const auto threshold = detail::scaled_threshold(b);
  const double d = b.length * threshold.inverse_sigma;
  if (d * (1 + 2 * threshold.y) < 0.6) return detail::below_threshold_narrow<kSecond>(b, threshold);
  return detail::below_threshold_wide<kSecond>(b, threshold);
}

SiegertRate ordinary_siegert(double mu, double sigma, const LifParameters& neuron,
                             Correction correction) {
  if (sigma == 0 && mu <= neuron.V_th) {
    const double slope = mu == neuron.V_th ? kNaN : 0;
    return {0, -kInfinity, slope, slope, kNaN, kNaN};
  }
  const auto b = detail::boundaries(mu, sigma, neuron, detail::colour_shift(neuron, correction));
  const double y = -b.x_threshold.high / sigma;
  if (y > 1e10) {
    // ln ν = −y² + O(ln y): everything but the leading term is below rounding.
    const double slope = 2 * y / sigma;
    return {0, -y * y, 0, 0, slope, slope * (b.to_threshold / sigma)};
  }
  const auto s = integral<false>(b);
  const double period = neuron.tau_m * s.integral + neuron.t_ref * s.scale;  // times scale
  const double factor = neuron.tau_m * detail::kSqrtPi / period;
  SiegertRate r;
  r.dlog_rate_dmu = factor * s.d_mu;
  r.dlog_rate_dsigma = factor * s.d_sigma;
  r.rate = s.scale / period;
  if (s.exponent.high < 600) {
    r.log_rate = std::log(r.rate);
    r.drate_dmu = r.rate * r.dlog_rate_dmu;
    r.drate_dsigma = r.rate * r.dlog_rate_dsigma;
  } else {
    r.log_rate = -s.exponent.high - (std::log(period) + s.exponent.low);
    // Halves of the exponent: a derivative can be representable where the rate is not.
    const double half =
        detail::exp_minus(detail::Pair<double>{s.exponent.high / 2, s.exponent.low / 2});
    r.rate = half * (half / period);
    r.drate_dmu = (half * r.dlog_rate_dmu) * (half / period);
    r.drate_dsigma = (half * r.dlog_rate_dsigma) * (half / period);
  }
  return r;
}
}  // namespace

SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                    Correction correction) noexcept {
  const bool coloured = neuron.tau_syn > 0;
  if (!detail::in_domain(mu, sigma, neuron) ||
      (coloured && (correction == Correction::kTaylor || correction == Correction::kAdiabatic))) {
    return {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  }
  return ordinary_siegert(mu, sigma, neuron, correction);
}

}  // namespace nuphi
