#include <nuphi/solver/continuation.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bordered_lu.h"

namespace nuphi {
namespace {

using Eigen::VectorXd;

/// A solution of x = Φ(x; p) beside a branch point, found by Newton's method on
///   x − Φ(x; p) = 0,   vᵀ(x − x₀) = ε.
class Sidestep {
 public:
  Sidestep(ParametricProblem& problem, const SpecialPoint& at, const ContinuationOptions& options)
      : problem_(problem), at_(at), options_(options), defect_(at.point.x.size()) {}

  [[nodiscard]] bool solve(double amplitude) {
    x = at_.point.x + amplitude * at_.null_vector;
    parameter = at_.point.parameter;
    constexpr int kSteps = 30;
    for (int step = 0; step < kSteps; ++step) {
      if (!evaluate()) return false;
      const double distance = amplitude - at_.null_vector.dot(x - at_.point.x);
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
    row.leftCols(n) = at_.null_vector.transpose();
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
  const SpecialPoint& at_;
  const ContinuationOptions& options_;
  BorderedLu lu_;
  VectorXd defect_;
};

/// Part along the null vector of the way from the branch point to the known branch at a parameter:
/// its secant through the points on both sides.
double known_part(const Branch& known, const SpecialPoint& at, double parameter) {
  const auto after = static_cast<std::size_t>(at.after);
  if (after + 1 >= known.points.size()) return 0;
  const BranchPoint& a = known.points[after];
  const BranchPoint& b = known.points[after + 1];
  if (a.parameter == b.parameter) return 0;
  const double slope = at.null_vector.dot(b.x - a.x) / (b.parameter - a.parameter);
  return slope * (parameter - at.point.parameter);
}

}  // namespace

Branch switch_branch(ParametricProblem& problem, const Branch& known, const SpecialPoint& at,
                     const ContinuationOptions& options, const ContinuationControl& control) {
  Branch nothing;
  nothing.front = nothing.back = BranchEnd::kNoStart;
  if (at.kind != SpecialPointKind::kBranchPoint || at.null_vector.size() == 0) return nothing;
  const double size = options.scale + at.point.x.cwiseAbs().maxCoeff();
  constexpr std::array<double, 6> kAmplitudes = {0.01, -0.01, 0.03, -0.03, 0.1, -0.1};
  for (const double relative : kAmplitudes) {
    const double amplitude = relative * size;
    Sidestep step(problem, at, options);
    if (!step.solve(amplitude)) continue;
    if (std::abs(amplitude - known_part(known, at, step.parameter)) < 0.5 * std::abs(amplitude))
      continue;  // still the known branch
    ContinuationOptions both = options;
    both.direction = BranchDirection::kBoth;
    return continue_branch(problem, step.x, step.parameter, both, control);
  }
  return nothing;
}

bool same_ends(const Branch& a, const Branch& b) {
  if (a.points.empty() || b.points.empty()) return false;
  const auto near = [](const BranchPoint& p, const BranchPoint& q) {
    constexpr double kNear = 1e-6;
    const VectorXd size = p.x.cwiseAbs().cwiseMax(q.x.cwiseAbs()).cwiseMax(1.0);
    return std::abs(p.parameter - q.parameter) <=
               kNear * std::max(std::abs(p.parameter), std::abs(q.parameter)) &&
           ((p.x - q.x).cwiseAbs().array() <= kNear * size.array()).all();
  };
  const BranchPoint &a0 = a.points.front(), &a1 = a.points.back();
  const BranchPoint &b0 = b.points.front(), &b1 = b.points.back();
  return (near(a0, b0) && near(a1, b1)) || (near(a0, b1) && near(a1, b0));
}

}  // namespace nuphi
