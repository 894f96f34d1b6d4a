#include "ceres_backend.h"

#include <nuphi/solver/session.h>

namespace nuphi {

FixedPointSolution trust_region(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kCeres, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  return session.close(
      point, Termination::kStalled, Method::kCeres,
      "this build has no Ceres: configure with -DNUPHI_CERES=ON, or choose another method");
}

}  // namespace nuphi
