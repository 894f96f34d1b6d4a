#include <nuphi/core/special_functions.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "double_double.h"
#include "lambert_w_series.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// p = √(2(ez + 1)), with full relative accuracy next to the branch point z = −1/e.
Complex root_above_branch_point(Complex z) {
  const detail::Pair<double> product = detail::two_product(detail::kEulerHigh, z.real());
  const double real = (product.high + 1) + (product.low + detail::kEulerLow * z.real());
  return std::sqrt(Complex(2 * real, 2 * detail::kEulerHigh * z.imag()));
}

Complex branch_series(Complex p) {
  Complex sum = 0;
  for (std::size_t k = detail::kBranchSeries.size(); k-- > 0;)
    sum = sum * p + detail::kBranchSeries[k];
  return sum;
}

/// A start from which the iteration reaches the branch and no other; Im z ≥ 0.
Complex start(int branch, Complex z, Complex p) {
  if (branch == 0 && std::abs(z) < 0.2) return z / (1.0 + z);
  if ((branch == 0 || branch == -1) && std::abs(p) < 1.4) {
    const Complex q = branch == 0 ? p : -p;
    return -1.0 + q * (1.0 + q * (-1.0 / 3 + q * (11.0 / 72)));
  }
  if (branch == 0 && std::abs(z) < 3)
    return z.real() < 0 ? p / (1.0 + p / 3.0) - 1.0 : std::log(1.0 + z);
  const Complex log_z = std::log(z) + Complex(0, 2 * kPi * branch), log_log = std::log(log_z);
  return log_z - log_log + log_log / log_z;
}

/// Relative correction of w by the fourth-order iteration of Fritsch, Shafer and Crowley (1973).
/// The residual ln(z/w) − w counts modulo 2πi: it is nought on every branch, and the start has
/// chosen one.
Complex correction(Complex w, Complex z) {
  // The quotient of subnormal numbers would lose its digits.
  const bool tiny = std::abs(z) < 1e-290;
  Complex residual = (tiny ? std::log(z) - std::log(w) : std::log(z / w)) - w;
  residual -= Complex(0, 2 * kPi * std::round(residual.imag() / (2 * kPi)));
  const Complex slope = 1.0 + w, q = 2.0 * slope * (slope + residual * (2.0 / 3));
  return residual / slope * (q - residual) / (q - 2.0 * residual);
}

/// The upper half plane, where branches 0 and −1 meet at z = −1/e.
Complex upper(int branch, Complex z) {
  const Complex p = root_above_branch_point(z);
  const bool meets = branch == 0 || branch == -1;
  if (meets && std::abs(p) < 0.4) return branch_series(branch == 0 ? p : -p);
  if (branch == 0 && std::abs(z) < 1e-9) return z - z * z;
  Complex w = start(branch, z, p);
  const bool is_real = z.imag() == 0 && p.imag() == 0 && meets && (branch == 0 || z.real() < 0);
  if (is_real) w.imag(0);
  constexpr int kEnough = 12;  // 3 do; next to the cut of branch −1 up to 5
  for (int k = 0; k < kEnough; ++k) {
    const Complex relative = correction(w, z);
    w += w * relative;
    if (std::abs(relative) < 1e-4) break;  // fourth order: the next correction is below rounding
  }
  return w;
}

}  // namespace

std::complex<double> lambert_w(int branch, std::complex<double> z) noexcept {
  if (!std::isfinite(z.real()) || !std::isfinite(z.imag())) return {kNaN, kNaN};
  if (z == 0.0) return branch == 0 ? z : -std::numeric_limits<double>::infinity();
  if (std::signbit(z.imag())) return std::conj(upper(-branch, std::conj(z)));
  return upper(branch, z);
}

}  // namespace nuphi
