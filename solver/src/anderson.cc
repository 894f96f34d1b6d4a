#include <nuphi/solver/anderson.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "steps.h"

namespace nuphi {
namespace {

constexpr Eigen::Index kMemory = 10;
constexpr double kLeastMixing = 1e-6;
constexpr double kGrowth = 2;           // of the residual in one step that calls for shorter ones
constexpr double kNewtonExcess = 1e-2;  // relative residual at which Newton is tried
constexpr int kNewtonEvery = 5;

// Differences of the last iterates and of their defects.
class History {
 public:
  explicit History(Eigen::Index n) : dx_(n, std::min(n, kMemory)), df_(n, std::min(n, kMemory)) {}

  void clear() { used_ = 0; }
  void add(const Point& from, const Point& to) {
    const Eigen::Index column = next_++ % dx_.cols();
    dx_.col(column) = to.x - from.x;
    df_.col(column) = to.defect - from.defect;
    used_ = std::min(used_ + 1, dx_.cols());
  }
  // The step that would end at the least defect if Φ were linear, plus the mixed-in part of that
  // defect.
  [[nodiscard]] Eigen::VectorXd step(const Eigen::VectorXd& defect, double mixing) const {
    if (used_ == 0) return mixing * defect;
    const Eigen::VectorXd weights = df_.leftCols(used_).colPivHouseholderQr().solve(defect);
    return mixing * (defect - df_.leftCols(used_) * weights) - dx_.leftCols(used_) * weights;
  }

 private:
  Eigen::MatrixXd dx_, df_;
  Eigen::Index used_ = 0;
  Eigen::Index next_ = 0;
};

Termination anderson_steps(Session& session, Point& point) {
  if (!point.finite()) return Termination::kNonFinite;
  History history(point.x.size());
  Point next;
  double mixing = 1;
  for (int k = 0; !session.converged(point); ++k) {
    if (const auto halt = session.halt()) return *halt;
    if (point.excess < kNewtonExcess && k % kNewtonEvery == 0 && contract(session, point)) break;
    next.x = point.x + history.step(point.defect, mixing);
    session.project(next.x);
    session.evaluate(next);
    if (!next.finite() || next.excess > kGrowth * point.excess) {
      history.clear();
      mixing *= 0.5;
      if (mixing < kLeastMixing) return Termination::kStalled;
      continue;
    }
    const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
    history.add(point, next);
    std::swap(point, next);
    mixing = std::min(1.0, 1.1 * mixing);
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
