#include "muller.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuphi::detail {

std::optional<Complex> Muller::from(Complex start, double spread) {
  const double reach = std::max(std::abs(start), 100.0);
  const Complex offset(spread * reach, spread * reach);
  std::array<Complex, 3> z = {start + offset, start - offset, start};
  std::array<Complex, 3> log = {value(z[0]), value(z[1]), value(z[2])};
  double previous = std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    Complex step = step_of(z, log);
    const double size = std::abs(step);
    if (!std::isfinite(size)) return std::isinf(log[2].real()) ? std::optional(z[2]) : std::nullopt;
    if (size > 0.3 * reach) step *= 0.3 * reach / size;
    const Complex next = z[2] + step;
    if (std::abs(next) > 10 * reach) return std::nullopt;
    const double scale = std::max(std::abs(next), 1.0);
    if (size <= 1e-14 * scale || (size <= 1e-10 * scale && size >= 0.5 * previous)) return next;
    previous = size;
    z = {z[1], z[2], next};
    log = {log[1], log[2], value(next)};
  }
  return std::nullopt;
}

Complex Muller::value(Complex z) {
  Complex log = logarithm(matrix_.scaled_determinant(z));
  for (const Complex known : known_) {
    log -= std::log(z - known);
    if (known.imag() > 0) log -= std::log(z - std::conj(known));
  }
  return log;
}

/// To the nearer zero of the parabola through three points.
Complex Muller::step_of(const std::array<Complex, 3>& z, const std::array<Complex, 3>& log) {
  const double largest = std::max({log[0].real(), log[1].real(), log[2].real()});
  std::array<Complex, 3> f;
  for (std::size_t k = 0; k < 3; ++k) f[k] = std::exp(log[k] - largest);
  const Complex first = (f[2] - f[1]) / (z[2] - z[1]), second = (f[1] - f[0]) / (z[1] - z[0]);
  const Complex curvature = (first - second) / (z[2] - z[0]);
  const Complex slope = first + (z[2] - z[1]) * curvature;
  const Complex root = std::sqrt(slope * slope - 4.0 * f[2] * curvature);
  const Complex plus = slope + root, minus = slope - root;
  return -2.0 * f[2] / (std::norm(plus) > std::norm(minus) ? plus : minus);
}

}  // namespace nuphi::detail
