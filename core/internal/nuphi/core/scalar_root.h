#pragma once

#include <nuphi/core/export.h>
#include <cmath>
#include <limits>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// A function of one number at a point.
struct ScalarSample {
  double value = 0;  ///< f(x)
  double slope = 0;  ///< may be NaN or infinite: the next step is then taken without it
  double noise = 0;  ///< below this |value| is rounding, ≥ 0
};

/// Where a root is known to lie; open ends are infinite.
struct RootBracket {
  double low = -std::numeric_limits<double>::infinity();  ///< f > 0 from here down
  double high = std::numeric_limits<double>::infinity();  ///< f < 0 from here up
  double step = 1;  ///< length of the first probe while an end is open; doubled at each, > 0

  /// x lies inside, the ends left out.
  [[nodiscard]] bool holds(double x) const { return x > low && x < high; }
  /// A point inside: the middle, or a probe beyond x towards the open end.
  [[nodiscard]] double inner(double x, bool upwards) {
    if (std::isfinite(low) && std::isfinite(high)) return low + (high - low) / 2;
    const double probe = upwards ? x + step : x - step;
    step *= 2;
    return holds(probe) ? probe : (x + (upwards ? high : low)) / 2;
  }
};

/// Root of a decreasing function by Newton steps, with bisection or doubling probes where they
/// leave the bracket.
/// @param f          x ↦ ScalarSample; infinite values count by their sign
/// @param tolerance  x ↦ length of a step below which x is as good as it gets
/// @param x          where to start, inside the bracket
/// @param bracket    where the root lies
/// @return the root; NaN when f returned a NaN value; where the noise hides the root, the point of
///   least |value| seen
template <class Function, class Tolerance>
[[nodiscard]] double decreasing_root(Function f, Tolerance tolerance, double x,
                                     RootBracket bracket) {
  constexpr int kMaxIterations = 200;
  constexpr int kNewtonIterations = 60;  // then bisection alone: it closes whatever the shape
  double best = x;
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < kMaxIterations; ++k) {
    const ScalarSample s = f(x);
    if (std::isnan(s.value)) return s.value;
    if (std::abs(s.value) < least) {
      least = std::abs(s.value);
      best = x;
    }
    (s.value > 0 ? bracket.low : bracket.high) = x;
    const double newton = x - s.value / s.slope;
    if (least <= s.noise) return bracket.holds(newton) ? newton : best;
    const bool take = k < kNewtonIterations && bracket.holds(newton);
    const double next = take ? newton : bracket.inner(x, s.value > 0);
    if (std::abs(next - x) <= tolerance(x)) return next;
    x = next;
  }
  return best;
}

/// @}
}  // namespace nuphi
