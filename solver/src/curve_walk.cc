#include <nuphi/solver/curve_walk.h>

#include <algorithm>

namespace nuphi {
namespace {

constexpr int kManyIterations = 5;  // of the corrector: the step is then rather too long

// The next length from what the last step cost: tangents should turn by half the angle allowed.
double adapted(double length, const CurveTracer::Step& step, const ContinuationOptions& options) {
  const double target = 0.5 * options.max_angle;
  double factor = step.angle > 0 ? std::clamp(target / step.angle, 0.5, 2.0) : 2.0;
  if (step.iterations >= kManyIterations) factor = std::min(factor, 0.7);
  return std::clamp(factor * length, options.min_step, options.max_step);
}

}  // namespace

WalkResult walk(CurveTracer& tracer, CurvePoint start, const ContinuationOptions& options,
                const WalkHooks& hooks) {
  WalkResult result;
  CurvePoint at = std::move(start);
  double length = std::min(options.initial_step, options.max_step);
  for (int points = 1; points < options.max_points;) {
    if (hooks.stop()) {
      result.end = BranchEnd::kInterrupted;
      return result;
    }
    const std::optional<CurveTracer::Step> step = tracer.step(at, length);
    if (!step || !hooks.accept(at, *step, length)) {
      ++result.rejected;
      length *= 0.5;
      if (length >= options.min_step) continue;
      result.end = BranchEnd::kStalled;
      return result;
    }
    ++points;
    const bool open = hooks.add(*step);
    if (!open || step->left >= 0) {
      result.end = !open ? BranchEnd::kClosed : step->upper ? BranchEnd::kUpper : BranchEnd::kLower;
      return result;
    }
    length = adapted(length, *step, options);
    at = step->point;
  }
  return result;
}

}  // namespace nuphi
