#include <nuphi/core/special_functions.h>

#include <cmath>
#include <numbers>

#include "double_double.h"
#include "faddeeva_nodes.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;

/// e^{−z²}; the square is formed in two doubles, or its rounding would cost |z²| ulp.
Complex gaussian(double x, double y) {
  const detail::Pair<double> x2 = detail::two_product(x, x), y2 = detail::two_product(y, y);
  const detail::Pair<double> real = detail::subtract(y2, x2), half = detail::two_product(x, y);
  const double phase = -2 * half.high, magnitude = std::exp(real.high);
  // e^{a + bi} with the low parts to first order; they are below 1e-13.
  const Complex main(magnitude * std::cos(phase), magnitude * std::sin(phase));
  return main + main * Complex(real.low, -2 * half.low);
}

/// Laplace's continued fraction, for |z| ≥ 8 in the upper half plane.
Complex continued_fraction(Complex z) {
  constexpr int kTerms = 12;  // leave 1e-17 at |z| = 8
  Complex tail = z;
  for (int k = kTerms; k > 0; --k) tail = z - 0.5 * k / tail;
  return Complex(0, std::numbers::inv_sqrtpi) / tail;
}

template <std::size_t n>
Complex rule(const std::array<double, n>& nodes, const std::array<double, n>& weights, Complex z) {
  Complex sum = 0;
  for (std::size_t k = n; k-- > 0;) sum += weights[k] / ((z - nodes[k]) * (z + nodes[k]));
  return Complex(0, 2 * detail::kStep / kPi) * z * sum;
}

/// The first quadrant within |z| < 8. Near the real axis the rule whose nodes are farther from Re
/// z, plus the residue.
Complex trapezoid(Complex z) {
  using namespace detail;
  const double x = z.real(), y = z.imag();
  if (y >= std::max(x, kPi / kStep)) return rule(kMidpointNodes, kMidpointWeights, z);
  const Complex pole = std::exp(Complex(0, -2 * kPi / kStep) * z);
  const double position = x / kStep - std::floor(x / kStep);
  if (position < 0.25 || position > 0.75)
    return rule(kMidpointNodes, kMidpointWeights, z) + 2.0 * gaussian(x, y) / (1.0 + pole);
  return rule(kPointNodes, kPointWeights, z) + Complex(0, kStep / kPi) / z +
         2.0 * gaussian(x, y) / (1.0 - pole);
}

}  // namespace

std::complex<double> faddeeva(std::complex<double> z) noexcept {
  const double x = z.real(), y = z.imag();
  if (y < 0) return 2.0 * gaussian(x, y) - faddeeva(-z);
  const Complex first(std::abs(x), y);  // w(−conj z) = conj w(z)
  Complex w;
  if (std::norm(first) >= 64) {
    w = continued_fraction(first);
  } else {
    w = trapezoid(first);
  }
  return std::signbit(x) ? std::conj(w) : w;
}

}  // namespace nuphi
