#include "complex_elementary.h"

#include <array>
#include <cmath>

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

/// a·b − fl(a·b). std::fma is a library call without hardware support, and still exact.
double product_error(double a, double b) { return std::fma(a, b, -(a * b)); }

/// 1/2!, 1/3!, …
constexpr std::array<double, 18> inverse_factorials() {
  std::array<double, 18> values{};
  double factorial = 1;  // exact up to 18!, and correctly rounded for the last one
  for (std::size_t k = 0; k < values.size(); ++k) {
    factorial *= static_cast<double>(k + 2);
    values[k] = 1 / factorial;
  }
  return values;
}

}  // namespace

std::complex<double> exp_of_product(double a, std::complex<double> z,
                                    std::complex<double> b) noexcept {
  const Complex product = a * z;
  const Complex error(product_error(a, z.real()), product_error(a, z.imag()));
  // The growth in one piece, or 0·∞ could arise; the large phase apart from the small one.
  const Complex value = std::exp(Complex(product.real() + b.real(), b.imag())) *
                        Complex(std::cos(product.imag()), std::sin(product.imag()));
  return std::isfinite(value.real()) && std::isfinite(value.imag()) ? value + value * error : value;
}

std::complex<double> expm1(std::complex<double> z) noexcept {
  const double growth = std::expm1(z.real()), sine = std::sin(0.5 * z.imag());
  // e^x cos y − 1 = (e^x − 1) cos y − 2 sin²(y/2)
  return {growth * std::cos(z.imag()) - 2 * sine * sine, (growth + 1) * std::sin(z.imag())};
}

ExponentialRemainder exponential_remainder(std::complex<double> z) noexcept {
  if (std::abs(z) >= 1) {
    const Complex first = expm1(z) / z;
    return {first, (first - 1.0) / z};
  }
  static constexpr std::array<double, 18> kInverseFactorials = inverse_factorials();
  Complex sum = 0;  // Σ z^k/(k+2)!
  for (std::size_t k = kInverseFactorials.size(); k-- > 0;) sum = sum * z + kInverseFactorials[k];
  return {1.0 + z * sum, sum};
}

std::complex<double> log1p_remainder(std::complex<double> x) noexcept {
  // ln(1 + x) = 2 artanh(v), v = x/(2 + x), |v| ≤ 1/3; ln(1 + x) − x = −x v + 2 (v³/3 + v⁵/5 + …).
  const Complex v = x / (2.0 + x), v2 = v * v, per_x = 1.0 / (2.0 + x);
  Complex tail = 0;
  for (int k = 35; k >= 3; k -= 2) tail = tail * v2 + 1.0 / k;
  return per_x * (2.0 * v * per_x * tail - 1.0);
}

}  // namespace nuphi::detail
