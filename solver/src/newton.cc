#include <nuphi/solver/methods.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

constexpr double kLeastDamping = 1e-5;
constexpr int kPolishSteps = 20;
// Beyond this the factors have lost half their digits: a stall there is put down to a singular
// Jacobian.
constexpr double kNearlySingular = 1e-7;

// Size of a step relative to the point, in the units the tolerance is given in.
double step_size(const Eigen::VectorXd& step, const Eigen::VectorXd& x) {
  return (step.array().abs() / x.array().abs().max(1.0)).maxCoeff();
}

struct NewtonStep {
  Eigen::VectorXd full;  // the Newton correction
  Eigen::VectorXd next;  // the correction the same Jacobian gives at the trial point
  Point trial;
  double damping = 1;
};

// Looks for a fraction of the full step after which the residual or the simplified Newton
// correction has shrunk.
bool search(Session& session, const Point& point, NewtonStep& step) {
  const double length = step_size(step.full, point.x);
  for (double damping = step.damping; damping >= kLeastDamping; damping *= 0.5) {
    step.trial.x = point.x + damping * step.full;
    session.project(step.trial.x);
    session.evaluate(step.trial);
    if (!step.trial.finite()) continue;
    step.damping = damping;
    if (step.trial.relative_residual <= (1 - damping / 4) * point.relative_residual) return true;
    session.linear().solve(step.trial.defect, step.next);
    if (step_size(step.next, point.x) <= (1 - damping / 4) * length) return true;
  }
  return false;
}

}  // namespace

void polish(Session& session, Point& point) {
  double level = session.residual_in_roundings(point);
  Eigen::VectorXd step(point.x.size());
  Point trial;
  for (int k = 0; k < kPolishSteps && level > 1 && !session.is_exhausted(); ++k) {
    if (!session.linearize(point) || !session.factorize(1)) return;
    session.linear().solve(point.defect, step);
    trial.x = point.x + step;
    session.project(trial.x);
    session.evaluate(trial);
    if (!trial.finite()) return;
    const double trial_level = session.residual_in_roundings(trial);
    if (!(trial_level < 0.5 * level) ||
        trial.relative_residual > std::max(point.relative_residual, session.options().tolerance))
      return;
    const double moved = (trial.x - point.x).cwiseAbs().maxCoeff();
    std::swap(point, trial);
    level = trial_level;
    if (!session.record(Method::kNewton, point, moved, 1)) return;
  }
}

bool try_newton(Session& session, Point& point, double ratio) {
  Point current = point;
  Eigen::VectorXd step(point.x.size());
  double last = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 8; ++k) {
    if (session.is_exhausted()) return false;
    if (session.converged(current)) {
      point = current;
      polish(session, point);
      return true;
    }
    if (!session.linearize(current) || !session.factorize(1)) return false;
    session.linear().solve(current.defect, step);
    const double length = step_size(step, current.x);
    if (!(length < ratio * last)) return false;
    last = length;
    current.x += step;
    session.project(current.x);
    session.evaluate(current);
    if (!current.finite()) return false;
    if (!session.record(Method::kNewton, current, step.cwiseAbs().maxCoeff(), 1)) return false;
  }
  return false;
}

Termination newton_steps(Session& session, Point& point, int most) {
  if (!point.finite()) return Termination::kNonFinite;
  NewtonStep step;
  step.full.resize(point.x.size());
  step.next.resize(point.x.size());
  for (int k = 0; !session.converged(point); ++k) {
    if (const auto halt = session.halt()) return *halt;
    if (k >= most) return Termination::kStalled;
    if (!session.linearize(point)) return Termination::kSingular;
    if (!session.factorize(1)) return Termination::kSingular;
    session.linear().solve(point.defect, step.full);
    if (!step.full.allFinite()) return Termination::kSingular;
    step.damping = std::min(1.0, 4 * step.damping);
    if (!search(session, point, step)) {
      if (session.is_best_possible(point)) return Termination::kConverged;
      return session.linear().pivot_ratio() < kNearlySingular ? Termination::kSingular
                                                              : Termination::kStalled;
    }
    const double moved = (step.trial.x - point.x).cwiseAbs().maxCoeff();
    std::swap(point, step.trial);
    if (!session.record(Method::kNewton, point, moved, step.damping) && !session.converged(point)) {
      return *session.halt();
    }
  }
  polish(session, point);
  return Termination::kConverged;
}

namespace {

constexpr double kFirstTime = 0.1;
constexpr double kLeastTime = 1e-12;
constexpr double kLongTime = 1;        // from here on Newton is worth a try
constexpr double kNonlinearity = 0.5;  // accepted in one step, relative to the defect
constexpr double kNewtonRatio = 0.1;   // contraction by which Newton takes over

// Pseudo-transient continuation (Kelley & Keyes 1998): implicit Euler steps of dx/ds = −x + Φ(x)
// with one linear solve each, (1/h + 1 − Φ')·step = defect, that turn into Newton's as h grows. It
// follows the flow, along which the residual may rise, and so gets past where no fraction of
// Newton's step helps: minima of the residual, and zero rates with Φ' > 1, from where that step
// points to negative rates.
Termination transient_steps(Session& session, Point& point) {
  Eigen::VectorXd step(point.x.size());
  Point next;
  double h = kFirstTime;
  double newton_at = kLongTime;
  while (!session.converged(point)) {
    if (const auto halt = session.halt()) return *halt;
    if (h < kLeastTime) return Termination::kStalled;
    if (h > newton_at) {
      newton_at = 3 * h;
      if (try_newton(session, point, kNewtonRatio)) return Termination::kConverged;
      if (const auto halt = session.halt()) return *halt;
    }
    if (!session.linearize(point)) return Termination::kSingular;
    const bool regular = session.factorize(1 + 1 / h);
    if (regular) session.linear().solve(point.defect, step);
    // A negative determinant: the flow grows along some direction faster than the step is short.
    if (!regular || session.linear().is_negative()) {
      h *= 0.25;
      continue;
    }
    next.x = point.x + step;
    session.project(next.x);
    session.evaluate(next);
    // Were Φ linear, the defect would be step/h now.
    const double error = next.finite() ? (next.defect - step / h).norm() / point.defect.norm() : 10;
    const double taken = h;
    if (!(error <= kNonlinearity)) {
      h *= error > 0 ? std::max(0.1, 0.5 * kNonlinearity / error) : 0.1;
      continue;
    }
    h *= std::min(0.5 * kNonlinearity / error, 4.0);
    const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
    std::swap(point, next);
    if (!session.record(Method::kNewton, point, moved, taken / (1 + taken))) continue;
  }
  polish(session, point);
  return Termination::kConverged;
}

}  // namespace

FixedPointSolution newton(FixedPointProblem& problem, const Eigen::VectorXd& start,
                          const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kNewton, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const Point first = point;
  std::string detail;
  Termination end = newton_steps(session, point);
  if (end == Termination::kStalled || end == Termination::kSingular) {
    session.note("Newton's direction leads no further: pseudo-transient continuation");
    Point again = first;
    if (transient_steps(session, again) == Termination::kConverged) {
      point = again;
      end = Termination::kConverged;
      detail = "Newton stalled; pseudo-transient continuation from the start found this one";
    } else if (const auto halt = session.halt()) {
      end = *halt;
    }
  }
  return session.close(point, end, Method::kNewton, detail);
}

}  // namespace nuphi
