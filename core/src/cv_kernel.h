// The integral behind the coefficient of variation, in the regions and with the parts of
// siegert_kernel.h.
//
//   CV² = 2π (ντ_m)² [C(y_t) − C(y_r)],  C' = K,  C(−∞) = 0,
//   K(x) = e^{x²} ∫_{−∞}^x e^{s²}(1 + erf s)² ds
// is again a difference of one function of one variable; and so is the gradient of its logarithm,
//   ∂ ln ΔC/∂μ = −ΔK/(σΔC),   ∂ ln ΔC/∂σ = −Δ(zK)/(σΔC),   z = (V − μ)/σ,
// with K from the polynomials for C.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "cv_coefficients.h"
#include "siegert_kernel.h"

namespace nuphi::detail {

/// K(−x) (1 + x)³ in u, from C(−x) = (1 + x)^−2 R(u): 2R + R' (5 − 3u)(1 + u)/8.
constexpr std::array<double, kCvBelow.size() + 1> slope_below() {
  std::array<double, kCvBelow.size() + 1> c{};
  for (std::size_t n = 0; n < kCvBelow.size(); ++n) {
    const double derivative = static_cast<double>(n) * kCvBelow[n];  // of u^{n−1}
    c[n] += 2 * kCvBelow[n] + derivative / 4;
    c[n + 1] -= 0.375 * derivative;
    if (n > 0) c[n - 1] += 0.625 * derivative;
  }
  return c;
}
inline constexpr auto kCvSlopeBelow = slope_below();

/// Z'(x) + 4xZ(x) = e^{−2x²} K(x) in the pieces of Z(x) = e^{−2x²} C(x).
using CvSlopePieces = std::array<std::array<double, kCvScaled[0].size() + 1>, kCvScaled.size()>;
constexpr CvSlopePieces slope_pieces() {
  CvSlopePieces result{};
  for (std::size_t piece = 0; piece < kCvScaled.size(); ++piece) {
    const auto& z = kCvScaled[piece];
    auto& c = result[piece];
    for (std::size_t n = 0; n < z.size(); ++n) {
      if (n > 0) c[n - 1] += static_cast<double>(n) * z[n];
      c[n] += 4 * static_cast<double>(piece) * z[n];
      c[n + 1] += 4 * z[n];
    }
  }
  return result;
}
inline constexpr CvSlopePieces kCvSlopeScaled = slope_pieces();

/// x e^{−2x²} K(x) in w = 1/x², from Z = w p(w): 4p − 2w(p + w p').
constexpr std::array<double, kCvScaledTail.size() + 1> slope_tail() {
  std::array<double, kCvScaledTail.size() + 1> c{};
  for (std::size_t n = 0; n < kCvScaledTail.size(); ++n) {
    c[n] += 4 * kCvScaledTail[n];
    c[n + 1] -= 2 * static_cast<double>(n + 1) * kCvScaledTail[n];
  }
  return c;
}
inline constexpr auto kCvSlopeTail = slope_tail();

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

/// ΔC and the gradient of ½ ln ΔC with the opposite sign.
struct CvGradient {
  double variance = 0;
  double mu = 0;
  double sigma = 0;
};

/// The same for y_t ≤ 0: ΔC/σ², and the slope in σ multiplied by σ; σ = 0 is a point like any
/// other.
[[nodiscard]] inline CvGradient cv_gradient_above_threshold(const Boundaries<double>& b) {
  const double xt = b.x_threshold, xr = xt + b.length, sigma = b.sigma;
  const double rt = 1 / (xt + 4 * sigma), rr = 1 / (xr + 4 * sigma);
  const double bt = 1 / (xt + sigma), br = 1 / (xr + sigma);
  const double ut = (4 * sigma - xt) * rt, ur = (4 * sigma - xr) * rr;
  const double du = 8 * sigma * rt * rr;
  const auto r = divided_difference(kCvBelow, ut, ur);
  const auto m = divided_difference(kCvSlopeBelow, ut, ur);
  const double sum = bt * br * (bt + br), br3 = br * br * br;
  const double cubes =
      b.length * (bt * br * (bt * bt + bt * br + br * br) * m.value + br3 * du * m.slope);
  const double reset = br3 * (m.value - b.length * du * m.slope);
  CvGradient g;
  g.variance = b.length * (sum * r.value + br * br * du * r.slope);
  const double half = 0.5 / g.variance;
  g.mu = cubes * half;
  // Δ(zK) = z_t ΔK + (z_t − z_r) K_r, and −σz_t = X_t + c_tσ
  g.sigma =
      ((b.length - b.c_excess * sigma) * reset - (xt + b.c_threshold.high * sigma) * cubes) * half;
  return g;
}

/// K(−x) for x ≥ 0.
[[nodiscard]] inline double cv_slope_below_zero(double x) {
  const double beta = 1 / (1 + x);
  return beta * beta * beta * polynomial(kCvSlopeBelow, (4 - x) / (4 + x));
}

/// e^{−2x²} K(x) for x > −0.5.
[[nodiscard]] inline double cv_slope_scaled(double x) {
  if (x >= kCvPiecesEnd) return polynomial(kCvSlopeTail, 1 / (x * x)) / x;
  const int piece = static_cast<int>(x + 0.5);
  return polynomial(kCvSlopeScaled[static_cast<std::size_t>(piece)], x - piece);
}

/// The same at a and its divided difference with b, as cv_scaled_slope().
[[nodiscard]] inline ValueAndSlope<double> cv_slope_scaled_slope(double a, double b, double m) {
  if (m >= kCvPiecesEnd) {
    const double wa = 1 / (a * a), wb = 1 / (b * b);
    const auto p = divided_difference(kCvSlopeTail, wa, wb);
    return {p.value / a, -(p.value / a + (a + b) * wa * wb * p.slope) / b};
  }
  const int piece = static_cast<int>(m + 0.5);
  return divided_difference(kCvSlopeScaled[static_cast<std::size_t>(piece)], a - piece, b - piece);
}

/// The gradient for y_t > 0; the variance times e^{−2y_t²}.
[[nodiscard]] inline CvGradient cv_gradient_below_threshold(
    const Boundaries<double>& b, const ScaledThreshold<double>& threshold) {
  const double y = threshold.y, d = threshold.d, yr = y - d;
  const double zr = b.to_reset * threshold.inverse_sigma;
  double change = 0, zk = 0;  // ΔK and Δ(zK), scaled
  CvGradient g;
  if (narrow_width(threshold) < kNarrow) {
    g.variance = cv_below_threshold_narrow(threshold);
    const double m = y - 0.5 * d;
    const auto k = cv_slope_scaled_slope(yr, y, m);
    change = d * k.slope - k.value * std::expm1(-4 * d * m);
    zk = zr * change + (d - b.c_excess) * (k.value + d * k.slope);
  } else {
    g.variance = cv_below_threshold_wide(threshold);
    const double e = exp_minus(threshold.square);
    const double at_threshold = cv_slope_scaled(y);
    const double at_reset = yr > 0 ? std::exp(-2 * d * (y + yr)) * cv_slope_scaled(yr)
                                   : e * e * cv_slope_below_zero(-yr);
    change = at_threshold - at_reset;
    zk = threshold.z * at_threshold - (at_reset == 0 ? 0 : zr * at_reset);
  }
  const double half = 0.5 * threshold.inverse_sigma / g.variance;
  g.mu = change * half;
  g.sigma = zk * half;
  return g;
}

/// So far below threshold that CV = coth^{1/2} a, a = (y_t² − y_r²)/2, is 1 to all digits, for
/// numbers of any size: a rescaling might leave nothing of σ and V_th − V_reset.
[[nodiscard]] inline bool escapes_are_poisson(double mu, double sigma,
                                              const LifParameters& neuron) {
  constexpr double kFar = 1e30;  // the shift of the boundaries does not count any more
  constexpr double kToAllDigits = 300;
  const double y = (neuron.V_th - mu) / sigma;
  const double d = (neuron.V_th - neuron.V_reset) / sigma;
  return y > kFar && d * std::fmax(y - 0.5 * d, 0.5 * y) > kToAllDigits;
}

}  // namespace nuphi::detail
