// The Siegert integral and its derivatives without quadrature. Everything here is a template over
// the number type, free of branches on data except where noted, so that the same lines serve one
// neuron or a vector of them.
//
// With y = (V − μ)/σ + c, z = (V − μ)/σ, f(s) = e^{s²}(1 + erf s), Δ = value at threshold minus
// value at reset, and T = t_ref + τ_m√π ∫f:
//   T_μ = −τ_m√π Δf/σ,      T_σ = −τ_m√π Δ(zf)/σ,
//   T_μμ = τ_m√π Δf'/σ²,    T_μσ = τ_m√π Δ(f + zf')/σ²,    T_σσ = τ_m√π Δ(2zf + z²f')/σ².
// The integral is a difference of one function of one variable; each region below forms that
// difference, and those of f, f', …, without subtracting nearly equal numbers.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "double_double.h"
#include "polynomial.h"
#include "siegert_coefficients.h"

namespace nuphi::detail {

inline constexpr double kSqrtPi = 1.7724538509055160273;
inline constexpr double kTwoOverSqrtPi = 1.1283791670955125739;

/// One neuron as the regions need it. Above threshold X = μ − V − cσ = −σy stands for y, because it
/// exists at σ = 0; the difference of the two X is `length`, never formed from them.
template <class N>
struct Boundaries {
  N sigma{};
  N x_threshold{};       ///< μ − V_th − c_t σ; below threshold only its sign is used
  N length{};            ///< V_th − V_reset + (c_t − c_r) σ > 0
  Pair<N> to_threshold;  ///< V_th − μ
  N to_reset{};          ///< V_reset − μ
  Pair<N> c_threshold;   ///< shift c_t of the threshold, the low part only below threshold
  N c_excess{};          ///< c_t − c_r ≥ 0
};

/// Integral and differences, all multiplied by `scale`: 1 above threshold, e^{−y_t²} below, where
/// f itself overflows.
template <class N>
struct SiegertIntegral {
  N scale{};
  N integral{};        ///< √π ∫f
  N d_mu{};            ///< Δf/σ
  N d_sigma{};         ///< Δ(zf)/σ
  N d_mu_mu{};         ///< Δf'/σ²
  N d_mu_sigma{};      ///< Δ(f + z f')/σ²
  N d_sigma_sigma{};   ///< Δ(2zf + z² f')/σ²
  Pair<N> exponent{};  ///< −ln scale
};

// Region A, y_t ≤ 0: drive above threshold. With x = −y ≥ 0,
//   √π∫f = log1p(length/D_t) + S(u_r) − S(u_t),  D = X + 4σ,  u = (4 − x)/(4 + x),
//   f⁽ⁿ⁾(−x) = β^{n+1} σ^{n+1} R_n(u),           β = 1/(X + σ),
// where the differences of S and R_n come as divided differences. No step divides by σ: σ = 0 is a
// point like any other.
template <bool kSecond, class N>
[[nodiscard]] inline SiegertIntegral<N> above_threshold(const Boundaries<N>& b) {
  using std::log1p;
  const N xt = b.x_threshold, xr = xt + b.length, sigma = b.sigma, four_sigma = N(4.0) * sigma;
  const auto [rt, bt] = inverses(xt + four_sigma, xt + sigma);
  const auto [rr, br] = inverses(xr + four_sigma, xr + sigma);
  const N ut = (four_sigma - xt) * rt, ur = (four_sigma - xr) * rr;
  const N du = N(2.0) * four_sigma * rt * rr;  // (u_t − u_r)/length

  const auto s = divided_difference(kIntegralRemainder, ut, ur);
  const auto p0 = divided_difference(kDerivative0, ut, ur);
  const auto p1 = divided_difference(kDerivative1, ut, ur);

  // Δf⁽ⁿ⁾/σ^{n+1}/length
  //   = β_tβ_r Σ β_t^j β_r^{n−1−j} R_n(u_t) + β_r^{n+1} (u_t − u_r)/length R_n[u_t, u_r],
  // with the σ that multiplies them taken into s = σβ ≤ 1, where small σ cannot overflow.
  const N st = sigma * bt, sr = sigma * br, product = bt * br;
  const N f0 = b.length * (product * p0.value + br * du * p0.slope);
  const N sigma_f1 = b.length * (product * (st + sr) * p1.value + br * sr * du * p1.slope);

  SiegertIntegral<N> r;
  r.scale = N(1.0);
  r.exponent = {N(0.0), N(0.0)};
  r.integral = log1p(b.length * rt) - b.length * du * s.slope;  // both addends are positive
  r.d_mu = f0;
  // f_r/σ, for shifts that differ
  const N reset0 = br * (p0.value - b.length * du * p0.slope);
  r.d_sigma = N(0.5) * sigma_f1 - b.c_threshold.high * f0 - b.c_excess * reset0;
  if constexpr (kSecond) {
    const auto p2 = divided_difference(kDerivative2, ut, ur);
    const auto p3 = divided_difference(kDerivative3, ut, ur);
    const N sum = bt + br, br2 = br * br;
    const N f1 = b.length * (product * sum * p1.value + br2 * du * p1.slope);
    const N sigma_f2 =
        b.length * (product * (sum * st + br * sr) * p2.value + br2 * sr * du * p2.slope);
    const N sigma2_f3 =
        b.length * (product * sum * (st * st + sr * sr) * p3.value + br2 * sr * sr * du * p3.slope);
    const N reset1 = br2 * (p1.value - b.length * du * p1.slope);
    const N sigma_reset2 = br2 * sr * (p2.value - b.length * du * p2.slope);
    const N ct = b.c_threshold.high, excess = b.c_excess;
    r.d_mu_mu = f1;
    r.d_mu_sigma = N(0.5) * sigma_f2 - ct * f1 - excess * reset1;
    r.d_sigma_sigma = N(0.25) * sigma2_f3 - N(0.5) * f1 - ct * (sigma_f2 - ct * f1) -
                      excess * (sigma_reset2 - (ct + ct - excess) * reset1);
  }
  return r;
}

/// Below threshold y_t and y_t² are needed in two doubles: e^{−y²} magnifies an error of y by 2y².
template <class N>
struct ScaledThreshold {
  N inverse_sigma{};
  N y{};
  N z{};  ///< y − c_t
  N d{};  ///< y_t − y_r
  Pair<N> square;
};

template <class N>
[[nodiscard]] inline ScaledThreshold<N> scaled_threshold(const Boundaries<N>& b) {
  ScaledThreshold<N> r;
  r.inverse_sigma = N(1.0) / b.sigma;
  r.d = b.length / b.sigma;
  // (V_th − μ)/σ with the remainder of the division, and then the shift.
  r.z = b.to_threshold.high * r.inverse_sigma;
  const Pair<N> product = two_product(r.z, b.sigma);
  const N remainder = ((b.to_threshold.high - product.high) - product.low) + b.to_threshold.low;
  const Pair<N> sum = two_sum(r.z, b.c_threshold.high);
  const N low = sum.low + (b.c_threshold.low + remainder * r.inverse_sigma);
  r.y = sum.high + low;
  const N y_low = low - (r.y - sum.high);
  const Pair<N> square = two_product(r.y, r.y);
  r.square = fast_two_sum(square.high, square.low + N(2.0) * r.y * y_low);
  return r;
}

/// The interval is narrow where this is below 0.6.
inline constexpr double kNarrow = 0.6;

template <class N>
[[nodiscard]] inline N narrow_width(const ScaledThreshold<N>& threshold) {
  return threshold.d * (N(1.0) + N(2.0) * threshold.y);
}

template <class N>
[[nodiscard]] inline N exp_minus(const Pair<N>& x) {
  using std::exp;
  const N e = exp(-x.high);
  return e - e * x.low;
}

/// e^{x²} erfc(x) for x ≥ 0.
[[nodiscard]] inline double erfcx(double x) {
  return polynomial(kDerivative0, (4 - x) / (4 + x)) / (1 + x);
}
template <class N>
[[nodiscard]] inline N erfcx(N x) {
  const Pair<N> inverse = inverses(N(4.0) + x, N(1.0) + x);
  return polynomial(kDerivative0, (N(4.0) - x) * inverse.high) * inverse.low;
}

/// P(x) = √π e^{−x²} ∫_0^x f for x ≥ 0.
[[nodiscard]] inline double scaled_integral(double x) {
  if (x >= 7) {
    const double inverse = 1 / x;
    return inverse * polynomial(kScaledIntegralTail, inverse * inverse);
  }
  const int piece = static_cast<int>(x);
  return polynomial(kScaledIntegral[static_cast<std::size_t>(piece)], x - (piece + 0.5));
}

/// What is left to do once f and f' at both boundaries are known; all multiplied by the scale.
template <bool kSecond, class N>
inline void difference_of_ends(const Boundaries<N>& b, const ScaledThreshold<N>& threshold, N f_t,
                               N f_r, N f1_t, N f1_r, SiegertIntegral<N>& r) {
  const N inverse_sigma = threshold.inverse_sigma;
  const N zt = threshold.z, zr = b.to_reset * inverse_sigma;
  r.d_sigma = (zt * f_t - zr * f_r) * inverse_sigma;
  if constexpr (kSecond) {
    const N inverse2 = inverse_sigma * inverse_sigma;
    r.d_mu_mu = (f1_t - f1_r) * inverse2;
    r.d_mu_sigma = ((f_t + zt * f1_t) - (f_r + zr * f1_r)) * inverse2;
    r.d_sigma_sigma =
        (zt * (N(2.0) * f_t + zt * f1_t) - zr * (N(2.0) * f_r + zr * f1_r)) * inverse2;
  }
}

/// P where y_t < 7, and at the reset where y_t² > 50: a vector type may use what that implies.
[[nodiscard]] inline double scaled_integral_near(double x) { return scaled_integral(x); }
[[nodiscard]] inline double scaled_integral_far(double x) { return scaled_integral(x); }

/// What a wide interval is made of, by the position of the reset. Far below threshold nothing that
/// carries e = e^{−y_t²} is felt, even times a logarithm; nor, if y_r ≤ 0 there, anything of the
/// reset.
enum class Wide { kResetAboveZero, kResetBelowZero, kFarThreshold, kFaint, kFaintThresholdOnly };

/// e^{−y_t²} is faint below this.
inline constexpr double kFaint = 1e-22;

// Region B, y_t > 0, wide interval. F(x) = ∫_0^x f scaled by e = e^{−y_t²} is P(y_t) at threshold;
// f(y_t) e = 2 − e erfcx(y_t). The interval is wide enough that the differences cost at most a
// factor of about 3.
template <bool kSecond, Wide kWide, class N>
[[nodiscard]] inline SiegertIntegral<N> below_threshold_wide(const Boundaries<N>& b,
                                                             const ScaledThreshold<N>& threshold,
                                                             N e) {
  using std::exp, std::log1p;
  const N y = threshold.y, inverse_sigma = threshold.inverse_sigma;
  SiegertIntegral<N> r;
  r.exponent = threshold.square;
  r.scale = e;
  N f_t = N(2.0), f1_t = N(4.0) * y, f_r = N(0.0), f1_r = N(0.0);
  const N yr = y - threshold.d;
  if constexpr (kWide == Wide::kFaintThresholdOnly) {
    r.integral = scaled_integral(y);
    r.d_mu = N(2.0) * inverse_sigma;
  } else if constexpr (kWide == Wide::kFaint || kWide == Wide::kFarThreshold) {
    const N w = exp(-threshold.d * (y + yr));  // e^{y_r² − y_t²}
    const N at_reset = kWide == Wide::kFarThreshold ? scaled_integral(yr) : scaled_integral_far(yr);
    r.integral = scaled_integral_far(y) - w * at_reset;
    r.d_mu = N(2.0) * (N(1.0) - w) * inverse_sigma;
    f_r = select(yr > N(0.0), N(2.0) * w, N(0.0));
    f1_r = N(2.0) * yr * f_r;
  } else {
    const N erfcx_t = erfcx(y);
    f_t = N(2.0) - e * erfcx_t;
    f1_t = N(2.0) * y * f_t + N(kTwoOverSqrtPi) * e;
    if constexpr (kWide == Wide::kResetAboveZero) {
      const N w = exp(-threshold.d * (y + yr));
      const N erfcx_r = erfcx(yr);
      r.integral = scaled_integral_near(y) - w * scaled_integral_near(yr);
      r.d_mu = (e * (erfcx_r - erfcx_t) + N(2.0) * (N(1.0) - w)) * inverse_sigma;
      f_r = N(2.0) * w - e * erfcx_r;
      f1_r = N(2.0) * yr * f_r + N(kTwoOverSqrtPi) * e;
    } else {
      const N x = -yr;
      const auto [inverse, beta] = inverses(N(4.0) + x, N(1.0) + x);
      const N u = (N(4.0) - x) * inverse;
      const N erfcx_r = polynomial(kDerivative0, u) * beta;
      const N remainder = N(2.0) * x * inverse * polynomial(kIntegralRemainderRatio, u);
      r.integral = scaled_integral_near(y) + e * (log1p(N(0.25) * x) + remainder);
      // 2 − e erfcx(y_t) − e erfcx(x) with every addend positive
      r.d_mu =
          (e * ((N(1.0) - erfcx_t) + (N(1.0) - erfcx_r)) + N(2.0) * (N(1.0) - e)) * inverse_sigma;
      f_r = e * erfcx_r;
      if constexpr (kSecond) f1_r = e * polynomial(kDerivative1, u) * (beta * beta);
    }
  }
  difference_of_ends<kSecond>(b, threshold, f_t, f_r, f1_t, f1_r, r);
  return r;
}

// Region C, y_t > 0, narrow interval: Taylor series of f about the midpoint m, half width h. From
// f' = 2sf + 2/√π the terms a_n = f⁽ⁿ⁾(m) hⁿ/n! obey a_{n+1} = (2mh a_n + 2h² a_{n−1})/(n+1); odd
// and even ones add up to the differences and the integral. a_n/h³ is carried from n = 3 on, so
// that nothing is ever divided by h.
// kTerms: 21 suffice for d(1 + 2y_t) < 0.6, 15 for 0.2; 2 more with second derivatives.
template <bool kSecond, int kTerms, class N>
[[nodiscard]] inline SiegertIntegral<N> below_threshold_narrow(const Boundaries<N>& b,
                                                               const ScaledThreshold<N>& threshold,
                                                               N scale) {
  using std::abs, std::exp;
  const N y = threshold.y, inverse_sigma = threshold.inverse_sigma;
  const N h = N(0.5) * threshold.d;
  const N m = y - h;
  SiegertIntegral<N> r;
  r.exponent = threshold.square;
  r.scale = scale;

  // All scaled by e^{−m²}; m > −0.3.
  const N w = exp_small(-h * (y + m));  // e^{m² − y_t²} > 0.5
  const N e = r.scale / w;
  const N tail = e * erfcx(abs(m));
  const N f0 = select(m < N(0.0), tail, N(2.0) - tail);
  const N m2 = m + m, hh = h * h;
  const N f1 = m2 * f0 + N(kTwoOverSqrtPi) * e;
  const N f2 = N(2.0) * f0 + m2 * f1;
  const N f3 = N(4.0) * f1 + m2 * f2;
  const N f4 = N(6.0) * f2 + m2 * f3;
  const N p = m2 * h, q = N(2.0) * hh;
  N before = f3 * N(1.0 / 6), term = h * f4 * N(1.0 / 24);
  N odd = before, odd2 = N(6.0) * before;
  N even = term, even_integral = N(1.0 / 5) * term, even1 = N(4.0) * term, even3 = N(24.0) * term;
  for (int n = 5; n < kTerms; ++n) {
    const N inverse = N(1.0 / n);
    const N next = multiply_add(p * inverse, term, (q * inverse) * before);
    before = term;
    term = next;
    if (n % 2 == 1) {
      odd = odd + term;
      if constexpr (kSecond) odd2 = multiply_add(N(n * (n - 1.0)), term, odd2);
    } else {
      even = even + term;
      even_integral = multiply_add(N(1.0 / (n + 1)), term, even_integral);
      even1 = multiply_add(N(static_cast<double>(n)), term, even1);
      if constexpr (kSecond) even3 = multiply_add(N(n * (n - 1.0) * (n - 2.0)), term, even3);
    }
  }
  const N two_w = w + w;
  const N delta0 = two_w * h * (f1 + hh * odd);   // Δf
  const N delta1 = two_w * h * (f2 + h * even1);  // Δf'
  const N f0_r = w * (f0 + hh * (N(0.5) * f2 + h * even)) - N(0.5) * delta0;
  const N ct = b.c_threshold.high, excess = b.c_excess;
  r.integral = N(kSqrtPi) * two_w * h * (f0 + hh * (f2 * N(1.0 / 6) + h * even_integral));
  r.d_mu = delta0 * inverse_sigma;
  r.d_sigma = (N(0.5) * delta1 - ct * delta0 - excess * f0_r) * inverse_sigma;
  if constexpr (kSecond) {
    const N delta2 = two_w * h * odd2, delta3 = two_w * even3;
    const N two_yr = N(2.0) * (m - h);
    const N f1_r = two_yr * f0_r + N(kTwoOverSqrtPi) * r.scale;
    const N f2_r = N(2.0) * f0_r + two_yr * f1_r;
    const N inverse2 = inverse_sigma * inverse_sigma;
    r.d_mu_mu = delta1 * inverse2;
    r.d_mu_sigma = (N(0.5) * delta2 - ct * delta1 - excess * f1_r) * inverse2;
    r.d_sigma_sigma = (N(0.25) * delta3 - N(0.5) * delta1 - ct * (delta2 - ct * delta1) -
                       excess * (f2_r - (ct + ct - excess) * f1_r)) *
                      inverse2;
  }
  return r;
}

}  // namespace nuphi::detail
