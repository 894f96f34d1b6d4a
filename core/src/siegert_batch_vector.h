// Vec, the number type of siegert_batch_loop.h: a vector of NUPHI_BATCH_LANES doubles with the
// arithmetic and the few functions (exp, log, select …) that the formulas of the rate ask of a
// double. The file of each instruction set includes it once, at global scope.
#pragma once

#include "siegert_batch_standard.h"
//
#include "double_double.h"
#include "polynomial.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

inline constexpr std::size_t kLanes = NUPHI_BATCH_LANES;

using Lanes [[gnu::vector_size(8 * NUPHI_BATCH_LANES)]] = double;
using Bits [[gnu::vector_size(8 * NUPHI_BATCH_LANES)]] = std::int64_t;

/// A vector that calculates like a double.
struct Vec {
  Lanes lanes;

  Vec() = default;
  Vec(double x) : lanes(Lanes{} + x) {}  // NOLINT: N(1.0) and plain numbers alike
  explicit Vec(Lanes x) : lanes(x) {}
};

inline Vec operator+(Vec a, Vec b) { return Vec(a.lanes + b.lanes); }
inline Vec operator-(Vec a, Vec b) { return Vec(a.lanes - b.lanes); }
inline Vec operator*(Vec a, Vec b) { return Vec(a.lanes * b.lanes); }
inline Vec operator/(Vec a, Vec b) { return Vec(a.lanes / b.lanes); }
inline Vec operator-(Vec a) { return Vec(-a.lanes); }

inline Bits bits_of(Vec x) {
  Bits result;
  std::memcpy(&result, &x, sizeof result);
  return result;
}
inline Vec from_bits(Bits x) {
  Vec result;
  std::memcpy(&result, &x, sizeof result);
  return result;
}
inline Vec abs(Vec x) { return from_bits(bits_of(x) & 0x7fffffffffffffff); }

#if defined(NUPHI_BATCH_AVX512)
/// A bit for each lane.
struct Mask {
  __mmask8 bits;
};
inline Mask operator<(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.lanes, b.lanes, _CMP_LT_OQ)}; }
inline Mask operator<=(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.lanes, b.lanes, _CMP_LE_OQ)}; }
inline Mask operator>(Vec a, Vec b) { return b < a; }
inline Mask operator>=(Vec a, Vec b) { return b <= a; }
inline Mask operator==(Vec a, Vec b) { return {_mm512_cmp_pd_mask(a.lanes, b.lanes, _CMP_EQ_OQ)}; }
inline Mask operator&(Mask a, Mask b) { return {static_cast<__mmask8>(a.bits & b.bits)}; }
inline Mask operator|(Mask a, Mask b) { return {static_cast<__mmask8>(a.bits | b.bits)}; }
inline Vec select(Mask condition, Vec yes, Vec no) {
  return Vec(Lanes(_mm512_mask_blend_pd(condition.bits, no.lanes, yes.lanes)));
}
#else
/// All bits of a lane.
struct Mask {
  Bits bits;
};
inline Mask operator<(Vec a, Vec b) { return {a.lanes < b.lanes}; }
inline Mask operator<=(Vec a, Vec b) { return {a.lanes <= b.lanes}; }
inline Mask operator>(Vec a, Vec b) { return {a.lanes > b.lanes}; }
inline Mask operator>=(Vec a, Vec b) { return {a.lanes >= b.lanes}; }
inline Mask operator==(Vec a, Vec b) { return {a.lanes == b.lanes}; }
inline Mask operator&(Mask a, Mask b) { return {a.bits & b.bits}; }
inline Mask operator|(Mask a, Mask b) { return {a.bits | b.bits}; }
inline Vec select(Mask condition, Vec yes, Vec no) {
  return Vec(condition.bits ? yes.lanes : no.lanes);
}
#endif
inline Vec max(Vec a, Vec b) { return select(a > b, a, b); }
inline Vec min(Vec a, Vec b) { return select(a < b, a, b); }

inline Vec multiply_add(Vec a, Vec b, Vec c) {
#if defined(NUPHI_BATCH_AVX512)
  return Vec(Lanes(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes)));
#elif defined(NUPHI_BATCH_AVX2)
  return Vec(Lanes(_mm256_fmadd_pd(a.lanes, b.lanes, c.lanes)));
#else
  return a * b + c;
#endif
}

/// a·b exactly.
inline Pair<Vec> two_product(Vec a, Vec b) {
  const Vec product = a * b;
#if defined(NUPHI_BATCH_AVX512) || defined(NUPHI_BATCH_AVX2)
  return {product, multiply_add(a, b, -product)};
#else
  const Vec splitter(134217729.0);  // 2^27 + 1
  const Vec wide_a = splitter * a, wide_b = splitter * b;
  const Vec a_high = wide_a - (wide_a - a), b_high = wide_b - (wide_b - b);
  const Vec a_low = a - a_high, b_low = b - b_high;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
#endif
}

inline constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 33 bits
inline constexpr double kLn2Low = 1.90821492927058770002e-10;
/// Added to a number below 2^51 it leaves the nearest integer in the lowest bits.
inline constexpr double kToInteger = 0x1.8p52;

/// 1/n! for n = 2 … 13.
inline constexpr std::array<double, 12> kInverseFactorial = {
    1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};

/// e^x for |x| < 0.35.
inline Vec exp_small(Vec x) {
  return Vec(1.0) + multiply_add(x * x, polynomial(kInverseFactorial, x), x);
}

/// e^x for x ≤ 700, 0 below −708.
inline Vec exp(Vec x) {
  const Vec bounded = max(x, Vec(-708.0));
  const Vec shifted = multiply_add(bounded, Vec(std::numbers::log2e), Vec(kToInteger));
  const Vec k = shifted - Vec(kToInteger);
  const Vec high = multiply_add(k, Vec(-kLn2High), bounded);
  const Vec r = multiply_add(k, Vec(-kLn2Low), high);
  const Vec e = exp_small(r);
  return select(x < Vec(-708.0), Vec(0.0), from_bits(bits_of(e) + (bits_of(shifted) << 52)));
}

/// ln(x + low) for a normal x > 0 and |low| below its rounding, by the scheme of fdlibm: with
/// x = 2^k m, √½ < m < √2, f = m − 1, s = f/(2 + f), ln m = f − f²/2 + s(f²/2 + R(s²)).
inline Vec log_of_sum(Vec x, Vec low) {
  const Bits offset = bits_of(x) - 0x3fe6a09e667f3bcd;  // √½
  const Bits exponent = offset & static_cast<std::int64_t>(0xfff0000000000000);
  const Vec inverse_power = from_bits(bits_of(Vec(1.0)) - exponent);
  // m − 1 is exact, and what is added to it small.
  const Vec f = (from_bits(bits_of(x) - exponent) - Vec(1.0)) + low * inverse_power;
  // The exponent is signed and small: added to the bits of a large number it becomes a double.
  const Bits biased = bits_of(Vec(kToInteger)) + ((offset >> 52));
  const Vec k = from_bits(biased) - Vec(kToInteger);
  const Vec inverse = Vec(1.0) / (Vec(2.0) + f);
  const Vec s = f * inverse, z = s * s;
  constexpr std::array<double, 8> c = {0,
                                       6.666666666666735130e-01,
                                       3.999999999940941908e-01,
                                       2.857142874366239149e-01,
                                       2.222219843214978396e-01,
                                       1.818357216161805012e-01,
                                       1.531383769920937332e-01,
                                       1.479819860511658591e-01};
  const Vec half_square = Vec(0.5) * f * f;
  const Vec inner = multiply_add(s, half_square + polynomial(c, z), k * Vec(kLn2Low));
  return multiply_add(k, Vec(kLn2High), f - (half_square - inner));
}

inline Vec log(Vec x) { return log_of_sum(x, Vec(0.0)); }

/// ln(1 + x) for x > −½.
inline Vec log1p(Vec x) {
  const Pair<Vec> sum = two_sum(Vec(1.0), x);
  return log_of_sum(sum.high, sum.low);
}

/// A row of eight doubles, of which each lane takes one.
class Lookup {
 public:
#if defined(NUPHI_BATCH_AVX512)
  explicit Lookup(Bits index) : index_(index) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    // (The form without a mask gives a false alarm of g++ 12.)
    return Vec(Lanes(
        _mm512_maskz_permutexvar_pd(0xff, reinterpret_cast<__m512i>(index_), _mm512_load_pd(row))));
  }

 private:
  Bits index_;
#elif defined(NUPHI_BATCH_AVX2)
  explicit Lookup(Bits index)
      // Pairs of 32 bits make a double; the position in a half, and which half.
      : index_((((index & 3) * 2) * 0x100000001) + (std::int64_t{1} << 32)), upper_(index << 61) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    const __m256i position = reinterpret_cast<__m256i>(index_);
    const __m256 low = _mm256_castpd_ps(_mm256_load_pd(row));
    const __m256 high = _mm256_castpd_ps(_mm256_load_pd(row + 4));
    return Vec(Lanes(_mm256_blendv_pd(_mm256_castps_pd(_mm256_permutevar8x32_ps(low, position)),
                                      _mm256_castps_pd(_mm256_permutevar8x32_ps(high, position)),
                                      reinterpret_cast<__m256d>(upper_))));
  }

 private:
  Bits index_, upper_;
#else
  explicit Lookup(Bits index) : index_(index) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    Lanes result;
    for (std::size_t lane = 0; lane < kLanes; ++lane) result[lane] = row[index_[lane]];
    return Vec(result);
  }

 private:
  Bits index_;
#endif
};

/// The pieces of P side by side, the last column for 1/x².
struct ScaledIntegralTable {
  alignas(64) double c[19][8] = {};
};
constexpr ScaledIntegralTable make_scaled_integral_table() {
  ScaledIntegralTable table;
  for (std::size_t n = 0; n < 19; ++n) {
    for (std::size_t piece = 0; piece < 7; ++piece) table.c[n][piece] = kScaledIntegral[piece][n];
    table.c[n][7] = n < kScaledIntegralTail.size() ? kScaledIntegralTail[n] : 0;
  }
  return table;
}
inline constexpr ScaledIntegralTable kTable = make_scaled_integral_table();

inline Vec scaled_integral_column(Bits column, Vec u) {
  const Lookup at(column);
  const Vec square = u * u;
  Vec even = at(kTable.c[18]), odd = at(kTable.c[17]);
  even = multiply_add(even, square, at(kTable.c[16]));
  for (std::size_t k = 8; k-- > 0;) {
    odd = multiply_add(odd, square, at(kTable.c[2 * k + 1]));
    even = multiply_add(even, square, at(kTable.c[2 * k]));
  }
  return multiply_add(odd, u, even);
}

/// P(x) = √π e^{−x²} ∫_0^x f for 0 ≤ x < 7, or beyond by rounding.
inline Vec scaled_integral_near(Vec x) {
  // The integer nearest to x − ½, from 0 to 6: at an integer x either piece will do.
  const Vec shifted = min(max(x - Vec(0.5), Vec(0.0)), Vec(6.0)) + Vec(kToInteger);
  const Vec u = x - ((shifted - Vec(kToInteger)) + Vec(0.5));
  return scaled_integral_column(bits_of(shifted) & 7, u);
}

/// P(x) for x ≥ 0.
inline Vec scaled_integral(Vec x) {
  const Mask beyond = x >= Vec(7.0);
  const Vec shifted =
      select(beyond, Vec(7.0), min(max(x - Vec(0.5), Vec(0.0)), Vec(6.0))) + Vec(kToInteger);
  const Vec inverse = Vec(1.0) / x;
  const Vec u = select(beyond, inverse * inverse, x - ((shifted - Vec(kToInteger)) + Vec(0.5)));
  const Vec p = scaled_integral_column(bits_of(shifted) & 7, u);
  return select(beyond, inverse * p, p);
}

/// P(x) where either x ≥ 7 or the result is not felt.
inline Vec scaled_integral_far(Vec x) {
  const Vec inverse = Vec(1.0) / max(x, Vec(7.0));
  return inverse * polynomial(kScaledIntegralTail, inverse * inverse);
}

/// One division for two.
[[nodiscard]] inline Pair<Vec> inverses(Vec a, Vec b) {
  const Vec inverse = Vec(1.0) / (a * b);
  return {b * inverse, a * inverse};
}

}  // namespace NUPHI_BATCH_SET
}  // namespace nuphi::detail
