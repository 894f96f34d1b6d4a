#pragma once

#include <nuphi/solver/methods.h>
#include <nuphi/solver/problem.h>
#include <nuphi/solver/summary.h>

#include <functional>
#include <optional>
#include <vector>

#include <nuphi/solver/known_points.h>
#include <nuphi/solver/session.h>

namespace nuphi {

/// Φ with one component held at a value: Φ_i is that number, whatever the others are.
class HeldComponent final : public FixedPointProblem {
 public:
  /// @param problem  must outlive this
  HeldComponent(FixedPointProblem& problem, Eigen::Index component)
      : problem_(problem), component_(component) {}

  void hold(double value) { held_ = value; }
  /// Φ_i of the problem itself at the last evaluate().
  [[nodiscard]] double response() const { return response_; }

  [[nodiscard]] Eigen::Index size() const override { return problem_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return problem_.lower(); }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return problem_.upper(); }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  [[nodiscard]] bool is_sparse() const override { return problem_.is_sparse(); }
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override;
  void rounding(Eigen::VectorXd& bound) const override { problem_.rounding(bound); }
  void jump(Eigen::VectorXd& bound) const override { problem_.jump(bound); }

 private:
  FixedPointProblem& problem_;
  Eigen::Index component_;
  double held_ = 0;
  double response_ = 0;
};

/// Fixed points along one component: it is held at values across its range, the flow of the others
/// ends where it ends, and where Φ_i − x_i changes its sign a fixed point lies, however steep Φ is
/// there: the place is found by bisection. (The response of a population to its own rate, Mascaro
/// & Amit 1999, where that is a function; PrescribedCurve follows it through folds.)
class HeldScan {
 public:
  HeldScan(FixedPointProblem& problem, Eigen::Index component, const KnownPoints& measure,
           const FixedPointOptions& options, const SolveControl& control);

  /// Tries a place near a fixed point; true when there is one, and the place needs no closer look.
  using Trial = std::function<bool(const Eigen::VectorXd& x)>;
  /// From x both ways to the ends of the range.
  void run(const Eigen::VectorXd& x, const Trial& trial);
  [[nodiscard]] int evaluations() const { return session_.evaluations(); }

 private:
  // The others settled beside a held value.
  struct Place {
    Eigen::VectorXd x;
    double surplus = 0;  // Φ_i − x_i
  };
  [[nodiscard]] std::optional<Place> settle(const Eigen::VectorXd& near, double value);
  void run(const Eigen::VectorXd& x, double end, const Trial& trial);
  void close_in(Place a, Place b, const Trial& trial);
  [[nodiscard]] double between(double a, double b) const;

  HeldComponent held_;
  Eigen::Index component_;
  const KnownPoints& measure_;
  const SolveControl& control_;
  Session session_;
};

}  // namespace nuphi
