#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/methods.h>
#include <nuphi/solver/problem.h>
#include <nuphi/solver/summary.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "linear_solver.h"

namespace NUPHI_PUBLIC nuphi {

/// A point and how far it is from being fixed.
struct Point {
  Eigen::VectorXd x;
  Eigen::VectorXd defect;                                     ///< Φ(x) − x
  double residual = std::numeric_limits<double>::infinity();  ///< max |defect|
  /// max |defect_i| / max(1, |x_i|): what the tolerance is compared with; infinite where Φ is not
  /// finite.
  double relative_residual = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool finite() const {
    return relative_residual < std::numeric_limits<double>::infinity();
  }
};

/// One solve under way: the problem, its limits and the book of what has been done. The methods
/// share it, so that one takes over where another stopped without evaluating anything twice.
class Session {
 public:
  /// @throws std::invalid_argument for options out of range or a start of the wrong size.
  Session(FixedPointProblem& problem, const Eigen::VectorXd& start, Method requested,
          const FixedPointOptions& options, const SolveControl& control);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] FixedPointProblem& problem() { return problem_; }
  [[nodiscard]] const FixedPointOptions& options() const { return options_; }
  [[nodiscard]] const SolveControl& control() const { return control_; }

  /// Moves x into the box of the problem.
  void project(Eigen::VectorXd& x) const;
  /// Φ at point.x.
  void evaluate(Point& point);
  /// Takes over the Jacobian at the point; evaluates again only if the problem has been elsewhere
  /// since. False when it is not finite.
  [[nodiscard]] bool linearize(const Point& point);
  /// Factorises shift·1 − Φ' of the last linearize(). False when singular.
  [[nodiscard]] bool factorize(double shift);
  [[nodiscard]] LinearSolver& linear() { return *linear_; }

  /// Residual within the tolerance, or within the rounding of Φ by its slopes.
  [[nodiscard]] bool converged(const Point& point);
  /// The same, or on a jump of Φ between one number and the next: for points from which no step
  /// leads on.
  [[nodiscard]] bool is_best_possible(const Point& point);
  /// max |defect_i| / rounding_i: 1 and below, the residual says nothing any more.
  [[nodiscard]] double residual_in_roundings(const Point& point);

  /// Books an iteration. False when the solve has to end: see halt().
  [[nodiscard]] bool record(Method method, const Point& point, double step, double damping);
  /// Why the solve has to end, or nothing.
  [[nodiscard]] std::optional<Termination> halt() const;
  /// Begins a part of a solve. It ends after `budget` times most_of_one_method() iterations, so
  /// that others get their turn; the limit of the options counts all of them together.
  void begin_method(int budget = 1) {
    first_ = total();
    budget_ = budget;
  }
  /// Begins a solve of its own: of several starts each has the whole limit.
  void begin_solve() {
    begin_method();
    begin_solve_ = first_;
  }
  /// All iterations of the options are used up.
  [[nodiscard]] bool is_exhausted() const {
    return total() - begin_solve_ >= options_.max_iterations;
  }
  [[nodiscard]] int iterations() const { return total() - first_; }
  [[nodiscard]] int evaluations() const { return summary_.evaluations; }
  void note(const std::string& text);  ///< logs at debug level

  /// The point with the least residual that evaluate() has seen, of the problem itself.
  [[nodiscard]] const Point& best() const { return best_; }
  /// The problem smoothed to `level` from now on (FixedPointProblem::set_smoothing()). Points of
  /// smoothed problems do not count for best(). False where there is no such problem.
  bool smooth(double level);

  /// The problem has been evaluated elsewhere, that many times.
  void count_elsewhere(int evaluations) {
    summary_.evaluations += evaluations;
    located_ = false;
  }

  [[nodiscard]] FixedPointSolution close(const Point& point, Termination termination, Method used,
                                         const std::string& detail);

 private:
  void return_to(const Point& point);
  [[nodiscard]] int most_of_one_method() const;
  [[nodiscard]] bool is_inside(const Eigen::VectorXd& x) const;
  [[nodiscard]] bool within(const Point& point, const Eigen::VectorXd& floor) const;
  [[nodiscard]] int total() const { return static_cast<int>(summary_.iterations.size()); }

  FixedPointProblem& problem_;
  FixedPointOptions options_;
  const SolveControl& control_;
  std::unique_ptr<LinearSolver> linear_;
  std::chrono::steady_clock::time_point begin_;
  Summary summary_;
  int budget_ = 1;
  int first_ = 0;  // iteration the current method began with
  int begin_solve_ = 0;
  bool smoothed_ = false;
  Point best_;
  Eigen::VectorXd last_;  // where the problem was evaluated last
  bool located_ = false;
  Eigen::VectorXd rounding_;
};

/// Throws std::invalid_argument unless the options are in range and the start fits the problem.
void require(const FixedPointProblem& problem, const Eigen::VectorXd& start,
             const FixedPointOptions& options);

}  // namespace nuphi
