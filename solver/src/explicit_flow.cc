#include "explicit_flow.h"

#include <algorithm>
#include <cmath>

namespace nuphi {
namespace {

constexpr Eigen::Index kSmallest = 128;
constexpr double kFirstStep = 0.02;
constexpr double kCalm = 0.02;     // residual over the largest one seen
constexpr double kEventful = 1.5;  // residual over the least one seen
// Time constants after which a flow that has not calmed down is left to implicit steps.
constexpr double kLongest = 40;

class BogackiShampine {
 public:
  explicit BogackiShampine(Session& session) : session_(session) {}

  // One step of length h from `point` to `next`; its error relative to the limits.
  double step(const Point& point, double h, const FlowLimits& limits, Point& next) {
    stage_.x = point.x + (h / 2) * point.defect;
    session_.evaluate(stage_);
    if (!stage_.finite()) return kFailed;
    second_ = stage_.defect;
    stage_.x = point.x + (0.75 * h) * second_;
    session_.evaluate(stage_);
    if (!stage_.finite()) return kFailed;
    next.x = point.x + (h / 9) * (2 * point.defect + 3 * second_ + 4 * stage_.defect);
    session_.project(next.x);
    session_.evaluate(next);
    if (!next.finite()) return kFailed;
    const auto error =
        h * (-5.0 / 72 * point.defect + second_ / 12 + stage_.defect / 9 - next.defect / 8);
    return (error.array().abs() /
            (limits.floor + limits.tolerance * point.x.array().abs().max(next.x.array().abs())))
        .maxCoeff();
  }

 private:
  static constexpr double kFailed = std::numeric_limits<double>::infinity();
  Session& session_;
  Point stage_;
  Eigen::VectorXd second_;
};

}  // namespace

bool is_worth_explicit_steps(Eigen::Index n) { return n >= kSmallest; }

std::optional<double> explicit_steps(Session& session, Point& point, const FlowLimits& limits) {
  const int most = point.x.size() > kLargestFactorization ? 200 : 60;
  BogackiShampine method(session);
  Point next;
  double h = kFirstStep;
  double elapsed = 0;
  double largest = point.relative_residual;
  double least = point.relative_residual;
  for (int k = 0; k < most && elapsed < kLongest; ++k) {
    const double error = method.step(point, h, limits, next);
    if (error <= 1) {
      const double moved = (next.x - point.x).cwiseAbs().maxCoeff();
      std::swap(point, next);
      elapsed += h;
      largest = std::max(largest, point.relative_residual);
      least = std::min(least, point.relative_residual);
      if (!session.record(Method::kRelaxation, point, moved, h)) break;
      if (limits.quick && point.relative_residual > kEventful * least) return std::nullopt;
      if (point.relative_residual < kCalm * largest || session.converged(point)) break;
    }
    h *= std::clamp(0.9 * std::pow(error, -1.0 / 3), 0.2, 5.0);
  }
  return std::max(h, 0.1 * elapsed);
}

}  // namespace nuphi
