#include <algorithm>
#include <cmath>

#include <nuphi/solver/rodas3.h>

#include "distributed_session.h"

namespace nuphi::petsc {
namespace {

constexpr double kStageTolerance = 1e-7;

constexpr double kFirstStep = 0.1;
constexpr double kEventful = 1.5;
constexpr double kLongStep = 1;  // in units of the flow's own time constant: Newton is worth a try
constexpr double kShortestStep = 1e-12;
constexpr double kFineFloor = 1e-9;
constexpr std::size_t kLongest = 300;  // steps; a flow that takes more runs in a cycle

struct Limits {
  double tolerance = 1e-2;  // relative local error
  double floor = 1e-5;      // absolute local error
  bool quick = false;       // give up as soon as the flow turns out to be eventful
};

/// What the steps ask of the distributed problem.
struct DistributedSystem {
  DistributedSession& session;

  bool factorize(const Point& point, double shift) { return session.linearize(point, shift); }
  bool solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& y) {
    return session.linear().solve(rhs, y, kStageTolerance);
  }
  bool is_negative() { return session.linear().is_negative(); }
  void evaluate(Point& point) { session.evaluate(point); }
  void project(Eigen::VectorXd& x) const { session.project(x); }
  static double largest(const Eigen::VectorXd& x) { return petsc::largest(x); }
};

class Flow {
 public:
  Flow(DistributedSession& session, Point& point, Limits limits, LeadingEigenvalue& leading)
      : session_(session),
        point_(point),
        limits_(limits),
        leading_(leading),
        steps_({session}, point.x.size()),
        least_(point.relative_residual) {}

  Termination run() {
    if (!point_.finite()) return Termination::kNonFinite;
    const std::size_t begin = session_.summary().iterations.size();
    if (try_newton_at_start()) return Termination::kConverged;
    while (true) {
      if (const auto halt = session_.halt()) return *halt;
      if (session_.summary().iterations.size() - begin > kLongest) return Termination::kStalled;
      if (h_ < kShortestStep) return Termination::kStalled;
      if (!advance()) continue;
      if (limits_.quick && point_.relative_residual > kEventful * least_)
        return Termination::kStalled;
      if ((h_ > newton_at_ || session_.converged(point_)) && ends_here()) {
        return Termination::kConverged;
      }
    }
  }

 private:
  // A start that is a fixed point stays there.
  bool try_newton_at_start() { return session_.converged(point_) && ends_here(); }

  bool advance() {
    const double error = steps_.step(point_, h_, limits_.tolerance, limits_.floor, next_);
    const bool accepted = error <= 1;
    if (accepted) {
      const double moved = largest(next_.x - point_.x);
      std::swap(point_, next_);
      session_.record(Method::kRelaxation, point_, moved, h_);
      longest_ *= 1.1;
      least_ = std::min(least_, point_.relative_residual);
    }
    h_ = std::min(longest_, h_ * std::clamp(0.8 * std::pow(error, -1 / kRodas3Order), 0.1, 8.0));
    return accepted;
  }

  bool ends_here() {
    newton_at_ = std::max(newton_at_, 3 * h_);
    Point trial = point_;
    if (!newton(session_, trial, true)) return false;
    const LeadingEigenvalue found = leading_eigenvalue(session_, trial);
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

  DistributedSession& session_;
  Point& point_;
  Limits limits_;
  LeadingEigenvalue& leading_;
  Rodas3<DistributedSystem> steps_;
  Point next_;
  double h_ = kFirstStep;
  double longest_ = std::numeric_limits<double>::infinity();
  double newton_at_ = kLongStep;
  double least_;
};

}  // namespace

Termination follow_flow(DistributedSession& session, Point& point, LeadingEigenvalue& leading) {
  const Point start = point;
  const Limits quick{.tolerance = 0.2, .floor = 1e-3, .quick = true};
  const Termination end = Flow(session, point, quick, leading).run();
  if (end != Termination::kStalled) return end;
  session.note("the flow is eventful: following it again, closely");
  point = start;
  return Flow(session, point, Limits{}, leading).run();
}

}  // namespace nuphi::petsc
