#include <nuphi/core/colored_noise.h>
#include <nuphi/core/lif_parameter_gradient.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "adiabatic_slopes.h"
#include "double_double.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {
using detail::Pair;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

constexpr SiegertRate kUndefined{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

/// The noiseless neuron in a unit of voltage X: τ_m ν₀ at X ξ above threshold is
/// g(ξ) = 1/(ρ + ln(1 + Λ/ξ)), Λ = (V_th − V_reset)/X, ρ = t_ref/τ_m.
struct Noiseless {
  double lambda = 0;
  double rho = 0;

  /// ln(1 + Λ/ξ) = (T − t_ref)/τ_m
  [[nodiscard]] double interval(double xi) const {
    return std::log1p(std::min(lambda / xi, 1e300));
  }
};

/// The averaged rate and its derivatives, all but for a common factor. With g' of the noiseless
/// neuron in the distance, the last three are ∫ w g², ∫ w g² ln(1 + Λ/ξ) and ∫ w g²/(ξ + Λ).
struct Moments {
  double rate = 0;
  double first = 0;
  double second = 0;
  double square = 0;
  double busy = 0;
  double reset = 0;
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
template <bool kParameters>
Moments far_above(double epsilon, const Noiseless& neuron) {
  constexpr double kStep = 0.7;
  constexpr int kNodes = 13;
  Moments sum;
  for (int k = -kNodes; k <= kNodes; ++k) {
    const double u = k * kStep;
    const double xi = 1 + epsilon * u;
    const double w = std::min(neuron.lambda / xi, 1e300);
    const double interval = neuron.interval(xi);
    const double g = 1 / (neuron.rho + interval);
    const double weight = kStep * std::exp(-0.5 * u * u) * g;
    // g' = g² w/(ξ(1 + w)),  g'' = −g³ w [(2 + w)(ρ + ln(1 + w)) − 2w]/(ξ(1 + w))²
    // with factors of which none is large: 1/(1 + w), and gρ ≤ 1.
    const double q = 1 / (1 + w);
    const double slope = g * (w * q) / xi;
    sum.rate += weight;
    sum.first += weight * slope;
    sum.second -= weight * slope * (g * (neuron.rho * ((2 + w) * q) + curvature(w) * q)) / xi;
    if constexpr (kParameters) {
      sum.square += weight * g;
      sum.busy += weight * g * interval;
      sum.reset += weight * g / (xi + neuron.lambda);
    }
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
template <bool kParameters>
Moments near_or_below(double a, double scale, const Noiseless& neuron) {
  static const KinkRule rule;
  constexpr double kLargestExponent = 40;
  std::size_t stride = a > -4 ? 3 : a > -7 ? 2 : 1;  // about x = −a all is narrow in ln x
  // 1/(x + Λ) has its pole near the path where Λ is small.
  if (kParameters && neuron.lambda < 1e-2 * scale) stride = 1;
  Moments sum;
  for (std::size_t k = 0; k < rule.x.size(); k += stride) {
    const double x = scale * rule.x[k];
    const double u = a + x;
    const double exponent = a > 0 ? x * (a + 0.5 * x) : 0.5 * u * u;
    if (exponent > kLargestExponent) {
      if (u > 0) break;
      continue;
    }
    const double interval = neuron.interval(x);
    const double g = 1 / (neuron.rho + interval);
    const double term = rule.weight[k] * std::exp(-exponent) * g;
    sum.rate += term;
    sum.first += term * u;
    sum.second += term * (u * u - 1);
    if constexpr (kParameters) {
      sum.square += term * g;
      sum.busy += term * g * interval;
      sum.reset += term * g / (x + neuron.lambda);
    }
  }
  const auto step = static_cast<double>(stride);
  return {step * sum.rate,   step * sum.first, step * sum.second,
          step * sum.square, step * sum.busy,  step * sum.reset};
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

/// A neuron in whatever units; the rate comes in units of 2^power over that of time.
struct Slow {
  Pair<double> distance;  ///< V_th − μ
  double length = 0;      ///< V_th − V_reset
  double sigma = 0;
  Pair<double> root;  ///< σ/s = √(2τ_syn/τ_m)
  double tau_m = 0, t_ref = 0;
  int power = 0;
};

/// Logarithmic derivatives and those of the parameters from the moments, voltages in units of X.
detail::AdiabaticSlopes slopes(const Moments& m, const Slow& n, double unit) {
  detail::AdiabaticSlopes r;
  r.t_ref = m.square / m.rate / n.tau_m;
  r.busy = m.busy / m.rate;
  r.reset = m.reset / m.rate / unit;
  return r;
}

template <bool kParameters>
detail::AdiabaticSlopes slopes_far_above(const Slow& n) {
  const double drive = -n.distance.high, per_drive = 1 / (n.root.high * drive);
  const Moments m =
      far_above<kParameters>(n.sigma * per_drive, {n.length / drive, n.t_ref / n.tau_m});
  detail::AdiabaticSlopes r = slopes(m, n, drive);
  SiegertRate& rate = r.rate;
  const double inner = kInverseSqrtTwoPi * m.rate / n.tau_m;
  rate.rate = std::ldexp(inner, n.power);
  rate.log_rate = std::log(inner) + n.power * std::numbers::ln2;
  rate.dlog_rate_dmu = m.first / m.rate / drive;
  rate.dlog_rate_dsigma = m.second / m.rate * per_drive * (per_drive * n.sigma);
  return r;
}

template <bool kParameters>
detail::AdiabaticSlopes slopes_near_or_below(const Slow& n) {
  const Pair<double> a = scaled_distance(n.distance, n.sigma, n.root);
  const double s = n.sigma / n.root.high;
  const double scale = 1 / std::max(a.high, 1.0);
  const Moments m = near_or_below<kParameters>(a.high, scale, {n.length / s, n.t_ref / n.tau_m});
  detail::AdiabaticSlopes r = slopes(m, n, s);
  SiegertRate& rate = r.rate;
  const double inner = kInverseSqrtTwoPi * scale * m.rate / n.tau_m;
  rate.rate = std::ldexp(inner, n.power);
  rate.log_rate = std::log(inner) + n.power * std::numbers::ln2;
  if (a.high > detail::kDeep) {  // ln ν = −a²/2 to all digits
    rate.rate = 0;
    rate.log_rate = -0.5 * a.high * a.high;
  } else if (a.high > 0) {
    const Pair<double> square = detail::two_product(a.high, a.high);
    const Pair<double> exponent{0.5 * square.high, 0.5 * square.low + a.high * a.low};
    if (n.power == 0) {
      rate.rate *= detail::exp_minus(exponent);
    } else {
      // Two factors, so that neither leaves the range before the other brings it back.
      const double half = detail::exp_minus(Pair<double>{exponent.high / 2, exponent.low / 2});
      const int half_power = n.power / 2;
      rate.rate = std::ldexp(inner * half, half_power) * std::ldexp(half, n.power - half_power);
    }
    rate.log_rate -= exponent.high + exponent.low;
  }
  rate.dlog_rate_dmu = std::max(m.first, 0.0) / m.rate / s;  // near saturation it cancels
  rate.dlog_rate_dsigma = m.second / m.rate / n.sigma;
  return r;
}

/// Threshold at least ten standard deviations of the current below the mean, or anything else.
template <bool kParameters>
detail::AdiabaticSlopes slopes(const Slow& n) {
  constexpr double kFar = 10;
  return -n.distance.high * n.root.high >= kFar * n.sigma ? slopes_far_above<kParameters>(n)
                                                          : slopes_near_or_below<kParameters>(n);
}

/// Arguments of any size, in better units: voltages as for white noise of the amplitude σ 2^k,
/// which is s but for a factor of order one.
template <bool kParameters>
detail::AdiabaticSlopes extreme(double mu, double sigma, const LifParameters& neuron) {
  int exponent_m = 0, exponent_syn = 0;
  const double m = std::frexp(neuron.tau_m, &exponent_m);
  double syn = std::frexp(neuron.tau_syn, &exponent_syn);
  const int odd = (exponent_syn - exponent_m) & 1;
  syn = std::ldexp(syn, odd);
  const int k = (exponent_m - exponent_syn + odd) / 2;
  double slow = std::min(std::ldexp(sigma, k), kLargest);
  if (sigma > 0) slow = std::max(slow, std::numeric_limits<double>::denorm_min());
  const detail::Rescaled scaled = detail::rescale(mu, slow, neuron, {});
  const detail::Boundaries<double>& b = scaled.boundaries;
  detail::AdiabaticSlopes r = slopes<kParameters>({.distance = b.to_threshold,
                                                   .length = b.length,
                                                   .sigma = b.sigma,
                                                   .root = exact_root(2 * syn, m),
                                                   .tau_m = scaled.tau_m,
                                                   .t_ref = scaled.t_ref,
                                                   .power = scaled.rate_power});
  const auto limited = [](double x, int power) {
    return std::clamp(std::ldexp(x, power), -kLargest, kLargest);
  };
  r.rate.rate = std::min(r.rate.rate, kLargest);
  r.rate.dlog_rate_dmu = limited(r.rate.dlog_rate_dmu, -scaled.volt);
  r.rate.dlog_rate_dsigma = limited(r.rate.dlog_rate_dsigma, k - scaled.volt);
  r.t_ref = limited(r.t_ref, scaled.rate_power);
  // The interval was made longer by 2^stretch.
  r.reset = limited(r.reset, scaled.stretch - scaled.volt);
  return r;
}

/// Sizes with which nothing leaves the range of double, g³ of a short interval included.
bool is_ordinary(double mu, double sigma, const LifParameters& neuron) {
  return detail::is_ordinary(mu, sigma, neuron) && neuron.V_th - neuron.V_reset > 1e-60;
}

template <bool kParameters>
detail::AdiabaticSlopes evaluate(double mu, double sigma, const LifParameters& neuron) {
  if (!detail::in_domain(mu, sigma, neuron)) return {kUndefined, kNaN, kNaN, kNaN};
  if (sigma == 0 && mu <= neuron.V_th) return {silent(mu == neuron.V_th), 0, 0, 0};
  detail::AdiabaticSlopes r;
  if (is_ordinary(mu, sigma, neuron)) {
    r = slopes<kParameters>({.distance = detail::two_sum(neuron.V_th, -mu),
                             .length = neuron.V_th - neuron.V_reset,
                             .sigma = sigma,
                             .root = exact_root(2 * neuron.tau_syn, neuron.tau_m),
                             .tau_m = neuron.tau_m,
                             .t_ref = neuron.t_ref});
  } else {
    r = extreme<kParameters>(mu, sigma, neuron);
  }
  SiegertRate& rate = r.rate;
  rate.rate = std::min(rate.rate, 1 / neuron.t_ref);  // rounding
  const auto slope = [&rate](double log_slope) {
    return std::clamp(rate.rate * log_slope, -kLargest, kLargest);
  };
  rate.drate_dmu = slope(rate.dlog_rate_dmu);
  rate.drate_dsigma = slope(rate.dlog_rate_dsigma);
  return r;
}

}  // namespace

SiegertRate siegert_adiabatic(double mu, double sigma, const LifParameters& neuron) noexcept {
  if (neuron.tau_syn == 0) return siegert(mu, sigma, neuron, Correction::kNone);
  return evaluate<false>(mu, sigma, neuron).rate;
}

detail::AdiabaticSlopes detail::adiabatic_slopes(double mu, double sigma,
                                                 const LifParameters& neuron) noexcept {
  return evaluate<true>(mu, sigma, neuron);
}

bool has_effective_filter(Correction correction) noexcept {
  return correction == Correction::kShift || correction == Correction::kTaylor ||
         correction == Correction::kAdiabatic || correction == Correction::kExact ||
         correction == Correction::kUniform;
}

double filter_weight(double tau_syn, Correction correction) noexcept {
  return correction == Correction::kAdiabatic ? 1 / tau_syn : std::sqrt(tau_syn);
}

double filter_time(double weight, Correction correction) noexcept {
  return correction == Correction::kAdiabatic ? 1 / weight : weight * weight;
}

namespace {

/// ∂/∂g = 2g ∂/∂τ_syn, g = √τ_syn; at τ_syn = 0 that of the shift, which is only the threshold's
/// where there is a refractory time.
FilterWeightGain filter_weight_gain(double mu, double sigma, const LifParameters& neuron,
                                    Correction correction) {
  const LifParameterGradient d = lif_parameter_gradient(
      mu, sigma, neuron, neuron.tau_syn > 0 ? correction : Correction::kNone);
  if (neuron.tau_syn > 0) {
    const double factor = 2 * std::sqrt(neuron.tau_syn);
    return {factor * d.drate.tau_syn, factor * d.dlog_rate.tau_syn};
  }
  const double shift = detail::kHalfAlpha.high * sigma / std::sqrt(neuron.tau_m);
  const auto moved = [&](const LifPartials& p) {
    return shift * (p.V_th + (neuron.t_ref > 0 ? 0 : p.V_reset));
  };
  return {moved(d.drate), moved(d.dlog_rate)};
}

}  // namespace

FilterWeightGain filter_weight_gain(double mu, double sigma, const SiegertRate& at_point,
                                    const LifParameters& neuron, Correction correction) noexcept {
  const double shift = -detail::kHalfAlpha.high * sigma / std::sqrt(neuron.tau_m);
  switch (correction) {
    case Correction::kNone:
      return {0, 0};
    case Correction::kShift:
      return {shift * at_point.drate_dmu, shift * at_point.dlog_rate_dmu};
    case Correction::kTaylor: {
      const double white = siegert(mu, sigma, neuron, Correction::kNone).drate_dmu;
      return {shift * white, shift * white / at_point.rate};
    }
    case Correction::kAdiabatic: {
      const double half = 0.5 * sigma * neuron.tau_syn;
      return {half * at_point.drate_dsigma, half * at_point.dlog_rate_dsigma};
    }
    case Correction::kUniform:
    case Correction::kExact:
      return filter_weight_gain(mu, sigma, neuron, correction);
    case Correction::kShiftRefractory:
      break;
  }
  return {kNaN, kNaN};
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
  if (correction == Correction::kAdiabatic && !(tau_syn > 0)) return kNaN;
  const double sigma = std::sqrt(filter.variance);
  LifParameters effective = neuron;
  effective.tau_syn = filter.tau_syn;
  const double gain = filter_weight_gain(mu, sigma, at_point, effective, correction).drate;
  const double excess =
      filter_weight(tau_syn, correction) - filter_weight(filter.tau_syn, correction);
  return 0.5 * at_point.drate_dsigma / sigma + gain * excess / filter.variance;
}

}  // namespace nuphi
