#include <algorithm>
#include <cmath>

#include "work.h"

namespace nuphi::petsc {
namespace {

// RODAS3 (Sandu et al. 1997) without matrix products, as in the solver for one process:
//   [1/(hγ) − ∂f] k_i = f(x + Σ a_ij k_j) + Σ c_ij k_j / h,   x_new = x + Σ m_j k_j,  f = Φ(x) − x.
constexpr double kGamma = 0.5;
constexpr double kOrder = 3;
constexpr double kStageTolerance = 1e-7;

constexpr double kFirstStep = 0.1;
constexpr double kEventful = 1.5;
constexpr double kLongStep = 1;  // in units of the flow's own time constant: Newton is worth a try
constexpr double kShortestStep = 1e-12;
constexpr double kFineFloor = 1e-9;
constexpr double kFailed = std::numeric_limits<double>::infinity();
constexpr std::size_t kLongest = 300;  // steps; a flow that takes more runs in a cycle

struct Limits {
  double tolerance = 1e-2;  // relative local error
  double floor = 1e-5;      // absolute local error
  bool quick = false;       // give up as soon as the flow turns out to be eventful
};

// One step of length h to `next`. Its error relative to the limits, or infinity.
double step(Work& work, const Point& point, double h, const Limits& limits, Point& next) {
  LinearSystem& linear = work.linear();
  if (!work.linearize(point, 1 + 1 / (h * kGamma))) return kFailed;
  const Eigen::Index rows = point.x.size();
  Eigen::VectorXd k1(rows), k2(rows), k3(rows), k4(rows), rhs(rows);
  if (!linear.solve(point.defect, k1, kStageTolerance)) return kFailed;
  // Along some direction the flow grows faster than the step is short: it would damp that.
  if (linear.is_negative()) return kFailed;
  rhs = point.defect + (4 / h) * k1;
  if (!linear.solve(rhs, k2, kStageTolerance)) return kFailed;
  next.x = point.x + 2 * k1;
  work.evaluate(next);
  if (!next.finite()) return kFailed;
  rhs = next.defect + (1 / h) * (k1 - k2);
  if (!linear.solve(rhs, k3, kStageTolerance)) return kFailed;
  next.x += k3;
  work.evaluate(next);
  if (!next.finite()) return kFailed;
  rhs = next.defect + (1 / h) * (k1 - k2 - (8.0 / 3.0) * k3);
  if (!linear.solve(rhs, k4, kStageTolerance)) return kFailed;
  next.x += k4;
  const Eigen::VectorXd outside = next.x;
  work.project(next.x);
  work.evaluate(next);
  if (!next.finite()) return kFailed;
  const auto error = k4.array().abs() + (next.x - outside).array().abs();
  const auto size = point.x.array().abs().max(next.x.array().abs());
  return largest((error / (limits.floor + limits.tolerance * size)).matrix());
}

class Flow {
 public:
  Flow(Work& work, Point& point, Limits limits, Leading& leading)
      : work_(work), point_(point), limits_(limits), leading_(leading), least_(point.excess) {}

  Termination run() {
    if (!point_.finite()) return Termination::kNonFinite;
    const std::size_t begin = work_.summary().iterations.size();
    if (try_newton_at_start()) return Termination::kConverged;
    while (true) {
      if (const auto halt = work_.halt()) return *halt;
      if (work_.summary().iterations.size() - begin > kLongest) return Termination::kStalled;
      if (h_ < kShortestStep) return Termination::kStalled;
      if (!advance()) continue;
      if (limits_.quick && point_.excess > kEventful * least_) return Termination::kStalled;
      if ((h_ > newton_at_ || work_.converged(point_)) && ends_here()) {
        return Termination::kConverged;
      }
    }
  }

 private:
  // A start that is a fixed point stays there.
  bool try_newton_at_start() { return work_.converged(point_) && ends_here(); }

  bool advance() {
    const double error = step(work_, point_, h_, limits_, next_);
    const bool accepted = error <= 1;
    if (accepted) {
      const double moved = largest(next_.x - point_.x);
      std::swap(point_, next_);
      work_.record(Method::kRelaxation, point_, moved, h_);
      longest_ *= 1.1;
      least_ = std::min(least_, point_.excess);
    }
    h_ = std::min(longest_, h_ * std::clamp(0.8 * std::pow(error, -1 / kOrder), 0.1, 8.0));
    return accepted;
  }

  bool ends_here() {
    newton_at_ = std::max(newton_at_, 3 * h_);
    Point trial = point_;
    if (!newton(work_, trial, true)) return false;
    const Leading found = leading_eigenvalue(work_, trial);
    if (found.attracts.value_or(true)) {
      point_ = trial;
      leading_ = found;
      return true;
    }
    // A long implicit step damps what the flow amplifies: resolve the way past this point.
    limits_.floor = kFineFloor;
    longest_ = found.value ? 0.5 / (*found.value - 1) : kFirstStep;
    h_ = std::min(h_, longest_);
    return false;
  }

  Work& work_;
  Point& point_;
  Limits limits_;
  Leading& leading_;
  Point next_;
  double h_ = kFirstStep;
  double longest_ = std::numeric_limits<double>::infinity();
  double newton_at_ = kLongStep;
  double least_;
};

}  // namespace

Termination follow_flow(Work& work, Point& point, Leading& leading) {
  const Point start = point;
  const Limits quick{.tolerance = 0.2, .floor = 1e-3, .quick = true};
  const Termination end = Flow(work, point, quick, leading).run();
  if (end != Termination::kStalled) return end;
  work.note("the flow is eventful: following it again, closely");
  point = start;
  return Flow(work, point, Limits{}, leading).run();
}

}  // namespace nuphi::petsc
