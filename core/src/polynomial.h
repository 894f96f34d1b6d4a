// Polynomials in ascending coefficients. Even and odd powers run as two chains, which halves the
// latency of Horner's scheme.
#pragma once

#include <array>
#include <cstddef>

namespace nuphi::detail {

template <class N>
[[nodiscard]] inline N mul_add(N a, N b, N c) {
  return a * b + c;
}

template <class N, std::size_t n>
[[nodiscard]] inline N polynomial(const std::array<double, n>& c, N u) {
  static_assert(n >= 4);
  constexpr std::size_t kEven = (n - 1) / 2 * 2, kOdd = (n - 2) / 2 * 2 + 1;
  const N square = u * u;
  N even = N(c[kEven]), odd = N(c[kOdd]);
  if constexpr (kEven > kOdd) even = mul_add(even, square, N(c[kEven - 2]));
  for (std::size_t k = kOdd - 1; k >= 2; k -= 2) {
    even = mul_add(even, square, N(c[k - 2]));
    odd = mul_add(odd, square, N(c[k - 1]));
  }
  return mul_add(odd, u, even);
}

/// A polynomial at one point and its divided difference with a second.
template <class N>
struct ValueAndSlope {
  N value{};  ///< p(a)
  N slope{};  ///< [p(a) − p(b)] / (a − b), formed without that quotient
};

template <class N, std::size_t n>
[[nodiscard]] inline ValueAndSlope<N> divided_difference(const std::array<double, n>& c, N a, N b) {
  static_assert(n >= 4);
  constexpr std::size_t kEven = (n - 1) / 2 * 2, kOdd = (n - 2) / 2 * 2 + 1;
  const N a2 = a * a, b2 = b * b;
  N even = N(c[kEven]), odd = N(c[kOdd]);
  N even_slope = N(0.0), odd_slope = N(0.0);
  if constexpr (kEven > kOdd) {
    even_slope = even;
    even = mul_add(even, a2, N(c[kEven - 2]));
  }
  for (std::size_t k = kOdd - 1; k >= 2; k -= 2) {
    even_slope = mul_add(even_slope, b2, even);
    odd_slope = mul_add(odd_slope, b2, odd);
    even = mul_add(even, a2, N(c[k - 2]));
    odd = mul_add(odd, a2, N(c[k - 1]));
  }
  // p(u) = E(u²) + u O(u²): differences of E and O carry the factor a + b, that of u leaves O(a²).
  return {mul_add(odd, a, even), mul_add(mul_add(odd_slope, b, even_slope), a + b, odd)};
}

}  // namespace nuphi::detail
