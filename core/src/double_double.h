// Sums and products of two doubles with their rounding error, and the few operations built on them
// that the rate needs.
#pragma once

#include <cmath>

namespace nuphi::detail {

/// The unevaluated sum high + low, |low| ≤ ulp(high)/2.
template <class N>
struct Pair {
  N high{};
  N low{};
};

/// a + b exactly (Knuth).
template <class N>
[[nodiscard]] inline Pair<N> two_sum(N a, N b) {
  const N sum = a + b;
  const N part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// a + b exactly for |a| ≥ |b| (Dekker).
template <class N>
[[nodiscard]] inline Pair<N> fast_two_sum(N a, N b) {
  const N sum = a + b;
  return {sum, b - (sum - a)};
}

/// a·b exactly. Without hardware fma, std::fma is a slow call and the factors (below 2^996) are
/// split by Dekker's method instead.
[[nodiscard]] inline Pair<double> two_product(double a, double b) {
  const double product = a * b;
#ifdef __FP_FAST_FMA
  return {product, std::fma(a, b, -product)};
#else
  constexpr double kSplitter = 134217729;  // 2^27 + 1
  const double wide_a = kSplitter * a, wide_b = kSplitter * b;
  const double a_high = wide_a - (wide_a - a), b_high = wide_b - (wide_b - b);
  const double a_low = a - a_high, b_low = b - b_high;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
#endif
}

template <class N>
[[nodiscard]] inline Pair<N> subtract(const Pair<N>& a, const Pair<N>& b) {
  const Pair<N> sum = two_sum(a.high, -b.high);
  return fast_two_sum(sum.high, sum.low + (a.low - b.low));
}

template <class N>
[[nodiscard]] inline Pair<N> multiply(const Pair<N>& a, N b) {
  const Pair<N> product = two_product(a.high, b);
  return fast_two_sum(product.high, product.low + a.low * b);
}

/// e^x for |x| < 0.35. A vector type may use that.
[[nodiscard]] inline double exp_small(double x) { return std::exp(x); }

/// 1/a and 1/b. A vector type may save a division.
[[nodiscard]] inline Pair<double> inverses(double a, double b) { return {1 / a, 1 / b}; }

}  // namespace nuphi::detail
