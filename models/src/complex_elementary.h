// Elementary functions of a complex argument without the cancellation of their plain forms.
#pragma once

#include <complex>

namespace nuphi::detail {

/// e^{a z + b} with the rounding of the product a·z carried along: exact phases at any |a z|.
[[nodiscard]] std::complex<double> exp_of_product(double a, std::complex<double> z,
                                                  std::complex<double> b = 0) noexcept;

/// e^z − 1.
[[nodiscard]] std::complex<double> expm1(std::complex<double> z) noexcept;

struct ExponentialRemainder {
  std::complex<double> first;   ///< (e^z − 1)/z
  std::complex<double> second;  ///< (e^z − 1 − z)/z²
};
[[nodiscard]] ExponentialRemainder exponential_remainder(std::complex<double> z) noexcept;

/// [ln(1 + x) − x]/x² for |x| ≤ 1/2; −1/2 at 0.
[[nodiscard]] std::complex<double> log1p_remainder(std::complex<double> x) noexcept;

}  // namespace nuphi::detail
