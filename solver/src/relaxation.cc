#include <nuphi/solver/relaxation.h>

#include <algorithm>
#include <cmath>

#include "eigenvalues.h"
#include "steps.h"

namespace nuphi {
namespace {

// RODAS3 (Sandu et al. 1997): four stages, three evaluations, order 3 with an embedded order 2,
// L-stable and stiffly accurate, so that for a long step it turns into two Newton corrections. In
// the form without matrix products,
//   [1/(hγ) − ∂f] k_i = f(x + Σ a_ij k_j) + Σ c_ij k_j / h,   x_new = x + Σ m_j k_j,   f(x) = Φ(x)
//   − x.
constexpr double kGamma = 0.5;
constexpr double kOrder = 3;

constexpr double kLongStep = 20;  // in units of the flow's own time constant: Newton is worth a try
constexpr double kShortestStep = 1e-12;

class Rodas3 {
 public:
  explicit Rodas3(Session& session, Eigen::Index n)
      : session_(session), rhs_(n), k1_(n), k2_(n), k3_(n), k4_(n) {}

  // One step of length h from the linearised `point` to `next`. Its error relative to the limits,
  // or infinity.
  double step(const Point& point, double h, const FlowLimits& limits, Point& next) {
    constexpr double kFailed = std::numeric_limits<double>::infinity();
    if (!session_.factorize(1 + 1 / (h * kGamma))) return kFailed;
    LinearSolver& linear = session_.linear();
    linear.solve(point.defect, k1_);
    rhs_ = point.defect + (4 / h) * k1_;
    linear.solve(rhs_, k2_);
    next.x = point.x + 2 * k1_;
    session_.evaluate(next);
    if (!next.finite()) return kFailed;
    rhs_ = next.defect + (1 / h) * (k1_ - k2_);
    linear.solve(rhs_, k3_);
    next.x += k3_;
    session_.evaluate(next);
    if (!next.finite()) return kFailed;
    rhs_ = next.defect + (1 / h) * (k1_ - k2_ - (8.0 / 3.0) * k3_);
    linear.solve(rhs_, k4_);
    next.x += k4_;
    session_.project(next.x);
    session_.evaluate(next);
    if (!next.finite()) return kFailed;
    return (k4_.array().abs() /
            (limits.floor + limits.tolerance * point.x.array().abs().max(next.x.array().abs())))
        .maxCoeff();
  }

 private:
  Session& session_;
  Eigen::VectorXd rhs_, k1_, k2_, k3_, k4_;
};

// Whether the flow is attracted by the point; undecided counts as yes.
bool attracts(Session& session, const Point& point) {
  const Eigen::Index n = point.x.size();
  if (n > 2000 || !session.linearize(point)) return true;
  Eigen::MatrixXd jacobian(n, n);
  session.problem().jacobian(jacobian);
  const std::optional<double> leading = spectral_abscissa(jacobian);
  return !leading || *leading < 1;
}

}  // namespace

Termination flow_steps(Session& session, Point& point, const FlowLimits& limits) {
  if (!point.finite()) return Termination::kNonFinite;
  Rodas3 method(session, point.x.size());
  Point next;
  double h = 0.1;
  double newton_at = kLongStep;
  for (int k = 0; k < limits.steps; ++k) {
    if (session.converged(point)) {
      polish(session, point);
      return Termination::kConverged;
    }
    if (const auto halt = session.halt()) return *halt;
    if (!session.linearize(point)) return Termination::kSingular;
    const double error = method.step(point, h, limits, next);
    if (error <= 1) {
      const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
      std::swap(point, next);
      if (!session.record(Method::kRelaxation, point, moved, h)) return *session.halt();
    }
    h *= std::clamp(0.9 * std::pow(error, -1 / kOrder), 0.1, 8.0);
    if (h < kShortestStep) return Termination::kStalled;
    if (error <= 1 && h > newton_at) {
      Point trial = point;
      if (contract(session, trial) && (limits.accept_unstable || attracts(session, trial))) {
        point = trial;
        return Termination::kConverged;
      }
      newton_at *= 10;
    }
  }
  return Termination::kStalled;
}

FixedPointSolution relaxation(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kRelaxation, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  FlowLimits limits;
  limits.steps = std::numeric_limits<int>::max();
  const Termination end = flow_steps(session, point, limits);
  return session.close(point, end, Method::kRelaxation, "");
}

}  // namespace nuphi
