// Numbers that carry derivatives for uniform_rate.cc: Dual of exact_dual.h, and here Jet, with
// first and second partials in y_t and y_r.
#pragma once

#include <array>
#include <cmath>

#include "exact_dual.h"

namespace nuphi::detail {

struct Jet {
  double value = 0;
  std::array<double, 2> first{};
  std::array<double, 3> second{};  ///< tt, tr, rr

  Jet() = default;
  Jet(double x) : value(x) {}  // NOLINT: a constant is a number like any other
};

/// f(x, y) with its partials.
struct Partials {
  double value = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
};

inline Jet chain(const Jet& x, const Jet& y, const Partials& f) {
  Jet r(f.value);
  for (std::size_t i = 0; i < 2; ++i) r.first[i] = f.x * x.first[i] + f.y * y.first[i];
  for (std::size_t k = 0; k < 3; ++k) {
    const std::size_t i = k / 2, j = (k + 1) / 2;
    r.second[k] = f.x * x.second[k] + f.y * y.second[k] + f.xx * x.first[i] * x.first[j] +
                  f.xy * (x.first[i] * y.first[j] + x.first[j] * y.first[i]) +
                  f.yy * y.first[i] * y.first[j];
  }
  return r;
}
inline Dual chain(const Dual& x, const Dual& y, const Partials& f) {
  Dual r(f.value);
  for (std::size_t i = 0; i < r.partial.size(); ++i)
    r.partial[i] = f.x * x.partial[i] + f.y * y.partial[i];
  return r;
}
inline Jet chain(const Jet& x, double value, double slope, double bend) {
  return chain(x, Jet(), {.value = value, .x = slope, .xx = bend});
}

inline Jet operator+(const Jet& a, const Jet& b) {
  Jet r(a.value + b.value);
  for (std::size_t i = 0; i < 2; ++i) r.first[i] = a.first[i] + b.first[i];
  for (std::size_t i = 0; i < 3; ++i) r.second[i] = a.second[i] + b.second[i];
  return r;
}
inline Jet operator-(const Jet& a) { return chain(a, -a.value, -1, 0); }
inline Jet operator-(const Jet& a, const Jet& b) { return a + (-b); }
inline Jet operator*(const Jet& a, const Jet& b) {
  return chain(a, b, {a.value * b.value, b.value, a.value, 0, 1, 0});
}
inline Jet operator/(const Jet& a, const Jet& b) {
  const double inverse = 1 / b.value, square = inverse * inverse;
  return a * chain(b, inverse, -square, 2 * square * inverse);
}
inline Jet exp(const Jet& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e, e);
}
inline Jet log(const Jet& x) {
  const double inverse = 1 / x.value;
  return chain(x, std::log(x.value), inverse, -inverse * inverse);
}
inline Jet sqrt(const Jet& x) {
  const double root = std::sqrt(x.value);
  return chain(x, root, 0.5 / root, -0.25 / (root * x.value));
}
inline Dual log(const Dual& x) { return chain(x, std::log(x.value), 1 / x.value); }

}  // namespace nuphi::detail
