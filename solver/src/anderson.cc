#include <nuphi/solver/methods.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

constexpr Eigen::Index kMemory = 10;
constexpr double kLeastMixing = 1e-9;
// Largest change of the defect in one damped step, relative to the defect. Its ideal is 1: the step
// then cancels the fastest mode; from 2 on explicit steps grow along it.
constexpr double kLargestChange = 1.5;
constexpr double kProgress = 0.9;  // of the residual in an accelerated step that is accepted
constexpr int kLongestWait = 32;
constexpr double kDependent = 1e-8;     // differences closer to the span of the others are dropped
constexpr double kNewtonExcess = 1e-2;  // relative residual at which Newton is tried
constexpr int kNewtonEvery = 5;

// Differences of the last iterates and of their defects.
class History {
 public:
  explicit History(Eigen::Index n) : dx_(n, std::min(n, kMemory)), df_(n, std::min(n, kMemory)) {}

  [[nodiscard]] bool empty() const { return used_ == 0; }
  // Differences are kept per unit change of the defect, so that the rank of df_ does not depend on
  // how long the steps were.
  void add(const Point& from, const Point& to) {
    const double size = (to.defect - from.defect).norm();
    if (!(size > 0)) return;
    const Eigen::Index column = next_++ % dx_.cols();
    dx_.col(column) = (to.x - from.x) / size;
    df_.col(column) = (to.defect - from.defect) / size;
    used_ = std::min(used_ + 1, dx_.cols());
  }
  // The step that would end at the least defect if Φ were linear, plus the mixed-in part of that
  // defect.
  [[nodiscard]] Eigen::VectorXd step(const Eigen::VectorXd& defect, double mixing) const {
    Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> factors;
    factors.setThreshold(kDependent);
    factors.compute(df_.leftCols(used_));
    const Eigen::VectorXd weights = factors.solve(defect);
    return mixing * (defect - df_.leftCols(used_) * weights) - dx_.leftCols(used_) * weights;
  }

 private:
  Eigen::MatrixXd dx_, df_;
  Eigen::Index used_ = 0;
  Eigen::Index next_ = 0;
};

// Explicit steps of the flow dx/ds = −x + Φ(x), short enough for its fastest mode, and accelerated
// ones where these lower the residual. The damped steps may raise it: on the way from zero rates
// to the fixed point it often has to grow, and a method that only descends ends in a minimum of it.
Termination anderson_steps(Session& session, Point& point) {
  if (!point.finite()) return Termination::kNonFinite;
  History history(point.x.size());
  Point next;
  double mixing = 1;
  double least = point.relative_residual;
  int wait = 0;  // damped steps before the next accelerated one
  int longest_wait = 1;
  for (int k = 0; !session.converged(point); ++k) {
    if (const auto halt = session.halt()) return *halt;
    if (point.relative_residual < kNewtonExcess && k % kNewtonEvery == 0 &&
        try_newton(session, point))
      break;
    bool accepted = false;
    if (!history.empty() && wait-- <= 0) {
      next.x = point.x + history.step(point.defect, mixing);
      session.project(next.x);
      session.evaluate(next);
      accepted = next.finite() && next.relative_residual <= kProgress * point.relative_residual;
      if (!accepted) {
        wait = longest_wait;
        longest_wait = std::min(2 * longest_wait, kLongestWait);
      }
    }
    while (!accepted) {
      next.x = point.x + mixing * point.defect;
      session.project(next.x);
      session.evaluate(next);
      const double change =
          next.finite() ? (next.defect - point.defect).norm() / point.defect.norm() : 10;
      accepted = change <= kLargestChange;
      mixing = std::min(1.0, mixing * std::clamp(1 / change, 0.1, 2.0));
      if (!accepted && mixing < kLeastMixing) return Termination::kStalled;
    }
    const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
    history.add(point, next);
    std::swap(point, next);
    if (point.relative_residual < 0.5 * least) {
      least = point.relative_residual;
      longest_wait = 1;
    }
    if (!session.record(Method::kAnderson, point, moved, mixing)) continue;
  }
  polish(session, point);
  return Termination::kConverged;
}

}  // namespace

FixedPointSolution anderson(FixedPointProblem& problem, const Eigen::VectorXd& start,
                            const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kAnderson, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const Termination end = anderson_steps(session, point);
  return session.close(point, end, Method::kAnderson, "");
}

}  // namespace nuphi
