#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/continuation.h>
#include <nuphi/solver/curve_tracer.h>

#include <functional>

namespace NUPHI_PUBLIC nuphi {

/// What happens around the steps of a walk along a curve.
struct WalkHooks {
  std::function<bool()> stop;
  /// Looks at a step that has succeeded, before it counts. False: try a shorter one.
  std::function<bool(const CurvePoint& from, const CurveTracer::Step& step, double length)> accept;
  /// Books an accepted step. False: the curve has closed up.
  std::function<bool(const CurveTracer::Step& step)> add;
};

struct WalkResult {
  BranchEnd end = BranchEnd::kMaxPoints;
  int rejected = 0;
};

/// Steps of adaptive length from `start` along its tangent until something ends the walk.
[[nodiscard]] WalkResult walk(CurveTracer& tracer, CurvePoint start,
                              const ContinuationOptions& options, const WalkHooks& hooks);

}  // namespace nuphi
