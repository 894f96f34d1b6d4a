#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/solver/continuation.h>
#include <nuphi/solver/curve_walk.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "fold_system.h"

namespace nuphi {
namespace {

constexpr double kSamePoint = 1e-5;  // two folds at the same q are one within this distance

void require(const ParametricProblem& problem, const SpecialPoint& fold, double second,
             const FoldCurveOptions& options) {
  std::vector<std::string> faults = validate(options.steps);
  if (problem.parameters() != 2) faults.emplace_back("the problem must have two parameters");
  if (fold.point.x.size() != problem.size() || fold.null_space.rows() != problem.size()) {
    faults.emplace_back("the fold is not one of this problem");
  }
  if (!(options.second_lower < options.second_upper) ||
      !std::isfinite(options.second_upper - options.second_lower)) {
    faults.push_back(fmt::format("the interval [{}, {}] must be finite and not empty",
                                 options.second_lower, options.second_upper));
  }
  if (!(second >= options.second_lower && second <= options.second_upper)) {
    faults.push_back(fmt::format("the second parameter {} lies outside [{}, {}]", second,
                                 options.second_lower, options.second_upper));
  }
  if (!faults.empty()) throw std::invalid_argument(fmt::format("{}", fmt::join(faults, "; ")));
}

MapScales scales_of(const FoldCurveOptions& options) {
  return {.component = options.steps.scale,
          .tolerance = options.steps.tolerance,
          .lower = Eigen::Vector2d(options.steps.lower, options.second_lower),
          .upper = Eigen::Vector2d(options.steps.upper, options.second_upper)};
}

Eigen::VectorXd unknowns_of(const SpecialPoint& fold, double second) {
  Eigen::VectorXd z(fold.point.x.size() + 2);
  z << fold.point.x, fold.point.parameter, second;
  return z;
}

// The curve through one fold under way.
class FoldCurveBuilder {
 public:
  FoldCurveBuilder(ParametricProblem& problem, const SpecialPoint& fold, double second,
                   const FoldCurveOptions& options, const FoldCurveControl& control)
      : options_(options),
        control_(control),
        start_(unknowns_of(fold, second)),
        map_(problem, scales_of(options)),
        system_(map_, start_, fold.null_space.col(0)),
        tracer_(system_, {.max_angle = options.steps.max_angle}) {}

  FoldCurve build();

 private:
  [[nodiscard]] FoldCurvePoint describe(const CurvePoint& at, double coefficient) const;
  [[nodiscard]] double coefficient(const CurvePoint& at);
  WalkResult grow(const CurvePoint& start, FoldCurve& side);
  void report(const FoldCurvePoint& point) const {
    if (control_.progress) control_.progress(point);
  }

  const FoldCurveOptions& options_;
  const FoldCurveControl& control_;
  Eigen::VectorXd start_;
  ScaledMap map_;
  FoldSystem system_;
  CurveTracer tracer_;
};

FoldCurvePoint FoldCurveBuilder::describe(const CurvePoint& at, double coefficient) const {
  const Eigen::Index n = map_.size();
  return {.x = at.z.head(n),
          .parameter = at.z[n],
          .second_parameter = at.z[n + 1],
          .arclength = at.arclength,
          .quadratic_coefficient = coefficient};
}

double FoldCurveBuilder::coefficient(const CurvePoint& at) {
  if (!system_.center(at.z)) return std::nan("");
  return system_.quadratic_coefficient();
}

WalkResult FoldCurveBuilder::grow(const CurvePoint& start, FoldCurve& side) {
  double before = coefficient(start);
  double after = before;
  const WalkHooks hooks{
      .stop = [this] { return control_.stop.stop_requested(); },
      .accept =
          [&](const CurvePoint& from, const CurveTracer::Step& step, double) {
            after = coefficient(step.point);
            if (std::isnan(before) || std::isnan(after) || (before < 0) == (after < 0)) return true;
            const auto cusp =
                tracer_.crossing(from, before, step.point, after,
                                 [this](const CurvePoint& at) { return coefficient(at); });
            if (cusp) side.cusps.push_back(describe(cusp->point, 0));
            return true;
          },
      .add =
          [&](const CurveTracer::Step& step) {
            before = after;
            side.points.push_back(describe(step.point, after));
            report(side.points.back());
            return true;
          }};
  return walk(tracer_, start, options_.steps, hooks);
}

void prepend(FoldCurve& curve, FoldCurve& side) {
  for (FoldCurvePoint& point : side.points) point.arclength = -point.arclength;
  for (FoldCurvePoint& point : side.cusps) point.arclength = -point.arclength;
  curve.start = static_cast<int>(side.points.size());
  curve.points.insert(curve.points.begin(), side.points.rbegin(), side.points.rend());
  curve.cusps.insert(curve.cusps.begin(), side.cusps.rbegin(), side.cusps.rend());
}

FoldCurve FoldCurveBuilder::build() {
  FoldCurve curve;
  const std::optional<CurvePoint> first = tracer_.start(start_, 1);
  if (!first) {
    curve.front = curve.back = BranchEnd::kNoStart;
    return curve;
  }
  curve.points.push_back(describe(*first, coefficient(*first)));
  report(curve.points.back());
  FoldCurve ahead;
  const WalkResult forward = grow(*first, ahead);
  CurvePoint turned = *first;
  turned.tangent = -turned.tangent;
  FoldCurve behind;
  const WalkResult backward = grow(turned, behind);
  curve.points.insert(curve.points.end(), ahead.points.begin(), ahead.points.end());
  curve.cusps = std::move(ahead.cusps);
  curve.back = forward.end;
  curve.front = backward.end;
  curve.rejected_steps = forward.rejected + backward.rejected;
  prepend(curve, behind);
  return curve;
}

// Whether the curve goes through the fold: where it crosses q = second, in the coordinates of the
// norm, by linear interpolation corrected onto the curve.
bool passes_through(ParametricProblem& problem, const FoldCurve& curve, const SpecialPoint& fold,
                    double second, const FoldCurveOptions& options) {
  const Eigen::VectorXd z = unknowns_of(fold, second);
  ScaledMap map(problem, scales_of(options));
  for (std::size_t k = 1; k < curve.points.size(); ++k) {
    const FoldCurvePoint& a = curve.points[k - 1];
    const FoldCurvePoint& b = curve.points[k];
    const double before = a.second_parameter - second;
    const double after = b.second_parameter - second;
    if ((before < 0) == (after < 0) && before != 0) continue;
    const double u = before == after ? 0 : before / (before - after);
    Eigen::VectorXd guess(z.size());
    guess << a.x + u * (b.x - a.x), a.parameter + u * (b.parameter - a.parameter), second;
    FoldSystem system(map, guess, fold.null_space.col(0));
    CurveTracer tracer(system, {.max_angle = options.steps.max_angle});
    const std::optional<CurvePoint> there = tracer.start(guess, 1);
    if (there && scaled_difference(*there, z).norm() < kSamePoint) return true;
  }
  return false;
}

}  // namespace

FoldCurve continue_fold(ParametricProblem& problem, const SpecialPoint& fold,
                        double second_parameter, const FoldCurveOptions& options,
                        const FoldCurveControl& control) {
  require(problem, fold, second_parameter, options);
  return FoldCurveBuilder(problem, fold, second_parameter, options, control).build();
}

std::vector<FoldCurve> continue_folds(ParametricProblem& problem,
                                      const std::vector<SpecialPoint>& folds,
                                      double second_parameter, const FoldCurveOptions& options,
                                      const FoldCurveControl& control) {
  std::vector<FoldCurve> curves;
  for (const SpecialPoint& fold : folds) {
    if (fold.kind != SpecialPointKind::kFold) continue;
    const bool known = std::any_of(curves.begin(), curves.end(), [&](const FoldCurve& curve) {
      return passes_through(problem, curve, fold, second_parameter, options);
    });
    if (known) continue;
    curves.push_back(continue_fold(problem, fold, second_parameter, options, control));
    if (control.stop.stop_requested()) break;
  }
  return curves;
}

}  // namespace nuphi
