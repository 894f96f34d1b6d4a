// Analytic partial derivatives against differences.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <type_traits>

namespace nuphi::test {

/// Central difference of sixth order, of a number or a vector.
template <class Function>
auto difference(const Function& f, double x, double h) {
  using Value = std::decay_t<decltype(f(x))>;
  const auto odd = [&](int k) { return Value(f(x + k * h) - f(x - k * h)); };
  return Value((45 * odd(1) - 9 * odd(2) + odd(3)) / (60 * h));
}

/// Expects `derivative` to be that of f at x, to `tolerance` relative to the larger of it and
/// `scale`; h is the step, small beside the length over which f changes.
inline void expect_derivative(const std::function<double(double)>& f, double x, double h,
                              double derivative, double scale, double tolerance,
                              const std::string& what) {
  const double expected = difference(f, x, h);
  EXPECT_NEAR(derivative, expected, tolerance * std::max(std::abs(expected), scale)) << what;
}

}  // namespace nuphi::test
