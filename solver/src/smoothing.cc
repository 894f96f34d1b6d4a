#include <algorithm>
#include <cmath>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

constexpr double kLastLevel = 1e-17;   // below the rounding of the problem's own data
constexpr double kNearlySharp = 1e-8;  // from here on the problem itself is tried
constexpr int kUnsmoothedSteps = 3;
constexpr int kNewtonSteps = 40;  // to the next level; more would be chatter at a jump

void set_level(Session& session, Point& point, double level) {
  session.smooth(level);
  session.evaluate(point);
}

// From a solution at a small level to the problem itself, by steps with the slopes of that level.
// True when that gives a fixed point; else the point is unchanged. Leaves the smoothing off.
bool step_to_unsmoothed(Session& session, Point& point, double level) {
  Point trial = point;
  Eigen::VectorXd step(point.x.size());
  set_level(session, trial, level);
  if (!session.linearize(trial) || !session.factorize(1)) return false;
  for (int k = 0; k < kUnsmoothedSteps; ++k) {
    if (!session.problem().jump_defect(trial.defect)) {
      session.smooth(0);
      return false;
    }
    session.linear().solve(trial.defect, step);
    trial.x += step;
    session.project(trial.x);
    set_level(session, trial, 0);
    if (session.is_best_possible(trial)) {
      polish(session, trial);
      point = trial;
      return true;
    }
    set_level(session, trial, level);
  }
  session.smooth(0);
  return false;
}

// Sign of det(1 − Φ'), 0 where it is not known.
int sign_at(Session& session, const Point& point) {
  if (!session.linearize(point) || !session.factorize(1)) return 0;
  return sign_of_determinant(session.linear()).value_or(0);
}

// Where the solution at `target` is expected, from those at two larger levels.
Eigen::VectorXd extrapolate(const Point& earlier, double earlier_level, const Point& point,
                            double level, double target) {
  if (earlier_level == level) return point.x;
  return point.x + (target - level) / (level - earlier_level) * (point.x - earlier.x);
}

}  // namespace

Termination remove_smoothing(Session& session, Point& point, double level, bool same_sign) {
  const int sign = same_sign ? sign_at(session, point) : 0;
  Point earlier = point;
  double earlier_level = level;
  double factor = 0.5;
  Point trial;
  while (level > 0 && factor < 0.99 && !session.halt()) {
    const double target = level * factor < kLastLevel ? 0.0 : level * factor;
    trial.x = extrapolate(earlier, earlier_level, point, level, target);
    session.project(trial.x);
    set_level(session, trial, target);
    if (newton_steps(session, trial, kNewtonSteps) != Termination::kConverged ||
        (sign != 0 && sign_at(session, trial) * sign < 0)) {
      factor = std::sqrt(factor);
      continue;
    }
    earlier = point;
    earlier_level = level;
    point = trial;
    level = target;
    factor = std::max(0.01, factor * factor);
    if (level > 0 && level < kNearlySharp && step_to_unsmoothed(session, point, level)) {
      return Termination::kConverged;
    }
  }
  set_level(session, point, 0);
  if (session.is_best_possible(point)) return Termination::kConverged;
  return session.halt().value_or(Termination::kStalled);
}

}  // namespace nuphi
