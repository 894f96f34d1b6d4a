#include <nuphi/solver/continuation.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <nuphi/solver/bordered_lu.h>
#include <nuphi/solver/multiple_branch_point.h>

namespace nuphi {
namespace {

using Eigen::VectorXd;

/// A solution of x = Φ(x; p) beside a branch point, found by Newton's method on
///   x − Φ(x; p) = 0,   vᵀ(x − x₀) = ε
/// (Keller 1977, method III).
class Sidestep {
 public:
  Sidestep(ParametricProblem& problem, const BranchPoint& at, const VectorXd& direction,
           const ContinuationOptions& options)
      : problem_(problem),
        at_(at),
        direction_(direction),
        options_(options),
        defect_(at.x.size()) {}

  [[nodiscard]] bool solve(double amplitude) {
    x = at_.x + amplitude * direction_;
    parameter = at_.parameter;
    constexpr int kSteps = 30;
    for (int step = 0; step < kSteps; ++step) {
      if (!evaluate()) return false;
      const double distance = amplitude - direction_.dot(x - at_.x);
      const double relative = (defect_.array().abs() / x.array().abs().max(1.0)).maxCoeff();
      if (relative <= options_.tolerance && std::abs(distance) <= 1e-9 * std::abs(amplitude))
        return true;
      if (!correct(distance)) return false;
    }
    return false;
  }

  VectorXd x;
  double parameter = 0;

 private:
  [[nodiscard]] bool evaluate() {
    if (!(parameter >= options_.lower && parameter <= options_.upper)) return false;
    problem_.set_parameters(VectorXd::Constant(1, parameter));
    problem_.evaluate(x, defect_);
    defect_ = x - defect_;
    return defect_.allFinite();
  }

  [[nodiscard]] bool correct(double distance) {
    const Eigen::Index n = x.size();
    Eigen::MatrixXd block(n, n);
    problem_.jacobian(block);
    block = Eigen::MatrixXd::Identity(n, n) - block;
    VectorXd column(n);
    problem_.parameter_derivative(0, column);
    Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, n + 1);
    row.leftCols(n) = direction_.transpose();
    if (!lu_.factorize(JacobianBlock(std::move(block)), -column, row)) return false;
    VectorXd rhs(n + 1);
    rhs << -defect_, distance;
    const VectorXd step = lu_.solve(rhs);
    if (!step.allFinite()) return false;
    x = (x + step.head(n)).cwiseMax(problem_.lower()).cwiseMin(problem_.upper());
    parameter += step[n];
    return true;
  }

  ParametricProblem& problem_;
  const BranchPoint& at_;
  const VectorXd& direction_;
  const ContinuationOptions& options_;
  BorderedLu lu_;
  VectorXd defect_;
};

/// The known branch at a parameter next to a branch point: its secant through the points on both
/// sides.
VectorXd known_state(const Branch& known, const SpecialPoint& at, double parameter) {
  const auto after = static_cast<std::size_t>(at.after);
  if (after + 1 >= known.points.size()) return at.point.x;
  const BranchPoint& a = known.points[after];
  const BranchPoint& b = known.points[after + 1];
  if (a.parameter == b.parameter) return at.point.x;
  const double part = (parameter - at.point.parameter) / (b.parameter - a.parameter);
  return at.point.x + part * (b.x - a.x);
}

/// A point on another branch beside the branch point, first on the near side.
std::optional<BranchPoint> beside(ParametricProblem& problem, const Branch& known,
                                  const SpecialPoint& at, const VectorXd& direction,
                                  const ContinuationOptions& options) {
  const double size = options.scale + at.point.x.cwiseAbs().maxCoeff();
  constexpr std::array<double, 6> kAmplitudes = {0.01, -0.01, 0.03, -0.03, 0.1, -0.1};
  for (const double relative : kAmplitudes) {
    const double amplitude = relative * size;
    Sidestep step(problem, at.point, direction, options);
    if (!step.solve(amplitude)) continue;
    const VectorXd apart = step.x - known_state(known, at, step.parameter);
    if (apart.norm() < 0.5 * std::abs(amplitude)) continue;  // still the known branch
    BranchPoint found;
    found.x = step.x;
    found.parameter = step.parameter;
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Branch> switch_branches(ParametricProblem& problem, const Branch& known,
                                    const SpecialPoint& at, const ContinuationOptions& options,
                                    const ContinuationControl& control) {
  std::vector<Branch> found;
  if (at.kind != SpecialPointKind::kBranchPoint) return found;
  ContinuationOptions both = options;
  both.direction = BranchDirection::kBoth;
  for (const VectorXd& direction : branching_directions(at.null_space, at.point.x)) {
    if (control.stop.stop_requested()) break;
    const std::optional<BranchPoint> start = beside(problem, known, at, direction, options);
    if (!start) continue;
    found.push_back(continue_branch(problem, start->x, start->parameter, both, control));
  }
  return found;
}

bool same_ends(const Branch& a, const Branch& b) {
  if (a.points.empty() || b.points.empty()) return false;
  const auto near = [](const BranchPoint& p, const BranchPoint& q) {
    constexpr double kNear = 1e-6;
    return std::abs(p.parameter - q.parameter) <=
               kNear * std::max(std::abs(p.parameter), std::abs(q.parameter)) &&
           same_up_to_order(p.x, q.x, kNear);
  };
  const BranchPoint &a0 = a.points.front(), &a1 = a.points.back();
  const BranchPoint &b0 = b.points.front(), &b1 = b.points.back();
  return (near(a0, b0) && near(a1, b1)) || (near(a0, b1) && near(a1, b0));
}

}  // namespace nuphi
