// The integral behind the coefficient of variation, in the regions and with the parts of
// siegert_kernel.h.
//
//   CV² = 2π (ντ_m)² [C(y_t) − C(y_r)],  C' = K,  K(x) = e^{x²} ∫_{−∞}^x e^{s²}(1 + erf s)² ds,
//   C(−∞) = 0
// is again a difference of one function of one variable.
#pragma once

#include <cmath>
#include <cstddef>

#include "cv_coefficients.h"
#include "siegert_kernel.h"

namespace nuphi::detail {

/// [C(y_t) − C(y_r)]/σ² for y_t ≤ 0, from C(−x) = (βσ)² R(u), β = 1/(X + σ).
template <class N>
[[nodiscard]] inline N cv_above_threshold(const Boundaries<N>& b) {
  const N xt = b.x_threshold, xr = xt + b.length, sigma = b.sigma, four_sigma = N(4.0) * sigma;
  const N rt = N(1.0) / (xt + four_sigma), rr = N(1.0) / (xr + four_sigma);
  const N bt = N(1.0) / (xt + sigma), br = N(1.0) / (xr + sigma);
  const auto r = divided_difference(kCvBelow, (four_sigma - xt) * rt, (four_sigma - xr) * rr);
  const N du = N(2.0) * four_sigma * rt * rr;  // (u_t − u_r)/length
  return b.length * (bt * br * (bt + br) * r.value + br * br * du * r.slope);
}

/// C(−x) for x ≥ 0.
template <class N>
[[nodiscard]] inline N cv_below_zero(N x) {
  const N beta = N(1.0) / (N(1.0) + x);
  return beta * beta * polynomial(kCvBelow, (N(4.0) - x) / (N(4.0) + x));
}

/// Z(x) = e^{−2x²} C(x) is kept in pieces about the integers, beyond them in 1/x².
inline constexpr double kCvPiecesEnd = static_cast<double>(kCvScaled.size()) - 0.5;

/// Z(x) for x > −0.5.
[[nodiscard]] inline double cv_scaled(double x) {
  if (x >= kCvPiecesEnd) {
    const double w = 1 / (x * x);
    return w * polynomial(kCvScaledTail, w);
  }
  const int piece = static_cast<int>(x + 0.5);
  return polynomial(kCvScaled[static_cast<std::size_t>(piece)], x - piece);
}

/// Z(a) and [Z(a) − Z(b)]/(a − b) for a and b at most 0.3 from their middle m > −0.3.
[[nodiscard]] inline ValueAndSlope<double> cv_scaled_slope(double a, double b, double m) {
  if (m >= kCvPiecesEnd) {
    const double wa = 1 / (a * a), wb = 1 / (b * b);
    const auto p = divided_difference(kCvScaledTail, wa, wb);
    return {wa * p.value, -(a + b) * wa * wb * (p.value + wb * p.slope)};
  }
  const int piece = static_cast<int>(m + 0.5);
  return divided_difference(kCvScaled[static_cast<std::size_t>(piece)], a - piece, b - piece);
}

/// e^{−2y_t²} [C(y_t) − C(y_r)] for y_t > 0, wide interval.
[[nodiscard]] inline double cv_below_threshold_wide(const ScaledThreshold<double>& threshold) {
  const double y = threshold.y, yr = y - threshold.d;
  if (yr > 0) return cv_scaled(y) - std::exp(-2 * threshold.d * (y + yr)) * cv_scaled(yr);
  const double e = exp_minus(threshold.square);
  return cv_scaled(y) - e * e * cv_below_zero(-yr);
}

/// The same for a narrow interval: Z(y_t) − Z(y_r) by divided difference, and the change of the
/// scale over the interval.
[[nodiscard]] inline double cv_below_threshold_narrow(const ScaledThreshold<double>& threshold) {
  const double y = threshold.y, d = threshold.d;
  const double m = y - 0.5 * d;
  const auto z = cv_scaled_slope(y - d, y, m);
  return d * z.slope - z.value * std::expm1(-4 * d * m);
}

}  // namespace nuphi::detail
