// Polynomials in ascending coefficients. Even and odd powers run side by side, which halves the
// latency of Horner's scheme; for a single double they share one register.
#pragma once

#include <array>
#include <cstddef>

namespace nuphi::detail {

/// a·b + c, rounded once where the number type has that in hardware. A vector type brings its own.
[[nodiscard]] inline double multiply_add(double a, double b, double c) { return a * b + c; }

/// Both sides exist already: nothing is saved by the choice, and a vector type can make it too.
[[nodiscard]] inline double select(bool condition, double yes, double no) {
  return condition ? yes : no;
}

/// Sums over the even and over the odd powers: p(u) = E(u²) + u O(u²).
template <class N>
class EvenOdd {
 public:
  EvenOdd(N even, N odd) : even_(even), odd_(odd) {}
  [[nodiscard]] N even() const { return even_; }
  [[nodiscard]] N odd() const { return odd_; }
  [[nodiscard]] EvenOdd times_plus(N factor, const EvenOdd& addend) const {
    return {multiply_add(even_, factor, addend.even_), multiply_add(odd_, factor, addend.odd_)};
  }

 private:
  N even_, odd_;
};

#if defined(__GNUC__)
template <>
class EvenOdd<double> {
  using Lanes [[gnu::vector_size(16)]] = double;

 public:
  EvenOdd(double even, double odd) : lanes_{even, odd} {}
  [[nodiscard]] double even() const { return lanes_[0]; }
  [[nodiscard]] double odd() const { return lanes_[1]; }
  [[nodiscard]] EvenOdd times_plus(double factor, const EvenOdd& addend) const {
    return EvenOdd(lanes_ * Lanes{factor, factor} + addend.lanes_);
  }

 private:
  explicit EvenOdd(Lanes lanes) : lanes_(lanes) {}
  Lanes lanes_;
};
#endif

/// The coefficients of u^{2k} and u^{2k+1}.
template <class N, std::size_t n>
[[nodiscard]] inline EvenOdd<N> coefficient_pair(const std::array<double, n>& c, std::size_t k) {
  return {N(c[2 * k]), N(c[2 * k + 1])};
}

template <class N, std::size_t n>
[[nodiscard]] inline EvenOdd<N> top_pair(const std::array<double, n>& c) {
  if constexpr (n % 2 == 0) return coefficient_pair<N>(c, n / 2 - 1);
  return {N(c[n - 1]), N(0.0)};
}

template <class N, std::size_t n>
[[nodiscard]] inline N polynomial(const std::array<double, n>& c, N u) {
  const N square = u * u;
  EvenOdd<N> p = top_pair<N>(c);
  for (std::size_t k = (n - 1) / 2; k-- > 0;) p = p.times_plus(square, coefficient_pair<N>(c, k));
  return multiply_add(p.odd(), u, p.even());
}

/// A polynomial at one point and its divided difference with a second.
template <class N>
struct ValueAndSlope {
  N value{};  ///< p(a)
  N slope{};  ///< [p(a) − p(b)] / (a − b), formed without that quotient
};

template <class N, std::size_t n>
[[nodiscard]] inline ValueAndSlope<N> divided_difference(const std::array<double, n>& c, N a, N b) {
  const N a2 = a * a, b2 = b * b;
  constexpr std::size_t kTop = (n - 1) / 2;
  EvenOdd<N> p = top_pair<N>(c);
  EvenOdd<N> slope = p;  // in the variable u²
  p = p.times_plus(a2, coefficient_pair<N>(c, kTop - 1));
  for (std::size_t k = kTop - 1; k-- > 0;) {
    slope = slope.times_plus(b2, p);
    p = p.times_plus(a2, coefficient_pair<N>(c, k));
  }
  // [aO(a²) − bO(b²)]/(a − b) = O(a²) + b(a + b) O[a², b²]
  return {multiply_add(p.odd(), a, p.even()),
          multiply_add(multiply_add(slope.odd(), b, slope.even()), a + b, p.odd())};
}

}  // namespace nuphi::detail
