#pragma once

#include <nuphi/analysis/stability.h>

#include <vector>

#include "mode_count.h"

namespace nuphi::detail {

/// Critical delays, all of them between two scales.
struct CriticalDelays {
  std::vector<CriticalDelay> found = {};  ///< by rising scale
  double from = 0;
  double to = 0;
};

/// One constant delay d common to all projections: M(iω) = e^{−iωd} M₀(iω), so a mode stands on the
/// axis where an eigenvalue of M₀ has modulus 1, at the scales s = (arg m + 2πn)/(ωd).
CriticalDelays critical_delays_common(const NetworkResponse& response, const ModeCount& count,
                                      double max_scale, const CountLimits& limits);

/// Any delays. At a grid of scales the unstable modes are counted; from where the march passed near
/// a zero of det(1 − M(iω; s)), Newton's method in (ω, s) leads to critical points near by. Where
/// the points found do not account for the change of the count, the interval is halved. Where that
/// takes too long it ends before `max_scale`.
/// @param count  at scale 1
CriticalDelays critical_delays_tracked(const NetworkResponse& response, const ModeCount& count,
                                       double max_scale, const CountLimits& limits);

}  // namespace nuphi::detail
