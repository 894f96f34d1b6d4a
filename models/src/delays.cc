#include <nuphi/core/special_functions.h>
#include <nuphi/models/delays.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "complex_elementary.h"
#include "lognormal_transform.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
using detail::exp_of_product;

DelayTransform constant(double d, Complex z) {
  const Complex value = exp_of_product(-d, z);
  return {value, -d * value};
}

/// e^{−ζ} sinh(ζ)/ζ and e^{−ζ} d/dζ[sinh(ζ)/ζ] for Re ζ ≥ 0.
DelayTransform scaled_sinhc(Complex zeta) {
  const Complex decay = std::exp(-zeta);
  if (std::abs(zeta) > 1) {
    const Complex square = decay * decay;
    const Complex value = 0.5 * (1.0 - square) / zeta;
    return {value, (0.5 * (1.0 + square) - value) / zeta};
  }
  // Σ x^k/(2k + 1)! and its derivative with respect to x = ζ².
  const Complex x = zeta * zeta;
  Complex sum = 1, slope = 0;
  for (int k = 9; k >= 1; --k) {
    const double factor = 1 / (2.0 * k * (2.0 * k + 1));
    slope = (sum + x * slope) * factor;
    sum = 1.0 + x * sum * factor;
  }
  return {decay * sum, decay * (2.0 * zeta * slope)};
}

DelayTransform uniform(double a, double b, Complex z) {
  const double half = 0.5 * (b - a);
  // From the end of the interval that dominates, so that nothing overflows before the result does.
  const double sign = z.real() < 0 ? -1 : 1, end = z.real() < 0 ? b : a;
  const DelayTransform s = scaled_sinhc(sign * half * z);
  const Complex phase = exp_of_product(-end, z);
  return {phase * s.value, phase * (sign * half * s.derivative - (end + sign * half) * s.value)};
}

DelayTransform exponential(double m, Complex z) {
  const Complex value = 1.0 / (1.0 + z * m);
  return {value, -m * value * value};
}

/// (1 + zθ)^{−k}; for small x = zθ as −k ln(1 + x) = −zm − (zs)² [ln(1 + x) − x]/x²: the phase zm
/// is exact and s → 0 is smooth.
DelayTransform gamma(double m, double s, Complex z) {
  const Complex x = z * (s / m * s), zs = z * s;
  const double shape = m / s * (m / s);
  const Complex value = std::abs(x) > 0.5
                            ? std::exp(-shape * std::log(1.0 + x))
                            : exp_of_product(-m, z, -zs * zs * detail::log1p_remainder(x));
  return {value, -m * value / (1.0 + x)};
}

DelayTransform gaussian(double m, double s, Complex z) {
  const Complex zs = z * s;
  const Complex value = exp_of_product(-m, z, 0.5 * zs * zs);
  return {value, (zs * s - m) * value};
}

DelayTransform truncated_gaussian(double m, double s, Complex z) {
  using std::numbers::sqrt2;
  constexpr double kNoTruncation = 38;  // erfc(38/√2) < 1e-314
  if (m > kNoTruncation * s) return gaussian(m, s, z);
  const double ratio = m / s;
  const double edge = std::exp(-0.5 * ratio * ratio) / std::erfc(-ratio / sqrt2);
  const Complex u = (z * s - ratio) / sqrt2;
  const Complex i(0, 1);
  Complex value;
  if (u.real() >= 0) {
    value = edge * faddeeva(i * u);
  } else {
    const Complex bulk = gaussian(m, s, z).value / (0.5 * std::erfc(-ratio / sqrt2));
    value = bulk - edge * faddeeva(-i * u);
  }
  const double at_zero = edge * sqrt2 * std::numbers::inv_sqrtpi;  // s times the density at d = 0
  return {value, (z * s * s - m) * value - s * at_zero};
}

bool is_valid(const Delay& delay) {
  const auto sound = [](double x) { return std::isfinite(x) && x >= 0; };
  switch (delay.distribution) {
    case DelayDistribution::kUniform:
      return sound(delay.min) && sound(delay.max) && delay.min <= delay.max;
    case DelayDistribution::kGamma:
    case DelayDistribution::kLognormal:
      return sound(delay.mean) && sound(delay.sd) && (delay.mean > 0 || delay.sd == 0);
    case DelayDistribution::kConstant:
    case DelayDistribution::kExponential:
      return sound(delay.mean);
    default:
      return sound(delay.mean) && sound(delay.sd);
  }
}

}  // namespace

DelayTransform delay_transform(const Delay& delay, std::complex<double> z) noexcept {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (!is_valid(delay) || !std::isfinite(z.real()) || !std::isfinite(z.imag()))
    return {{nan, nan}, {nan, nan}};
  const double m = delay.mean, s = delay.sd;
  switch (delay.distribution) {
    case DelayDistribution::kConstant:
      return constant(m, z);
    case DelayDistribution::kUniform:
      return uniform(delay.min, delay.max, z);
    case DelayDistribution::kExponential:
      return exponential(m, z);
    default:
      break;
  }
  if (s == 0) return constant(m, z);
  switch (delay.distribution) {
    case DelayDistribution::kGamma:
      return gamma(m, s, z);
    case DelayDistribution::kTruncatedGaussian:
      return truncated_gaussian(m, s, z);
    case DelayDistribution::kGaussian:
      return gaussian(m, s, z);
    default:
      return detail::lognormal_transform(m, s, z);
  }
}

bool is_causal(const Delay& delay) noexcept {
  return delay.distribution != DelayDistribution::kGaussian || delay.sd == 0;
}

}  // namespace nuphi
