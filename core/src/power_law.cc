#include <nuphi/core/transfer_function.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr TransferRate kUndefined{kNaN, kNaN, kNaN};
constexpr double kInverseSqrtTwoPi = 0.39894228040143267794;

/// G_n(z), G_{n−1}(z) and G_n(z) − z G_{n−1}(z) = E[t [z + t]₊ⁿ⁻¹], all over a common factor.
struct Moments {
  double value = 0, slope = 0, spread = 0;
};

/// Threshold at least ten standard deviations below the mean: ∫ (1 + t/z)ⁿ φ(t) dt, in units of zⁿ.
/// The integrand is analytic where the Gaussian is not yet nothing, so that the trapezoidal rule
/// converges like e^{−2π²/h²}. The last moment is (n − 1) G_{n−2}, which does not cancel.
Moments far_above(double z, double n) {
  constexpr double kStep = 0.7;
  constexpr int kNodes = 13;
  Moments sum;
  for (int k = -kNodes; k <= kNodes; ++k) {
    const double t = k * kStep, x = 1 + t / z;
    const double weight = kStep * kInverseSqrtTwoPi * std::exp(-0.5 * t * t);
    const double power = weight * std::pow(x, n - 2);
    sum.value += power * x * x;
    sum.slope += power * x;
    sum.spread += (n - 1) * power;
  }
  sum.slope /= z;
  sum.spread /= z * z;
  return sum;
}

/// Anything else: ∫_0^∞ uⁿ⁻¹ {u, 1, u − z} φ(u − z) du over φ(z) where z < 0. u = x scale with
/// x = exp(s − e^{−s}): the integrand decays double exponentially in s at both ends, whatever the
/// power, and the trapezoidal rule converges to rounding.
Moments near_or_below(double z, double n) {
  constexpr double kStep = 0.02;
  constexpr double kFirst = -6.0;  // x = e^{−6 − 403}
  constexpr double kLargestExponent = 700;
  const double scale = 1 / std::fmax(1, -z);
  Moments sum;
  for (int k = 0; k < 560; ++k) {
    const double s = kFirst + k * kStep, decay = std::exp(-s);
    const double log_x = s - decay;
    const double u = scale * std::exp(log_x), t = u - z;
    const double exponent = z < 0 ? u * (0.5 * u - z) : 0.5 * t * t;
    if (exponent > kLargestExponent) {
      if (t > 0) break;
      continue;
    }
    // u^{n−1} du = u^n (1 + e^{−s}) ds
    const double power = std::exp(n * (std::log(scale) + log_x) - exponent) * (1 + decay) * kStep;
    sum.value += power * u;
    sum.slope += power;
    sum.spread += power * t;
  }
  const double factor = kInverseSqrtTwoPi * (z < 0 ? std::exp(-0.5 * z * z) : 1);
  return {factor * sum.value, factor * sum.slope, factor * sum.spread};
}

}  // namespace

TransferRate PowerLawTransfer::operator()(double mu, double sigma) const noexcept {
  const double n = exponent;
  if (!(sigma >= 0) || std::isnan(mu) || !(at > 0) || !(n > 0)) return kUndefined;
  const double x = mu - theta, deviation = spread * sigma;
  if (deviation == 0) {
    if (x == 0) return n > 1 ? TransferRate{0, 0, 0} : TransferRate{0, kNaN, kNaN};
    if (x < 0) return {0, 0, 0};
    return {rate * std::pow(x / at, n), rate * n / at * std::pow(x / at, n - 1), 0};
  }
  constexpr double kFarAbove = 10;
  const double z = x / deviation;
  if (z < -1e150) return {0, 0, 0};
  const bool far = z > kFarAbove;
  const Moments m = far ? far_above(z, n) : near_or_below(z, n);
  const double size = rate * std::pow((far ? x : deviation) / at, n);
  const double slope = n * size / deviation;
  return {size * m.value, slope * m.slope, slope * spread * m.spread};
}

}  // namespace nuphi
