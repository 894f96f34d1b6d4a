#include <algorithm>
#include <cmath>

#include "steps.h"

namespace nuphi {
namespace {

constexpr double kLastLevel = 1e-17;   // below the rounding of the problem's own data
constexpr double kNearlySharp = 1e-8;  // from here on the problem itself is tried

// Extrapolates from solutions at two levels to level 0. True when that is a fixed point of the
// problem itself.
bool leap(Session& session, const Point& earlier, double earlier_level, Point& point,
          double level) {
  session.problem().set_smoothing(0);
  session.restart();
  Point trial;
  trial.x = point.x - level / (earlier_level - level) * (earlier.x - point.x);
  session.project(trial.x);
  session.evaluate(trial);
  if (!session.converged(trial)) return false;
  polish(session, trial);
  point = trial;
  return true;
}

}  // namespace

Termination sharpen(Session& session, Point& point, double level) {
  FixedPointProblem& problem = session.problem();
  Point earlier = point;  // solution at the level before this one, for extrapolation
  double earlier_level = level;
  double factor = 0.5;
  Termination end = Termination::kConverged;
  while (level > 0) {
    const double target = level * factor < kLastLevel ? 0.0 : level * factor;
    problem.set_smoothing(target);
    session.restart();
    Point trial;
    trial.x = point.x;
    if (earlier_level > level) {
      trial.x += (target - level) / (level - earlier_level) * (point.x - earlier.x);
    }
    session.project(trial.x);
    session.evaluate(trial);
    end = newton_steps(session, trial);
    const double moved = (trial.x - point.x).cwiseAbs().maxCoeff();
    if (end == Termination::kConverged && session.record(Method::kNewton, trial, moved, target)) {
      earlier = point;
      earlier_level = level;
      point = trial;
      level = target;
      if (level > 0 && level < kNearlySharp &&
          leap(session, earlier, earlier_level, point, level)) {
        return Termination::kConverged;
      }
      factor = std::max(0.01, factor * factor);
    } else {
      if (session.halt()) break;
      factor = std::sqrt(factor);
      if (factor > 0.99) break;
    }
  }
  problem.set_smoothing(0);
  session.restart();
  session.evaluate(point);
  if (session.converged(point)) return Termination::kConverged;
  return end == Termination::kConverged ? Termination::kStalled : end;
}

}  // namespace nuphi
