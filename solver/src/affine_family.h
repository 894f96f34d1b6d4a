#pragma once

#include <nuphi/solver/problem.h>

#include <utility>

namespace nuphi {

/// x ↦ (a₀ + a₁ s) Φ(x) + b₀ + b₁ s with the parameter s: a problem that is shifted, or reached
/// from an easier one.
class AffineFamily final : public ParametricProblem {
 public:
  struct Line {
    double gain = 0;         ///< a₀
    double gain_slope = 0;   ///< a₁
    Eigen::VectorXd offset;  ///< b₀, shape=(n,)
    Eigen::VectorXd slope;   ///< b₁, shape=(n,)
  };
  /// @param problem  Φ; must outlive the family
  AffineFamily(FixedPointProblem& problem, Line line)
      : problem_(problem), line_(std::move(line)), phi_(problem.size()) {}

  [[nodiscard]] Eigen::Index size() const override { return problem_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return problem_.lower(); }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return problem_.upper(); }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override {
    problem_.evaluate(x, phi_);
    value = gain() * phi_ + line_.offset + s_ * line_.slope;
    ++evaluations_;
  }
  void jacobian(Eigen::MatrixXd& matrix) const override {
    problem_.jacobian(matrix);
    if (gain() != 1) matrix *= gain();
  }
  [[nodiscard]] bool is_sparse() const override { return problem_.is_sparse(); }
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override {
    problem_.jacobian(matrix);
    if (gain() != 1) matrix *= gain();
  }
  void rounding(Eigen::VectorXd& bound) const override { problem_.rounding(bound); }

  [[nodiscard]] Eigen::Index parameters() const override { return 1; }
  void set_parameters(const Eigen::VectorXd& values) override { s_ = values[0]; }
  void parameter_derivative(Eigen::Index, Eigen::VectorXd& derivative) override {
    derivative = line_.gain_slope * phi_ + line_.slope;
  }
  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  [[nodiscard]] double gain() const { return line_.gain + line_.gain_slope * s_; }

  FixedPointProblem& problem_;
  Line line_;
  Eigen::VectorXd phi_;  // Φ at the x evaluated last
  double s_ = 0;
  int evaluations_ = 0;
};

}  // namespace nuphi
