#include <nuphi/solver/curve_walk.h>
#include <nuphi/solver/equilibrium_curve.h>
#include <nuphi/solver/methods.h>
#include <nuphi/solver/scaled_map.h>
#include <nuphi/solver/steps.h>

#include <utility>

#include "affine_family.h"

namespace nuphi {
namespace {

constexpr double kComponent = 1;     // rates below count absolutely
constexpr double kTolerance = 1e-8;  // of the path, which only has to lead to its end
constexpr double kFirstStep = 0.01;
constexpr double kLongestStep = 0.5;  // of a path of scaled length about one in t
constexpr double kShortestStep = 1e-13;
constexpr double kLargestAngle = 0.8;

double t_of(const CurvePoint& point) { return point.z[point.z.size() - 1]; }

ContinuationOptions steps() {
  ContinuationOptions options;
  options.initial_step = kFirstStep;
  options.max_step = kLongestStep;
  options.min_step = kShortestStep;
  options.max_angle = kLargestAngle;
  options.max_points = std::numeric_limits<int>::max();
  return options;
}

/// Books the points of a path in the session and keeps the last one.
class PathBook {
 public:
  PathBook(Session& session, Point& point) : session_(session), point_(point) {}

  /// False where the path may end: at t = 1, at a fixed point, or when the session has to end.
  bool add(const CurvePoint& place) {
    Point next{.x = place.z.head(place.z.size() - 1), .defect = {}};
    session_.evaluate(next);
    const double moved = (next.x - point_.x).cwiseAbs().maxCoeff();
    point_ = std::move(next);
    // Where Φ jumps the last step to t = 1 may be out of reach though the goal is not.
    return session_.record(Method::kHomotopy, point_, moved, t_of(place)) &&
           !session_.converged(point_);
  }

 private:
  Session& session_;
  Point& point_;
};

}  // namespace

Termination homotopy_steps(Session& session, Point& point) {
  if (!point.finite()) return Termination::kNonFinite;
  const Eigen::Index n = point.x.size();
  AffineFamily family(session.problem(),
                      {.gain = 0, .gain_slope = 1, .offset = point.x, .slope = -point.x});
  ScaledMap map(family, {.component = kComponent,
                         .tolerance = kTolerance,
                         .lower = Eigen::VectorXd::Zero(1),
                         .upper = Eigen::VectorXd::Ones(1)});
  EquilibriumCurve curve(map);
  CurveTracer tracer(curve, {.max_angle = kLargestAngle});
  Eigen::VectorXd z(n + 1);
  z << point.x, 0.0;
  if (const std::optional<CurvePoint> start = tracer.start(z, 1)) {
    PathBook book(session, point);
    const WalkHooks hooks{
        .stop = [&] { return session.halt().has_value(); },
        .accept = [](const CurvePoint&, const CurveTracer::Step&, double) { return true; },
        .add = [&](const CurveTracer::Step& step) { return book.add(step.point); }};
    (void)walk(tracer, *start, steps(), hooks);
  }
  session.count_elsewhere(family.evaluations());
  if (const auto halt = session.halt()) return *halt;
  return newton_steps(session, point);
}

FixedPointSolution homotopy(FixedPointProblem& problem, const Eigen::VectorXd& start,
                            const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kHomotopy, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const Termination end = homotopy_steps(session, point);
  return session.close(point, end, Method::kHomotopy, "");
}

}  // namespace nuphi
