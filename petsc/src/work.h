#pragma once

#include <nuphi/petsc/solve.h>

#include <Eigen/Core>
#include <limits>
#include <optional>

#include "linear_system.h"
#include "row_problem.h"

namespace nuphi::petsc {

/// A point and how far it is from being fixed. Vectors are the rank's part, numbers those of all.
struct Point {
  Eigen::VectorXd x;
  Eigen::VectorXd defect;                                     ///< Φ(x) − x
  double residual = std::numeric_limits<double>::infinity();  ///< max |defect|
  double excess = std::numeric_limits<double>::infinity();    ///< max |defect_i| / max(1, |x_i|)
  [[nodiscard]] bool finite() const { return excess < std::numeric_limits<double>::infinity(); }
};

/// One distributed solve under way: problem, limits, linear system and the book of what was done.
/// Everything but plain access is collective.
class Work {
 public:
  Work(const DistributedField& field, const SolveOptions& options, const SolveControl& control);

  [[nodiscard]] RowProblem& problem() { return problem_; }
  [[nodiscard]] LinearSystem& linear() { return linear_; }
  [[nodiscard]] const SolveOptions& options() const { return options_; }
  [[nodiscard]] const SolveControl& control() const { return control_; }
  [[nodiscard]] Summary& summary() { return summary_; }

  void project(Eigen::VectorXd& x) const;
  void evaluate(Point& point);
  /// The Jacobian at the point, as shift·1 − Φ'. False when it is not finite.
  [[nodiscard]] bool linearize(const Point& point, double shift);
  /// max |defect_i| / rounding_i: at 1 and below the residual says nothing any more.
  [[nodiscard]] double roundings(const Point& point);
  /// Residual within the tolerance or the rounding of Φ.
  [[nodiscard]] bool converged(const Point& point);
  /// Books an iteration.
  void record(Method method, const Point& point, double step, double damping);
  /// Why the solve has to end, or nothing; the same on all ranks.
  [[nodiscard]] std::optional<Termination> halt() const;
  void begin_method() { first_ = summary_.iterations.size(); }
  [[nodiscard]] const Point& best() const { return best_; }
  void note(const char* text) const;

 private:
  void locate(const Point& point);

  const SolveOptions& options_;
  const SolveControl& control_;
  RowProblem problem_;
  LinearSystem linear_;
  Summary summary_;
  std::size_t first_ = 0;
  Point best_;
  Eigen::VectorXd last_, scratch_;
};

/// max over all ranks of |step_i| / max(1, |x_i|)
[[nodiscard]] double step_size(const Eigen::VectorXd& step, const Eigen::VectorXd& x);
[[nodiscard]] double largest(const Eigen::VectorXd& x);  ///< max |x_i| over all ranks

/// Newton–Krylov by SNES from the point, then full steps while the residual falls, to the rounding
/// of Φ. With `contracting` undamped, and given up as soon as the steps do not shrink by a tenth;
/// else damped. True when converged; else the point is unchanged.
[[nodiscard]] bool newton(Work& work, Point& point, bool contracting);

/// Eigenvalue of Φ' with the largest real part, at the point.
struct Leading {
  std::optional<double> value;  ///< empty where SLEPc does not settle
  std::optional<bool> attracts;
  bool sought = false;
};
[[nodiscard]] Leading leading_eigenvalue(Work& work, const Point& point);

/// The flow dν/ds = −ν + Φ(ν) by linearly implicit steps, and Newton at its end.
[[nodiscard]] Termination follow_flow(Work& work, Point& point, Leading& leading);

/// Rank 0 solves the whole network alone, if it fits there. Empty where it does not.
[[nodiscard]] std::optional<Termination> solve_on_root(Work& work, Point& point);

}  // namespace nuphi::petsc
