#include <nuphi/solver/methods.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <nuphi/solver/eigenvalues.h>
#include <nuphi/solver/leading_eigenvalue.h>
#include <nuphi/solver/steps.h>
#include "explicit_flow.h"

namespace nuphi {
namespace {

// RODAS3 (Sandu et al. 1997): four stages, three evaluations, order 3 with an embedded order 2,
// L-stable and stiffly accurate, so that for a long step it turns into two Newton corrections. In
// the form without matrix products,
//   [1/(hγ) − ∂f] k_i = f(x + Σ a_ij k_j) + Σ c_ij k_j / h,   x_new = x + Σ m_j k_j,   f(x) = Φ(x)
//   − x.
constexpr double kGamma = 0.5;
constexpr double kOrder = 3;

constexpr double kFirstStep = 0.1;
constexpr double kContraction = 0.1;
constexpr double kEventful = 1.5;
constexpr double kLongStep = 1;  // in units of the flow's own time constant: Newton is worth a try
constexpr double kShortestStep = 1e-12;
constexpr double kFineFloor = 1e-9;
constexpr double kMemory = 10;  // of the running average, in units of the flow's time constant

constexpr double kSmoothing = 1e-2;

constexpr FlowLimits kQuick{.tolerance = 0.2, .floor = 1e-3, .quick = true};

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
    // The flow grows along some direction faster than the step is short: the step would damp that
    // instead of amplifying it.
    if (linear.is_negative()) return kFailed;
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

// Whether small deviations from the point die out under the flow.
struct Attraction {
  bool attracts = true;           // also where that is undecided
  std::optional<double> leading;  // eigenvalue of ∂Φ with the largest real part
};

Attraction attraction(Session& session, const Point& point, Eigen::Index largest_eigenproblem) {
  const Eigen::Index n = point.x.size();
  if (!session.linearize(point)) return {};
  if (const JacobianMap* map = session.linear().map()) {
    // Costly: only where the caller does not look at the result himself.
    if (largest_eigenproblem <= kCheapEigenproblem) return {};
    const LeadingEigenvalue found = leading_eigenvalue(*map, n, kArnoldiDimension);
    return {.attracts = found.below_one.value_or(true), .leading = found.value};
  }
  if (n > largest_eigenproblem) {
    return {.attracts = !session.factorize(1) || !session.linear().is_negative(), .leading = {}};
  }
  Eigen::MatrixXd jacobian(n, n);
  session.problem().jacobian(jacobian);
  const std::optional<double> leading = spectral_abscissa(jacobian);
  return {.attracts = !leading || *leading < 1, .leading = leading};
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

FlowOutcome flow_steps(Session& session, Point& point, const FlowLimits& limits) {
  FlowOutcome outcome;
  outcome.average = point.x;
  const auto ended = [&outcome](Termination end) {
    outcome.end = end;
    return outcome;
  };
  if (!point.finite()) return ended(Termination::kNonFinite);
  Rodas3 method(session, point.x.size());
  CycleWatch watch;
  FlowLimits control = limits;
  Point next;
  double h = limits.first_step;
  double longest = std::numeric_limits<double>::infinity();
  double newton_at = kLongStep;
  double least = point.relative_residual;
  while (!session.converged(point)) {
    if (const auto halt = session.halt()) return ended(*halt);
    if (!session.linearize(point)) return ended(Termination::kSingular);
    const double error = method.step(point, h, control, next);
    const bool accepted = error <= 1;
    if (accepted) {
      const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
      std::swap(point, next);
      outcome.average += -std::expm1(-h / kMemory) * (point.x - outcome.average);
      if (!session.record(Method::kRelaxation, point, moved, h)) continue;
      longest *= 1.1;
      least = std::min(least, point.relative_residual);
      if (limits.quick && point.relative_residual > kEventful * least)
        return ended(Termination::kStalled);
    }
    h = std::min(longest, h * std::clamp(0.8 * std::pow(error, -1 / kOrder), 0.1, 8.0));
    if (h < kShortestStep) return ended(Termination::kStalled);
    if (!accepted) continue;

    const bool cycle = watch.sees_cycle(point.residual);
    if (!cycle && h <= newton_at) continue;
    newton_at = std::max(newton_at, 3 * h);
    Point trial = point;
    if (cycle) {
      trial.x = outcome.average;
      session.evaluate(trial);
    }
    if (try_newton(session, trial, kContraction)) {
      const Attraction found = attraction(session, trial, limits.largest_eigenproblem);
      if (found.attracts) {
        point = trial;
        outcome.leading = found.leading;
        return ended(Termination::kConverged);
      }
      // A long implicit step damps what the flow amplifies: resolve the way past this point.
      outcome.repelling = trial;
      control.floor = kFineFloor;
      longest = found.leading ? 0.5 / (*found.leading - 1) : kFirstStep;
      h = std::min(h, longest);
    }
    if (cycle) return ended(Termination::kStalled);
  }
  polish(session, point);
  return ended(Termination::kConverged);
}

namespace {

// The flow from the start to its end: by explicit steps as long as they are the cheaper ones.
FlowOutcome whole_flow(Session& session, Point& point, FlowLimits limits) {
  if (is_worth_explicit_steps(point.x.size()) && point.finite()) {
    const std::optional<double> step = explicit_steps(session, point, limits);
    if (!step) return {};
    limits.first_step = *step;
  }
  return flow_steps(session, point, limits);
}

}  // namespace

FlowOutcome relax(Session& session, Point& point, Eigen::Index largest_eigenproblem) {
  const Point start = point;
  FlowLimits limits = kQuick;
  limits.largest_eigenproblem = largest_eigenproblem;
  FlowOutcome outcome = whole_flow(session, point, limits);
  if (outcome.end == Termination::kConverged || outcome.end == Termination::kNonFinite ||
      session.halt()) {
    return outcome;
  }
  point = start;
  session.begin_method();
  limits = FlowLimits{.largest_eigenproblem = largest_eigenproblem};
  outcome = whole_flow(session, point, limits);
  if (outcome.end != Termination::kStalled || outcome.repelling) return outcome;
  if (!session.smooth(kSmoothing)) return outcome;
  session.note("the flow breaks down or runs in a cycle: following that of a smoother problem");
  Point smooth = start;
  session.evaluate(smooth);
  Termination end = flow_steps(session, smooth, limits).end;
  if (end == Termination::kConverged) end = remove_smoothing(session, smooth, kSmoothing);
  if (end == Termination::kConverged) {
    point = smooth;
    outcome.end = end;
    return outcome;
  }
  session.smooth(0);
  session.evaluate(point);
  outcome.end = session.halt().value_or(outcome.end);
  return outcome;
}

FixedPointSolution relaxation(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kRelaxation, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const FlowOutcome outcome = relax(session, point, kLargestEigenproblem);
  FixedPointSolution solution = session.close(point, outcome.end, Method::kRelaxation, "");
  if (solution.converged()) solution.leading_eigenvalue = outcome.leading;
  return solution;
}

}  // namespace nuphi
