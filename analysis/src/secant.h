#pragma once

#include <cmath>

namespace nuphi::detail {

/// Root of a smooth function near a and b by secant steps, down to the rounding of the function: it
/// stops where a step no longer brings the value nearer to zero. NaN when the function is NaN on
/// the way or a step leaves [low, high].
template <class Function>
double secant_root(Function&& function, double a, double b, double low, double high) {
  double at_a = function(a);
  double at_b = function(b);
  for (int step = 0; step < 60 && at_b != 0; ++step) {
    const double next = b - at_b * (b - a) / (at_b - at_a);
    if (next == b) break;
    // Also catches NaN.
    if (!(next >= low && next <= high)) return std::nan("");
    const double at_next = function(next);
    if (std::abs(next - b) < 1e-9 * std::abs(b) && !(std::abs(at_next) < std::abs(at_b))) {
      (void)function(b);  // leaves what the function keeps at the root
      break;
    }
    a = b;
    at_a = at_b;
    b = next;
    at_b = at_next;
  }
  return b;
}

}  // namespace nuphi::detail
