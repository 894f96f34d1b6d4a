#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>

#include <functional>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// x ↦ Φ(x) given by two functions, for fixed points of anything but a network:
///
///     FunctionProblem problem(
///         lower, upper,
///         [](const Eigen::VectorXd& x, Eigen::VectorXd& value) { value[0] = std::cos(x[0]); },
///         [](const Eigen::VectorXd& x, Eigen::MatrixXd& dx) { dx(0, 0) = -std::sin(x[0]); });
///     const FixedPointSolution solution = solve_fixed_point(problem, start, Method::kAuto);
///
/// check_jacobian() tells whether the second function is the derivative of the first.
class FunctionProblem final : public FixedPointProblem {
 public:
  /// Φ(x) into `value`, which has the size of x. A component may be NaN where Φ is undefined.
  using Map = std::function<void(const Eigen::VectorXd& x, Eigen::VectorXd& value)>;
  /// ∂Φ_i/∂x_j into slope(i, j), which is (n, n) and zero at the call.
  using Slope = std::function<void(const Eigen::VectorXd& x, Eigen::MatrixXd& slope)>;

  /// @param lower, upper  the box that holds every fixed point and every x the functions are asked
  ///     for. shape=(n,), n ≥ 1, finite, lower < upper
  /// @param map    Φ
  /// @param slope  its Jacobian
  /// @param maps_box_into_itself  see maps_box_into_itself(); lets find_fixed_points() say whether
  ///     points are missing
  /// @throws std::invalid_argument for a box that is none, or without functions.
  FunctionProblem(Eigen::VectorXd lower, Eigen::VectorXd upper, Map map, Slope slope,
                  bool maps_box_into_itself = false);

  [[nodiscard]] Eigen::Index size() const override { return lower_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  [[nodiscard]] bool maps_box_into_itself() const override { return maps_box_into_itself_; }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  using FixedPointProblem::jacobian;
  /// 4 ε max(|Φ_i|, |x_i|): a few roundings of what the function takes and returns.
  void rounding(Eigen::VectorXd& bound) const override;

 private:
  Eigen::VectorXd lower_, upper_;
  Map map_;
  Slope slope_;
  bool maps_box_into_itself_;
  Eigen::VectorXd x_, value_;  // of the last evaluate()
};

/// The entry where jacobian() is furthest from differences of evaluate().
struct JacobianCheck {
  double error =
      0;  ///< |given − measured| over the largest entry of that row, 0 for a row of zeros
  Eigen::Index row = 0;     ///< i of ∂Φ_i/∂x_j
  Eigen::Index column = 0;  ///< j
  double given = 0;         ///< jacobian()
  double measured = 0;      ///< extrapolated differences of evaluate() inside the box
};

/// Compares a problem's Jacobian with differences of its map at x, by 2 n to some 60 n evaluations.
/// For smooth maps differences hold 1e-9 and better: an error above 1e-6 is one of the code.
/// @throws std::invalid_argument where x has another size or lies outside the box.
[[nodiscard]] JacobianCheck check_jacobian(FixedPointProblem& problem, const Eigen::VectorXd& x);

/// @}
}  // namespace nuphi
