#include <nuphi/solver/relaxation.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

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
constexpr double kFineFloor = 1e-9;
constexpr double kMemory = 10;  // of the running average, in units of the flow's time constant
constexpr Eigen::Index kLargestEigenproblem = 2000;

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
    // The flow grows along some direction faster than the step is short: the step would damp that
    // instead of amplifying it.
    if (linear.is_negative()) return kFailed;
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
    const Eigen::VectorXd outside = next.x;
    session_.project(next.x);
    session_.evaluate(next);
    if (!next.finite()) return kFailed;
    k4_ = k4_.cwiseAbs() + (next.x - outside).cwiseAbs();
    return (k4_.array().abs() /
            (limits.floor + limits.tolerance * point.x.array().abs().max(next.x.array().abs())))
        .maxCoeff();
  }

 private:
  Session& session_;
  Eigen::VectorXd rhs_, k1_, k2_, k3_, k4_;
};

// Growth rate of the fastest growing small deviation from the point under the flow; negative: the
// point attracts. Nothing where that is too expensive or undecided.
std::optional<double> growth(Session& session, const Point& point) {
  const Eigen::Index n = point.x.size();
  if (n > kLargestEigenproblem || !session.linearize(point)) return std::nullopt;
  Eigen::MatrixXd jacobian(n, n);
  session.problem().jacobian(jacobian);
  const std::optional<double> leading = spectral_abscissa(jacobian);
  if (!leading) return std::nullopt;
  return *leading - 1;
}

// Tells a limit cycle from a transient by the maxima of the residual along the flow: on a cycle
// they do not decay.
class CycleWatch {
 public:
  bool sees_cycle(double residual) {
    if (rising_ && residual < last_) {
      std::rotate(peaks_.begin(), peaks_.begin() + 1, peaks_.end());
      peaks_.back() = last_;
      ++count_;
    }
    const bool turned = rising_ && residual < last_;
    rising_ = residual > last_;
    last_ = residual;
    if (!turned || count_ < 2 * kPeaks) return false;
    const auto older = peaks_.begin() + kPeaks;
    const double before = *std::max_element(peaks_.begin(), older);
    const double now = *std::max_element(older, peaks_.end());
    return now > 0.97 * before && now < 1.03 * before;
  }

 private:
  static constexpr int kPeaks = 6;
  std::array<double, 2 * kPeaks> peaks_{};
  int count_ = 0;
  bool rising_ = false;
  double last_ = 0;
};

}  // namespace

Termination flow_steps(Session& session, Point& point, const FlowLimits& limits,
                       Eigen::VectorXd* average) {
  if (!point.finite()) return Termination::kNonFinite;
  Rodas3 method(session, point.x.size());
  CycleWatch watch;
  FlowLimits control = limits;
  Point next;
  double h = 0.1;
  double longest = std::numeric_limits<double>::infinity();
  double newton_at = kLongStep;
  if (average != nullptr) *average = point.x;
  while (true) {
    if (session.converged(point)) {
      polish(session, point);
      return Termination::kConverged;
    }
    if (const auto halt = session.halt()) return *halt;
    if (!session.linearize(point)) return Termination::kSingular;
    const double error = method.step(point, h, control, next);
    if (error <= 1) {
      const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
      std::swap(point, next);
      if (average != nullptr) *average += -std::expm1(-h / kMemory) * (point.x - *average);
      if (!session.record(Method::kRelaxation, point, moved, h)) return *session.halt();
      if (watch.sees_cycle(point.residual)) return Termination::kStalled;
      longest *= 1.1;
    }
    h = std::min(longest, h * std::clamp(0.9 * std::pow(error, -1 / kOrder), 0.1, 8.0));
    if (h < kShortestStep) return Termination::kStalled;
    if (error <= 1 && h > newton_at) {
      Point trial = point;
      if (contract(session, trial)) {
        const std::optional<double> rate = growth(session, trial);
        if (!rate || *rate < 0) {
          point = trial;
          return Termination::kConverged;
        }
        // A long implicit step damps what the flow amplifies. Resolve the way past this point.
        control.floor = kFineFloor;
        longest = 0.5 / *rate;
        h = std::min(h, longest);
      }
      newton_at = std::max(newton_at, 3 * h);
    }
  }
}

FixedPointSolution relaxation(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kRelaxation, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const Termination end = flow_steps(session, point);
  return session.close(point, end, Method::kRelaxation, "");
}

}  // namespace nuphi
