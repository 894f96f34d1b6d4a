#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/solver/continuation.h>
#include <nuphi/solver/curve_walk.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "branch_inspector.h"

namespace nuphi {

std::string_view to_string(SpecialPointKind kind) {
  switch (kind) {
    case SpecialPointKind::kFold:
      return "fold";
    case SpecialPointKind::kBranchPoint:
      return "branch_point";
  }
  return "unknown";
}

std::string_view to_string(BranchEnd end) {
  switch (end) {
    case BranchEnd::kStart:
      return "start";
    case BranchEnd::kLower:
      return "lower";
    case BranchEnd::kUpper:
      return "upper";
    case BranchEnd::kClosed:
      return "closed";
    case BranchEnd::kMaxPoints:
      return "max_points";
    case BranchEnd::kStalled:
      return "stalled";
    case BranchEnd::kNoStart:
      return "no_start";
    case BranchEnd::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

std::vector<std::string> validate(const ContinuationOptions& options) {
  std::vector<std::string> faults;
  const auto positive = [&faults](const char* name, double value) {
    if (!(value > 0) || !std::isfinite(value)) {
      faults.push_back(fmt::format("{} is {}, must be positive", name, value));
    }
  };
  if (!(options.lower < options.upper) || !std::isfinite(options.upper - options.lower)) {
    faults.push_back(fmt::format("the interval [{}, {}] must be finite and not empty",
                                 options.lower, options.upper));
  }
  positive("initial_step", options.initial_step);
  positive("max_step", options.max_step);
  positive("min_step", options.min_step);
  positive("max_angle", options.max_angle);
  positive("scale", options.scale);
  positive("tolerance", options.tolerance);
  if (options.min_step > options.max_step) {
    faults.push_back(
        fmt::format("min_step {} exceeds max_step {}", options.min_step, options.max_step));
  }
  if (options.max_angle > 1) {
    faults.push_back(fmt::format("max_angle is {}, must not exceed 1", options.max_angle));
  }
  if (options.max_points <= 0) {
    faults.push_back(fmt::format("max_points is {}, must be positive", options.max_points));
  }
  return faults;
}

namespace {

// The start counts as reached again within this distance (arclength).
constexpr double kSamePoint = 1e-6;

void require(const ParametricProblem& problem, const Eigen::VectorXd& start, double parameter,
             const ContinuationOptions& options) {
  std::vector<std::string> faults = validate(options);
  if (problem.parameters() != 1) faults.emplace_back("the problem must have one parameter");
  if (start.size() != problem.size()) {
    faults.push_back(
        fmt::format("start has {} entries, the problem {}", start.size(), problem.size()));
  } else if (!start.allFinite()) {
    faults.emplace_back("start has entries that are not finite");
  }
  if (!(parameter >= options.lower && parameter <= options.upper)) {
    faults.push_back(fmt::format("the parameter {} lies outside [{}, {}]", parameter, options.lower,
                                 options.upper));
  }
  if (!faults.empty()) throw std::invalid_argument(fmt::format("{}", fmt::join(faults, "; ")));
}

MapScales scales_of(const ContinuationOptions& options) {
  return {.component = options.scale,
          .tolerance = options.tolerance,
          .lower = Eigen::VectorXd::Constant(1, options.lower),
          .upper = Eigen::VectorXd::Constant(1, options.upper)};
}

// One problem's branch under way.
class BranchBuilder {
 public:
  BranchBuilder(ParametricProblem& problem, const ContinuationOptions& options,
                const ContinuationControl& control)
      : options_(options),
        control_(control),
        map_(problem, scales_of(options)),
        curve_(map_),
        tracer_(curve_, {.max_angle = options.max_angle}) {}

  Branch build(const Eigen::VectorXd& start, double parameter);

 private:
  // Points and special points from `from` on, the start itself not among them.
  WalkResult grow(const CurvePoint& start, Branch& side);
  // Whether the step passes through the point the walk began at; only then the event counts.
  bool closes(const CurvePoint& start, const CurvePoint& from, const CurvePoint& to);
  void report(const BranchPoint& point) const {
    if (control_.progress) control_.progress(point);
  }

  const ContinuationOptions& options_;
  const ContinuationControl& control_;
  ScaledMap map_;
  EquilibriumCurve curve_;
  CurveTracer tracer_;
};

bool BranchBuilder::closes(const CurvePoint& start, const CurvePoint& from, const CurvePoint& to) {
  const Eigen::VectorXd chord = scaled_difference(from, to.z);
  const Eigen::VectorXd back = scaled_difference(from, start.z);
  const double along = back.dot(from.tangent);
  if (along <= 0 || along > chord.dot(from.tangent) || back.norm() > 2 * chord.norm()) return false;
  const std::optional<CurvePoint> there = tracer_.between(from, to, along);
  return there && (scaled_difference(from, there->z) - back).norm() < kSamePoint &&
         there->tangent.dot(start.tangent) > 0;
}

// What of the last step lies before the start reached again.
void drop_beyond(const CurvePoint& start, const CurvePoint& from,
                 std::vector<SpecialPoint>& found) {
  const double along = scaled_difference(from, start.z).dot(from.tangent);
  std::erase_if(found, [&](const SpecialPoint& special) {
    Eigen::VectorXd z(start.z.size());
    z << special.point.x, special.point.parameter;
    return scaled_difference(from, z).dot(from.tangent) > along;
  });
}

// Puts a special point behind those found before. Next to a branch point rounding turns p back and
// forth: what is seen there belongs to it.
void append(std::vector<SpecialPoint>& list, SpecialPoint special) {
  const auto is_branch_point = [](const SpecialPoint& point) {
    return point.kind == SpecialPointKind::kBranchPoint;
  };
  const auto near = [&](const SpecialPoint& other) {
    return std::abs(other.point.arclength - special.point.arclength) < 2 * kInseparable;
  };
  const auto known = [&](const SpecialPoint& other) {
    return near(other) && is_branch_point(other);
  };
  if (std::any_of(list.begin(), list.end(), known)) return;
  if (is_branch_point(special)) std::erase_if(list, near);
  list.push_back(std::move(special));
}

WalkResult BranchBuilder::grow(const CurvePoint& start, Branch& side) {
  BranchInspector inspector(curve_, tracer_, options_);
  inspector.move_to(start);
  std::vector<SpecialPoint> found;
  bool closed = false;
  const WalkHooks hooks{
      .stop = [this] { return control_.stop.stop_requested(); },
      .accept =
          [&](const CurvePoint& from, const CurveTracer::Step& step, double length) {
            std::optional<std::vector<SpecialPoint>> inside =
                inspector.inspect(from, step.point, length);
            if (!inside) return false;
            found = std::move(*inside);
            closed = side.points.size() > 2 && closes(start, from, step.point);
            if (closed) drop_beyond(start, from, found);
            return true;
          },
      .add =
          [&](const CurveTracer::Step& step) {
            for (SpecialPoint& point : found) {
              point.after = static_cast<int>(side.points.size());
              append(side.special_points, std::move(point));
            }
            side.points.push_back(inspector.describe(closed ? start : step.point));
            if (closed) side.points.back().arclength = step.point.arclength;
            inspector.move_to(step.point);
            report(side.points.back());
            return !closed;
          }};
  return walk(tracer_, start, options_, hooks);
}

// The walk against the orientation, put before the start.
void prepend(Branch& branch, Branch& side) {
  const int count = static_cast<int>(side.points.size());
  for (BranchPoint& point : side.points) point.slope = -point.slope;
  for (BranchPoint& point : side.points) point.arclength = -point.arclength;
  for (SpecialPoint& special : side.special_points) {
    special.point.slope = -special.point.slope;
    special.point.arclength = -special.point.arclength;
    special.after = count - 1 - special.after;
  }
  for (SpecialPoint& special : branch.special_points) special.after += count;
  std::reverse(side.points.begin(), side.points.end());
  std::reverse(side.special_points.begin(), side.special_points.end());
  branch.points.insert(branch.points.begin(), side.points.begin(), side.points.end());
  branch.special_points.insert(branch.special_points.begin(), side.special_points.begin(),
                               side.special_points.end());
  branch.start = count;
}

Branch BranchBuilder::build(const Eigen::VectorXd& start, double parameter) {
  Branch branch;
  const bool backwards = options_.direction == BranchDirection::kDecreasing;
  Eigen::VectorXd z(map_.unknowns());
  z << start, parameter;
  const std::optional<CurvePoint> first = tracer_.start(z, backwards ? -1 : 1);
  if (!first) {
    branch.front = branch.back = BranchEnd::kNoStart;
    return branch;
  }
  branch.points.push_back(BranchInspector(curve_, tracer_, options_).describe(*first));
  report(branch.points.back());
  Branch side;
  const WalkResult ahead = grow(*first, side);
  branch.back = ahead.end;
  branch.rejected_steps = ahead.rejected;
  branch.points.insert(branch.points.end(), side.points.begin(), side.points.end());
  branch.special_points = std::move(side.special_points);
  if (options_.direction != BranchDirection::kBoth || ahead.end == BranchEnd::kClosed) {
    return branch;
  }
  CurvePoint turned = *first;
  turned.tangent = -turned.tangent;
  turned.orientation = -turned.orientation;
  Branch other;
  const WalkResult behind = grow(turned, other);
  branch.front = behind.end;
  branch.rejected_steps += behind.rejected;
  prepend(branch, other);
  return branch;
}

}  // namespace

Branch continue_branch(ParametricProblem& problem, const Eigen::VectorXd& start, double parameter,
                       const ContinuationOptions& options, const ContinuationControl& control) {
  require(problem, start, parameter, options);
  return BranchBuilder(problem, options, control).build(start, parameter);
}

}  // namespace nuphi
