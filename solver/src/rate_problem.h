#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/solver/fixed_point_problem.h>

#include <Eigen/Core>
#include <vector>

namespace nuphi {

/// The stationary rates of a LIF network as a fixed-point problem: x = rates [Hz].
class RateProblem final : public FixedPointProblem {
 public:
  /// @param field  must outlive the problem
  explicit RateProblem(const MeanField& field);

  [[nodiscard]] Eigen::Index size() const override { return field_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  void evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  [[nodiscard]] bool is_sparse() const override { return sparse_; }
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override;
  void rounding(Eigen::VectorXd& bound) const override;

  // At the last evaluate():
  [[nodiscard]] const Eigen::VectorXd& mean_input() const { return mu_; }    ///< [V]
  [[nodiscard]] const Eigen::VectorXd& std_input() const { return sigma_; }  ///< [V]
  [[nodiscard]] const std::vector<SiegertRate>& response() const { return response_; }

 private:
  const MeanField& field_;
  bool sparse_ = false;
  Eigen::VectorXd lower_, upper_;
  Eigen::VectorXd rates_, mu_, sigma_;
  Eigen::VectorXd gain_mean_;      // ∂Φ/∂μ [Hz/V]
  Eigen::VectorXd gain_variance_;  // ∂Φ/∂σ² [Hz/V²]
  std::vector<SiegertRate> response_;
};

}  // namespace nuphi
