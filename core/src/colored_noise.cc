#include <nuphi/core/colored_noise.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "double_double.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {
using detail::Pair;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

constexpr SiegertRate kUndefined{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

/// The noiseless neuron in a unit of voltage X: τ_m ν₀ at X ξ above threshold is
/// g(ξ) = 1/(ρ + ln(1 + Λ/ξ)), Λ = (V_th − V_reset)/X, ρ = t_ref/τ_m.
struct Noiseless {
  double lambda = 0;
  double rho = 0;

  [[nodiscard]] double rate(double xi) const {
    return 1 / (rho + std::log1p(std::min(lambda / xi, 1e300)));
  }
};

/// The averaged rate and its derivatives, all but for a common factor.
struct Moments {
  double rate = 0;
  double first = 0;
  double second = 0;
};

/// (2 + w) ln(1 + w) − 2w, positive and of order w³: the curvature of the noiseless rate.
double curvature(double w) {
  const double v = w / (2 + w);
  if (v > 0.25) return (2 + w) * std::log1p(w) - 2 * w;
  const double square = v * v;
  double sum = 0;
  for (int n = 25; n >= 3; n -= 2) sum = sum * square + 1.0 / n;  // atanh v − v over v³
  return 2 * (2 + w) * v * square * sum;
}

/// Threshold at least ten standard deviations below the mean: ∫ w g, ∫ w g', ∫ w g'' over
/// w(u) = e^{−u²/2}, ξ = 1 + εu in units of X = μ − V_th. The integrand is analytic where the
/// Gaussian is not yet nothing, so that the trapezoidal rule converges like e^{−2π²/h²}; ε = 0 is a
/// point like any other.
Moments far_above(double epsilon, const Noiseless& neuron) {
  constexpr double kStep = 0.7;
  constexpr int kNodes = 13;
  Moments sum;
  for (int k = -kNodes; k <= kNodes; ++k) {
    const double u = k * kStep;
    const double xi = 1 + epsilon * u;
    const double w = std::min(neuron.lambda / xi, 1e300);
    const double g = neuron.rate(xi);
    const double weight = kStep * std::exp(-0.5 * u * u) * g;
    // g' = g² w/(ξ(1 + w)),  g'' = −g³ w [(2 + w)(ρ + ln(1 + w)) − 2w]/(ξ(1 + w))²
    const double slope = g / (xi * (1 + w));
    sum.rate += weight;
    sum.first += weight * w * slope;
    sum.second -= weight * slope * slope * w * (neuron.rho * (2 + w) + curvature(w));
  }
  return sum;
}

/// Nodes x = exp(t − e^{−t}) and weights dx/dt of the rule for a kink at x = 0: the integrand
/// decays double exponentially in t, and the trapezoidal rule converges to rounding.
struct KinkRule {
  static constexpr double kStep = 0.025;
  static constexpr double kFirst = -3.6;  // x = 3e-18
  std::array<double, 296> x;
  std::array<double, 296> weight;

  KinkRule() noexcept {
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double t = kFirst + static_cast<double>(k) * kStep;
      const double decay = std::exp(-t);
      x[k] = std::exp(t - decay);
      weight[k] = kStep * x[k] * (1 + decay);
    }
  }
};

/// Anything else: ∫ w g, ∫ w u g and ∫ w (u² − 1) g, in units of s, where the current is x > 0
/// above threshold and u = a + x. g has a logarithmic kink at x = 0, where Gauss–Hermite nodes are
/// of no use. Multiplied by scale⁻¹ e^{max(a, 0)²/2}, scale = 1/max(a, 1).
Moments near_or_below(double a, double scale, const Noiseless& neuron) {
  static const KinkRule rule;
  constexpr double kLargestExponent = 40;
  const std::size_t stride = a > -4 ? 3 : a > -7 ? 2 : 1;  // about x = −a all is narrow in ln x
  Moments sum;
  for (std::size_t k = 0; k < rule.x.size(); k += stride) {
    const double x = scale * rule.x[k];
    const double u = a + x;
    const double exponent = a > 0 ? x * (a + 0.5 * x) : 0.5 * u * u;
    if (exponent > kLargestExponent) {
      if (u > 0) break;
      continue;
    }
    const double term = rule.weight[k] * std::exp(-exponent) * neuron.rate(x);
    sum.rate += term;
    sum.first += term * u;
    sum.second += term * (u * u - 1);
  }
  const auto step = static_cast<double>(stride);
  return {step * sum.rate, step * sum.first, step * sum.second};
}

/// √(x/y) in two doubles.
Pair<double> exact_root(double x, double y) {
  const double root = std::sqrt(x / y);
  const Pair<double> product = detail::multiply(detail::two_product(root, root), y);
  const double missing = ((x - product.high) - product.low) / y;
  return detail::fast_two_sum(root, missing / (root + root));
}

/// a = (V_th − μ)/s in two doubles: e^{−a²/2} magnifies its error by a².
Pair<double> scaled_distance(const Pair<double>& distance, double sigma, const Pair<double>& root) {
  const double z = distance.high / sigma;
  const Pair<double> product = detail::two_product(z, sigma);
  const double z_low = (((distance.high - product.high) - product.low) + distance.low) / sigma;
  const Pair<double> a = detail::two_product(z, root.high);
  return detail::fast_two_sum(a.high, a.low + (z * root.low + z_low * root.high));
}

SiegertRate silent(bool at_threshold) {
  const double slope = at_threshold ? kNaN : 0;
  return {0, -kInfinity, slope, slope, kNaN, kNaN};
}

SiegertRate from_log_slopes(double rate, double log_rate, double l_mu, double l_sigma,
                            double t_ref) {
  rate = std::min(rate, 1 / t_ref);  // rounding
  return {rate, log_rate, rate * l_mu, rate * l_sigma, l_mu, l_sigma};
}

SiegertRate rate_far_above(double drive, double sigma, double ratio, const LifParameters& neuron) {
  const double per_drive = ratio / drive;
  const Moments m = far_above(
      sigma * per_drive, {(neuron.V_th - neuron.V_reset) / drive, neuron.t_ref / neuron.tau_m});
  const double rate = kInverseSqrtTwoPi * m.rate / neuron.tau_m;
  return from_log_slopes(rate, std::log(rate), m.first / m.rate / drive,
                         m.second / m.rate * per_drive * (per_drive * sigma), neuron.t_ref);
}

SiegertRate rate_near_or_below(const Pair<double>& distance, double sigma,
                               const LifParameters& neuron) {
  const Pair<double> root = exact_root(2 * neuron.tau_syn, neuron.tau_m);  // σ/s
  const Pair<double> a = scaled_distance(distance, sigma, root);
  const double s = sigma / root.high;
  const double scale = 1 / std::max(a.high, 1.0);
  const Moments m = near_or_below(
      a.high, scale, {(neuron.V_th - neuron.V_reset) / s, neuron.t_ref / neuron.tau_m});
  const double inner = kInverseSqrtTwoPi * scale * m.rate / neuron.tau_m;
  double rate = inner, log_rate = std::log(inner);
  if (a.high > 0) {
    const Pair<double> square = detail::two_product(a.high, a.high);
    const Pair<double> exponent{0.5 * square.high, 0.5 * square.low + a.high * a.low};
    rate = inner * detail::exp_minus(exponent);
    log_rate -= exponent.high + exponent.low;
  }
  return from_log_slopes(rate, log_rate, m.first / m.rate / s, m.second / m.rate / sigma,
                         neuron.t_ref);
}

}  // namespace

SiegertRate siegert_adiabatic(double mu, double sigma, const LifParameters& neuron) noexcept {
  if (neuron.tau_syn == 0) return siegert(mu, sigma, neuron, Correction::kNone);
  for (const double x : {mu, sigma, neuron.tau_m, neuron.t_ref, neuron.V_th, neuron.V_reset}) {
    if (!std::isfinite(x)) return kUndefined;
  }
  const double ratio = std::sqrt(0.5 * neuron.tau_m / neuron.tau_syn);  // s/σ
  if (!(sigma >= 0 && neuron.tau_m > 0 && neuron.t_ref >= 0 && neuron.tau_syn > 0 &&
        neuron.V_reset < neuron.V_th && std::isfinite(neuron.tau_syn))) {
    return kUndefined;
  }
  const Pair<double> distance = detail::two_sum(neuron.V_th, -mu);
  if (sigma == 0 && distance.high >= 0) return silent(distance.high == 0);
  constexpr double kFar = 10;
  if (-distance.high >= kFar * ratio * sigma) {
    return rate_far_above(-distance.high, sigma, ratio, neuron);
  }
  return rate_near_or_below(distance, sigma, neuron);
}

double filter_weight(double tau_syn, Correction correction) noexcept {
  return correction == Correction::kAdiabatic ? 1 / tau_syn : std::sqrt(tau_syn);
}

double filter_time(double weight, Correction correction) noexcept {
  return correction == Correction::kAdiabatic ? 1 / weight : weight * weight;
}

double filter_weight_gain(double sigma, double slope_mu, double slope_sigma,
                          const LifParameters& neuron, Correction correction) noexcept {
  switch (correction) {
    case Correction::kNone:
      return 0;
    case Correction::kShift:
    case Correction::kTaylor:
      return -detail::kHalfAlpha.high * sigma * slope_mu / std::sqrt(neuron.tau_m);
    case Correction::kAdiabatic:
      return 0.5 * slope_sigma * sigma * neuron.tau_syn;
    case Correction::kShiftRefractory:
      break;
  }
  return kNaN;
}

EffectiveFilter effective_filter(std::span<const FilteredVariance> parts,
                                 Correction correction) noexcept {
  if (correction == Correction::kShiftRefractory) return {kNaN, kNaN};
  EffectiveFilter result;
  double sum = 0;
  for (const FilteredVariance& part : parts) {
    if (!(part.variance >= 0 && part.tau_syn >= 0)) return {kNaN, kNaN};
    if (part.variance == 0) continue;
    result.variance += part.variance;
    sum += part.variance * filter_weight(part.tau_syn, correction);
  }
  if (result.variance == 0) return result;
  result.tau_syn = filter_time(sum / result.variance, correction);
  if (correction == Correction::kAdiabatic && result.tau_syn == 0) result.tau_syn = kNaN;
  return result;
}

double drate_dvariance(double mu, const EffectiveFilter& filter, const SiegertRate& at_point,
                       const LifParameters& neuron, double tau_syn,
                       Correction correction) noexcept {
  if (!(filter.variance > 0)) return kNaN;
  const double sigma = std::sqrt(filter.variance);
  const double through_sigma = 0.5 * at_point.drate_dsigma / sigma;
  const auto shift_excess = [&] {  // c_k − c
    return detail::kHalfAlpha.high * (std::sqrt(tau_syn) - std::sqrt(filter.tau_syn)) /
           std::sqrt(neuron.tau_m);
  };
  switch (correction) {
    case Correction::kNone:
      return through_sigma;
    case Correction::kShift:
      return through_sigma - at_point.drate_dmu * shift_excess() / sigma;
    case Correction::kTaylor: {
      const double white = siegert(mu, sigma, neuron, Correction::kNone).drate_dmu;
      return through_sigma - white * shift_excess() / sigma;
    }
    case Correction::kAdiabatic:
      return tau_syn > 0 ? through_sigma * filter.tau_syn / tau_syn : kNaN;
    case Correction::kShiftRefractory:
      break;
  }
  return kNaN;
}

}  // namespace nuphi
