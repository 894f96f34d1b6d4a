#include <nuphi/solver/fixed_point.h>
#include <nuphi/solver/newton.h>
#include <nuphi/solver/relaxation.h>

#include "steps.h"

namespace nuphi {

FixedPointSolution flow_limit(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kAuto, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  Termination end = flow_steps(session, point, {.steps = 300});
  if (end == Termination::kConverged) return session.close(point, end, Method::kRelaxation, "");
  point = session.best();
  session.note("the flow does not settle: Newton from the best point");
  end = newton_steps(session, point);
  return session.close(point, end, Method::kNewton, "the flow from the start does not settle");
}

FixedPointSolution solve_fixed_point(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                     Method method, const FixedPointOptions& options,
                                     const SolveControl& control) {
  switch (method) {
    case Method::kRelaxation:
      return relaxation(problem, start, options, control);
    case Method::kAuto:
    case Method::kNewton:
    case Method::kCeres:
    case Method::kAnderson:
      break;
  }
  return newton(problem, start, options, control);
}

}  // namespace nuphi
