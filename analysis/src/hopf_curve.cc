#include <nuphi/analysis/hopf.h>
#include <nuphi/solver/curve_walk.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "hopf_system.h"

namespace nuphi {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kSamePoint = 1e-5;  // two Hopf points at the same q are one within this distance
constexpr double kBeside = 1e-3;     // of the intervals: where modes next to the curve are counted

void check(const HopfPoint& start, double second, const HopfCurveOptions& options) {
  const Eigen::Vector2d at(start.parameter, second);
  const bool sound = (options.lower.array() < options.upper.array()).all() &&
                     (at.array() >= options.lower.array()).all() &&
                     (at.array() <= options.upper.array()).all();
  if (!sound)
    throw std::invalid_argument("Hopf curve: the start must lie in intervals that are not empty");
}

ContinuationOptions steps_of(const HopfCurveOptions& options) {
  ContinuationOptions steps;
  steps.initial_step = std::min(options.initial_step, options.max_step);
  steps.max_step = options.max_step;
  steps.min_step = options.min_step;
  steps.max_points = options.max_points;
  return steps;
}

HopfCurveEnd end_of(BranchEnd end) {
  switch (end) {
    case BranchEnd::kLower:
    case BranchEnd::kUpper:
      return HopfCurveEnd::kBound;
    case BranchEnd::kMaxPoints:
      return HopfCurveEnd::kMaxPoints;
    case BranchEnd::kInterrupted:
      return HopfCurveEnd::kInterrupted;
    case BranchEnd::kClosed:
      return HopfCurveEnd::kClosed;
    default:
      return HopfCurveEnd::kStalled;
  }
}

Eigen::VectorXd unknowns_of(const HopfPoint& point, double second) {
  Eigen::VectorXd z(point.rates.size() + 3);
  z << point.rates, kTwoPi * point.frequency, point.parameter, second;
  return z;
}

/// Unstable modes next to the state z, `offset` away in the plane of the parameters.
std::optional<int> count_beside(const NetworkPlane& plane, const Eigen::VectorXd& z,
                                const Eigen::Vector2d& offset,
                                const HopfCurveOptions& options) try {
  const Eigen::Vector2d at = (z.tail<2>() + offset).cwiseMax(options.lower).cwiseMin(options.upper);
  const Network network = plane(at[0], at[1]);
  SolveOptions solve;
  solve.method = Method::kNewton;
  solve.initial_rates = z.head(z.size() - 3);
  const StationaryResult result = solve_stationary(network, solve);
  // A state that only strongly damped steps lead to (Newton's pseudo-transient continuation) is
  // that of another branch.
  const bool near = std::ranges::none_of(result.summary.iterations,
                                         [](const Iteration& step) { return step.damping < 0.1; });
  if (!result.converged() || !near) return std::nullopt;
  const double count = unstable_mode_count(network, result.state.rates, options.stability);
  return std::isfinite(count) ? std::optional(static_cast<int>(count)) : std::nullopt;
} catch (const ModelError&) {
  return std::nullopt;
}

ModelFamily family_of(const NetworkPlane& plane) {
  ModelFamily family;
  family.network = [&plane](const Eigen::VectorXd& p) { return plane(p[0], p[1]); };
  family.field = [&plane](const Eigen::VectorXd& p) { return mean_field(plane(p[0], p[1])); };
  return family;
}

/// One curve under way.
class Builder {
 public:
  Builder(const NetworkPlane& plane, const HopfPoint& start, double second,
          const HopfCurveOptions& options, const HopfCurveControl& control)
      : plane_(plane),
        options_(options),
        control_(control),
        start_(unknowns_of(start, second)),
        family_(family_of(plane), options.lower, options.upper,
                Eigen::Vector2d(start.parameter, second)),
        system_(family_, plane, options),
        tracer_(system_, {.max_angle = options.max_angle}) {}

  HopfCurve build() {
    HopfCurve curve;
    const std::optional<CurvePoint> first = tracer_.start(start_, 1);
    if (!first) return curve;
    add(*first, curve);
    HopfCurve ahead;
    curve.back = grow(*first, ahead);
    curve.points.insert(curve.points.end(), ahead.points.begin(), ahead.points.end());
    if (curve.back == HopfCurveEnd::kClosed || curve.back == HopfCurveEnd::kInterrupted) {
      curve.front = curve.back;
      return curve;
    }
    CurvePoint turned = *first;
    turned.tangent = -turned.tangent;
    HopfCurve behind;
    curve.front = grow(turned, behind);
    for (HopfCurvePoint& point : behind.points) point.arclength = -point.arclength;
    curve.points.insert(curve.points.begin(), behind.points.rbegin(), behind.points.rend());
    return curve;
  }

  /// The Hopf point next to a guess, q kept.
  std::optional<CurvePoint> near(const Eigen::VectorXd& guess) { return tracer_.start(guess, 1); }

 private:
  [[nodiscard]] double omega(const CurvePoint& at) const { return at.z[at.z.size() - 3]; }

  std::optional<int> fewer_modes(const CurvePoint& at) const {
    const Eigen::VectorXd along = at.tangent.cwiseQuotient(at.weights);
    const Eigen::Vector2d width = options_.upper - options_.lower;
    const Eigen::Vector2d direction = along.tail<2>().cwiseQuotient(width);
    const Eigen::Vector2d normal =
        Eigen::Vector2d(-direction[1], direction[0]).normalized().cwiseProduct(width) * kBeside;
    if (!normal.allFinite()) return std::nullopt;
    const std::optional<int> one = count_beside(plane_, at.z, normal, options_);
    const std::optional<int> other = count_beside(plane_, at.z, -normal, options_);
    if (!one || !other) return std::nullopt;
    return std::min(*one, *other);
  }

  void add(const CurvePoint& at, HopfCurve& side) {
    const Eigen::Index n = at.z.size() - 3;
    HopfCurvePoint point{.parameter = at.z[n + 1],
                         .second_parameter = at.z[n + 2],
                         .frequency = at.z[n] / kTwoPi,
                         .rates = at.z.head(n),
                         .arclength = at.arclength,
                         .unstable_modes = {}};
    if (options_.count_modes) point.unstable_modes = fewer_modes(at);
    side.points.push_back(std::move(point));
    if (control_.progress) control_.progress(side.points.back());
  }

  HopfCurveEnd grow(const CurvePoint& start, HopfCurve& side) {
    bool slow = false;
    const Eigen::VectorXd tangent = start.tangent;
    const WalkHooks hooks{
        .stop = [this] { return control_.stop.stop_requested(); },
        .accept =
            [&](const CurvePoint&, const CurveTracer::Step& step, double) {
              // Through ω = 0 the curve runs back over itself as its mirror image.
              slow = omega(step.point) < kTwoPi * options_.min_frequency;
              return !slow || omega(step.point) > 0;
            },
        .add =
            [&](const CurveTracer::Step& step) {
              const Eigen::VectorXd from_start = scaled_difference(start, step.point.z);
              const bool closed = side.points.size() > 4 && from_start.norm() < options_.max_step &&
                                  start.tangent.dot(step.point.tangent) > 0.9 &&
                                  from_start.dot(tangent) >= 0;
              add(closed ? start : step.point, side);
              if (closed) side.points.back().arclength = step.point.arclength;
              return !closed && !slow;
            }};
    const WalkResult result = walk(tracer_, start, steps_of(options_), hooks);
    if (slow) return HopfCurveEnd::kZeroFrequency;
    return end_of(result.end);
  }

  const NetworkPlane& plane_;
  const HopfCurveOptions& options_;
  const HopfCurveControl& control_;
  Eigen::VectorXd start_;
  RateFamily family_;
  detail::HopfSystem system_;
  CurveTracer tracer_;
};

}  // namespace

std::string_view to_string(HopfCurveEnd end) {
  switch (end) {
    case HopfCurveEnd::kBound:
      return "bound";
    case HopfCurveEnd::kZeroFrequency:
      return "zero_frequency";
    case HopfCurveEnd::kClosed:
      return "closed";
    case HopfCurveEnd::kMaxPoints:
      return "max_points";
    case HopfCurveEnd::kStalled:
      return "stalled";
    case HopfCurveEnd::kNoStart:
      return "no_start";
    case HopfCurveEnd::kInterrupted:
      return "interrupted";
  }
  return "";
}

HopfCurve continue_hopf(const NetworkPlane& network, const HopfPoint& start, double second,
                        const HopfCurveOptions& options, const HopfCurveControl& control) {
  check(start, second, options);
  return Builder(network, start, second, options, control).build();
}

bool goes_through(const NetworkPlane& plane, const HopfCurve& curve, const HopfPoint& point,
                  double second, const HopfCurveOptions& options) {
  Builder at_point(plane, point, second, options, {});
  const std::optional<CurvePoint> here = at_point.near(unknowns_of(point, second));
  if (!here) return false;
  for (std::size_t k = 1; k < curve.points.size(); ++k) {
    const HopfCurvePoint& a = curve.points[k - 1];
    const HopfCurvePoint& b = curve.points[k];
    const double before = a.second_parameter - second;
    const double after = b.second_parameter - second;
    if ((before < 0) == (after < 0) && before != 0) continue;
    const double u = before == after ? 0 : before / (before - after);
    const HopfPoint guess{a.parameter + u * (b.parameter - a.parameter),
                          a.rates + u * (b.rates - a.rates),
                          a.frequency + u * (b.frequency - a.frequency)};
    const double distance =
        std::abs(guess.parameter - point.parameter) / (options.upper[0] - options.lower[0]);
    if (distance > options.max_step || std::abs(guess.frequency / point.frequency - 1) > 0.1)
      continue;
    Builder builder(plane, guess, second, options, {});
    const std::optional<CurvePoint> there = builder.near(unknowns_of(guess, second));
    if (there && scaled_difference(*there, here->z).norm() < kSamePoint) return true;
  }
  return false;
}

std::vector<HopfCurve> continue_hopf_points(const NetworkPlane& network,
                                            const std::vector<HopfPoint>& starts, double second,
                                            const HopfCurveOptions& options,
                                            const HopfCurveControl& control) {
  std::vector<HopfCurve> curves;
  for (const HopfPoint& start : starts) {
    check(start, second, options);
    const bool known = std::any_of(curves.begin(), curves.end(), [&](const HopfCurve& curve) {
      return goes_through(network, curve, start, second, options);
    });
    if (known) continue;
    curves.push_back(continue_hopf(network, start, second, options, control));
    if (control.stop.stop_requested()) break;
  }
  return curves;
}

}  // namespace nuphi
