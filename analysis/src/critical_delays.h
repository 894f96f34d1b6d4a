#pragma once

#include <nuphi/analysis/stability.h>

#include <vector>

#include "characteristic.h"
#include "mode_count.h"

namespace nuphi::detail {

/// One constant delay d common to all projections: M(iω) = e^{−iωd} M₀(iω), so a mode stands on the
/// axis where an eigenvalue of M₀ has modulus 1, at the scales s = (arg m + 2πn)/(ωd).
std::vector<CriticalDelay> critical_delays_common(const NetworkResponse& response,
                                                  const ModeCount& count, double max_scale);

/// Any delays: the number of unstable modes counted over a grid of scales, each change closed in on
/// and the mode refined there.
std::vector<CriticalDelay> critical_delays_tracked(const NetworkResponse& response,
                                                   double max_scale, double max_frequency,
                                                   int max_evaluations);

}  // namespace nuphi::detail
