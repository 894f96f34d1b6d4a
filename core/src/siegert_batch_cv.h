// The coefficient of variation in vectors, as cv_kernel.h has it for one neuron. Included by
// siegert_batch_loop.h.
#pragma once

#include "cv_kernel.h"
#include "siegert_batch_sort.h"
#include "siegert_batch_vector.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

inline constexpr double kSqrtTwoPi = 2.5066282746310005024;

inline Vec sqrt(Vec x) {
#if defined(NUPHI_BATCH_AVX512)
  return Vec(Lanes(_mm512_maskz_sqrt_pd(0xff, x.lanes)));
#elif defined(NUPHI_BATCH_AVX2)
  return Vec(Lanes(_mm256_sqrt_pd(x.lanes)));
#else
  for (std::size_t lane = 0; lane < kLanes; ++lane) x.lanes[lane] = std::sqrt(x.lanes[lane]);
  return x;
#endif
}

/// e^x − 1 for |x| < 1.4.
inline Vec expm1(Vec x) {
  const Vec quarter = Vec(0.25) * x;
  Vec e = multiply_add(quarter * quarter, polynomial(kInverseFactorial, quarter), quarter);
  e = e * (e + Vec(2.0));
  return e * (e + Vec(2.0));
}

/// The pieces of Z side by side.
struct CvTable {
  alignas(64) double c[kCvScaled[0].size()][8] = {};
};
constexpr CvTable make_cv_table() {
  CvTable table;
  for (std::size_t n = 0; n < kCvScaled[0].size(); ++n) {
    for (std::size_t piece = 0; piece < 8; ++piece) table.c[n][piece] = kCvScaled[piece][n];
  }
  return table;
}
inline constexpr CvTable kCvTable = make_cv_table();
static_assert(kCvScaled.size() == 8 && kCvScaled[0].size() % 2 == 0);

/// The piece about the integer nearest to x.
struct CvPiece {
  Vec centre;
  Lookup at;

  explicit CvPiece(Vec x) : CvPiece(min(max(x, Vec(0.0)), Vec(7.0)) + Vec(kToInteger), 0) {}

 private:
  CvPiece(Vec shifted, int) : centre(shifted - Vec(kToInteger)), at(bits_of(shifted) & 7) {}
};

/// Z(x) = e^{−2x²} C(x) for −0.5 < x < 7.5.
inline Vec cv_near(Vec x) {
  const CvPiece piece(x);
  const Vec u = x - piece.centre, square = u * u;
  constexpr std::size_t kPairs = kCvScaled[0].size() / 2;
  Vec even = piece.at(kCvTable.c[2 * kPairs - 2]), odd = piece.at(kCvTable.c[2 * kPairs - 1]);
  for (std::size_t k = kPairs - 1; k-- > 0;) {
    even = multiply_add(even, square, piece.at(kCvTable.c[2 * k]));
    odd = multiply_add(odd, square, piece.at(kCvTable.c[2 * k + 1]));
  }
  return multiply_add(odd, u, even);
}

/// Z(x) where either x ≥ 7.5 or the result is not felt.
inline Vec cv_far(Vec x) {
  const Vec inverse = Vec(1.0) / max(x, Vec(kCvPiecesEnd));
  const Vec w = inverse * inverse;
  return w * polynomial(kCvScaledTail, w);
}

inline Vec cv_anywhere(Vec x) {
  return select(x >= Vec(kCvPiecesEnd), cv_far(x), cv_near(min(x, Vec(kCvPiecesEnd))));
}

/// Z(a) and [Z(a) − Z(b)]/(a − b) for a and b at most 0.3 from their middle m > −0.3.
inline ValueAndSlope<Vec> cv_slope(Vec a, Vec b, Vec m) {
  const Mask far = m >= Vec(kCvPiecesEnd);
  // Far ones first; lanes that are not take numbers that do no harm.
  const Vec inverse_a = Vec(1.0) / max(a, Vec(7.0)), inverse_b = Vec(1.0) / max(b, Vec(7.0));
  const Vec wa = inverse_a * inverse_a, wb = inverse_b * inverse_b;
  const ValueAndSlope<Vec> tail = divided_difference(kCvScaledTail, wa, wb);
  const Vec far_value = wa * tail.value;
  const Vec far_slope = -(a + b) * (wa * wb) * multiply_add(wb, tail.slope, tail.value);

  const CvPiece piece(m);
  const Vec ua = a - piece.centre, ub = b - piece.centre;
  constexpr std::size_t kTop = kCvScaled[0].size() - 1;
  Vec value = piece.at(kCvTable.c[kTop]), slope = value;
  value = multiply_add(value, ua, piece.at(kCvTable.c[kTop - 1]));
  for (std::size_t k = kTop - 1; k-- > 0;) {
    slope = multiply_add(slope, ub, value);
    value = multiply_add(value, ua, piece.at(kCvTable.c[k]));
  }
  return {select(far, far_value, value), select(far, far_slope, slope)};
}

/// e^{−2y_t²} [C(y_t) − C(y_r)]
template <Class kClass>
[[nodiscard]] inline Vec cv_variance(const ScaledThreshold<Vec>& threshold, Vec scale) {
  const Vec y = threshold.y, d = threshold.d, yr = y - d;
  if constexpr (is_narrow(kClass)) {
    const Vec m = y - Vec(0.5) * d;
    const ValueAndSlope<Vec> z = cv_slope(yr, y, m);
    return d * z.slope - z.value * expm1(Vec(-4.0) * d * m);
  } else if constexpr (kClass == kWideBelowZero) {
    const Vec x = -yr;
    const Pair<Vec> inverse = inverses(Vec(4.0) + x, Vec(1.0) + x);
    const Vec beta = scale * inverse.low;
    return cv_near(y) - beta * beta * polynomial(kCvBelow, (Vec(4.0) - x) * inverse.high);
  } else {
    const Vec w = exp(Vec(-2.0) * d * (y + yr));
    if constexpr (kClass == kWideAboveZero) return cv_near(y) - w * cv_near(yr);
    if constexpr (kClass == kWideFar) return cv_anywhere(y) - w * cv_anywhere(yr);
    return cv_far(y) - w * cv_far(yr);
  }
}

}  // namespace NUPHI_BATCH_SET
}  // namespace nuphi::detail
