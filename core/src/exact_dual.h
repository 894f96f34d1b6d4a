// Numbers with their partials in the four dimensionless parameters of a coloured LIF neuron.
#pragma once

#include <array>
#include <cmath>

namespace nuphi::detail {

/// x + ε·∂x (forward differentiation): value and partials in y_t, y_r, k and X.
struct Dual {
  static constexpr int kSize = 4;
  double value = 0;
  std::array<double, kSize> partial{};

  Dual() = default;
  Dual(double x) : value(x) {}  // NOLINT: a constant is a number like any other
  /// The parameter with the given index.
  static Dual parameter(double x, int index) {
    Dual d(x);
    d.partial[static_cast<std::size_t>(index)] = 1;
    return d;
  }
};

/// f(x) with its derivative.
inline Dual chain(const Dual& x, double value, double slope) {
  Dual r(value);
  for (std::size_t i = 0; i < x.partial.size(); ++i) r.partial[i] = slope * x.partial[i];
  return r;
}

inline Dual operator+(const Dual& a, const Dual& b) {
  Dual r(a.value + b.value);
  for (std::size_t i = 0; i < r.partial.size(); ++i) r.partial[i] = a.partial[i] + b.partial[i];
  return r;
}
inline Dual operator-(const Dual& a) { return chain(a, -a.value, -1); }
inline Dual operator-(const Dual& a, const Dual& b) { return a + (-b); }
inline Dual operator*(const Dual& a, const Dual& b) {
  Dual r(a.value * b.value);
  for (std::size_t i = 0; i < r.partial.size(); ++i)
    r.partial[i] = a.value * b.partial[i] + b.value * a.partial[i];
  return r;
}
inline Dual inverse(const Dual& a) { return chain(a, 1 / a.value, -1 / (a.value * a.value)); }
inline Dual operator/(const Dual& a, const Dual& b) { return a * inverse(b); }
inline Dual& operator+=(Dual& a, const Dual& b) { return a = a + b; }

inline Dual exp(const Dual& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e);
}
inline Dual expm1(const Dual& x) { return chain(x, std::expm1(x.value), std::exp(x.value)); }
inline Dual sqrt(const Dual& x) {
  const double root = std::sqrt(x.value);
  return chain(x, root, 0.5 / root);
}

inline double value_of(double x) { return x; }
inline double value_of(const Dual& x) { return x.value; }

}  // namespace nuphi::detail
