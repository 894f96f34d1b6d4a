// D(z) = (2πv)^{−1/2} ∫ exp(−ζ e^t − t²/(2v)) dt,  v = ln(1 + s²/m²), ζ = z m e^{−v/2}.
// The saddle of the exponent is t = −W, W = W_0(ζv). With t = s − W the exponent is
//   −(W + W²/2)/v − [W(e^s − 1 − s) + s²/2]/v,
// and on the path where the bracket is u²/2, u real, nothing oscillates and nothing cancels:
//   D(z) = e^{−(W + W²/2)/v} (2πv)^{−1/2} ∫ e^{−u²/(2v)} (ds/du) du.
// The trapezoidal rule converges exponentially there; s(u) is followed outward from the saddle by
// Newton's method.
#include "lognormal_transform.h"

#include <nuphi/core/special_functions.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "complex_elementary.h"

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

struct PathPoint {
  Complex s;
  Complex slope;  ///< ds/du
};

/// Point of steepest descent at u, by Newton's method from `guess`.
PathPoint path_point(double u, Complex W, Complex guess) {
  Complex s = guess;
  for (int k = 0; k < 20; ++k) {
    const ExponentialRemainder e = exponential_remainder(s);
    const Complex bracket = s * s * (0.5 + W * e.second), rise = s * (1.0 + W * e.first);
    const Complex step = (bracket - 0.5 * u * u) / rise;
    s -= step;
    if (std::norm(step) > 1e-16 * std::norm(s)) continue;
    // Quadratic convergence: s is exact to rounding, and ds/du = u/rise needs the second derivative
    // only to first order.
    return {s, u / (rise - step * (1.0 + W * (1.0 + s * e.first)))};
  }
  return {s, std::numeric_limits<double>::quiet_NaN()};
}

struct Sums {
  Complex value, moment;                ///< Σ e^{−u²/(2v)} ds/du, and the same with e^s
  Complex coarse_value, coarse_moment;  ///< over every second node
};

/// Adds one half of the path, u = h, 2h, … or −h, −2h, … in units of √v.
void add_half(Sums& sums, Complex W, double width, double h, double reach) {
  const Complex start = 1.0 / std::sqrt(1.0 + W);
  PathPoint first{0, start}, before{0, start}, now{0, start};
  for (int k = 1; std::abs(k * h) <= reach; ++k) {
    const double u = k * h * width, step = h * width;
    // Adams–Bashforth of third order.
    const Complex guess =
        now.s + step / 12 * (23.0 * now.slope - 16.0 * before.slope + 5.0 * first.slope);
    const PathPoint next = path_point(u, W, guess);
    const Complex term = std::exp(-0.5 * (k * h) * (k * h)) * next.slope;
    const Complex moment = term * std::exp(next.s);
    sums.value += term, sums.moment += moment;
    if (k % 2 == 0) sums.coarse_value += term, sums.coarse_moment += moment;
    first = before, before = now, now = next;
  }
}

Sums path_integral(Complex W, double width, double h) {
  constexpr double kReach = 8.8;  // e^{−8.8²/2} = 1.5e-17
  const Complex start = 1.0 / std::sqrt(1.0 + W);
  Sums sums{start, start, start, start};
  add_half(sums, W, width, h, kReach + width);
  add_half(sums, W, width, -h, kReach);
  sums.value *= h, sums.moment *= h;
  sums.coarse_value *= 2 * h, sums.coarse_moment *= 2 * h;
  return sums;
}

/// (W + W²/2)/v − zm, with ζ e^{−W} = W/v: the phase zm is left to exp_of_product().
Complex saddle_exponent(Complex zm, Complex zeta, Complex W, double v) {
  return zm * std::expm1(-0.5 * v) + zeta * (expm1(-W) * (1.0 + 0.5 * W) + 0.5 * W);
}

}  // namespace

DelayTransform lognormal_transform(double m, double s, std::complex<double> z) noexcept {
  const double ratio = s / m, v = std::log1p(ratio * ratio);
  if (v < 1e-300) {
    const Complex value = exp_of_product(-m, z);
    return {value, -m * value};
  }
  const double scale = m * std::exp(-0.5 * v), width = std::sqrt(v);
  const Complex zeta = z * scale, W = lambert_w(0, zeta * v);
  Sums sums;
  // The error of a step is about the square of that of twice the step, which the two sums show.
  const auto settled = [](Complex fine, Complex coarse) {
    return std::abs(fine - coarse) <= 3e-8 * std::abs(fine);
  };
  bool done = false;
  for (double h = std::min(0.5, 0.5 / width); !done && h > 1.0 / 200; h /= 2) {
    sums = path_integral(W, width, h);
    done = settled(sums.value, sums.coarse_value) && settled(sums.moment, sums.coarse_moment);
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (!done) return {{nan, nan}, {nan, nan}};
  constexpr double kInverseRoot = 0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // 1/√(2π)
  const Complex factor = exp_of_product(-m, z, -saddle_exponent(z * m, zeta, W, v)) * kInverseRoot;
  return {factor * sums.value, -scale * factor * std::exp(-W) * sums.moment};
}

}  // namespace nuphi::detail
