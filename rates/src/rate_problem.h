#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <memory>
#include <optional>
#include <vector>

#include "coupling_map.h"

namespace nuphi {

/// The stationary rates of a network as a fixed-point problem: x = rates [Hz].
class RateProblem final : public FixedPointProblem {
 public:
  /// @param field  must outlive the problem
  explicit RateProblem(const MeanField& field);

  [[nodiscard]] Eigen::Index size() const override { return field_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  /// LIF neurons with t_ref > 0: 0 ≤ Φ ≤ 1/t_ref. Not with kTaylor, which has no lower end.
  [[nodiscard]] bool maps_box_into_itself() const override;
  void evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  /// Up to kLargestFactorization populations dense factors are as fast for what networks hold.
  [[nodiscard]] bool is_sparse() const override { return false; }
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override;
  [[nodiscard]] std::unique_ptr<JacobianMap> jacobian_map() const override;
  void rounding(Eigen::VectorXd& bound) const override;
  void jump(Eigen::VectorXd& bound) const override;
  /// A population without noise exactly at threshold, to which some rate adds input or noise.
  [[nodiscard]] bool has_corner() const override;
  /// Adds noise of s.d. level·(V_th − V_reset) where there is less of it. LIF neurons only.
  bool set_smoothing(double level) override;
  bool jump_defect(Eigen::VectorXd& defect) override;

  // At the last evaluate():
  [[nodiscard]] const Eigen::VectorXd& mean_input() const { return mu_; }    ///< [V]
  [[nodiscard]] const Eigen::VectorXd& std_input() const { return sigma_; }  ///< [V]
  [[nodiscard]] const std::vector<SiegertRate>& response() const { return response_; }
  /// Of all populations, LIF neurons with the τ_syn that acts there (others: no meaning).
  [[nodiscard]] const std::vector<LifParameters>& neurons() const { return neurons_; }
  /// All sums, as the node functions take them but for the smoothing.
  [[nodiscard]] NodeInput input(Eigen::Index i) const { return MeanField::input(sums_, i); }
  /// Partials of Φ_i and of ln Φ_i in what it takes, as they are: NaN or infinite without noise.
  [[nodiscard]] RatePartials partials(Eigen::Index i) const;
  [[nodiscard]] const Gains& gains() const { return gains_; }

 private:
  void add_inputs();
  [[nodiscard]] bool is_raised(Eigen::Index i) const;
  void smooth();
  void respond();
  void respond_in_batch();
  void find_gains();
  [[nodiscard]] const NodeFunction& node(Eigen::Index i) const {
    return field_.nodes[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] LifParameters& neuron(Eigen::Index i) {
    return neurons_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] double size_of_rate(Eigen::Index i) const;
  [[nodiscard]] double rate_at(Eigen::Index i, double mu, double sigma) const;
  [[nodiscard]] const SiegertRate& response(Eigen::Index i) const {
    return response_[static_cast<std::size_t>(i)];
  }
  // Rounding of the mean inputs [V]; that of σ is relative and the same for all.
  void input_rounding(Eigen::VectorXd& bound) const;
  [[nodiscard]] double relative_rounding() const;
  // How much Φ_i changes when its arguments move.
  [[nodiscard]] double spread(Eigen::Index i, double d_mu, double d_sigma) const;

  const MeanField& field_;
  mutable CouplingProduct product_;            // work space
  mutable std::optional<Coupling> matrices_;   // of kernels, where they are asked for
  bool all_lif_ = true;                        // of one correction
  bool several_tau_syn_ = false;               // of some neuron
  Correction correction_ = Correction::kNone;  // where all are LIF neurons
  Eigen::VectorXd lower_, upper_;
  Eigen::VectorXd rates_, mu_, sigma_;
  Eigen::MatrixXd sums_;  // shape=(n, K)
  Gains gains_;
  std::vector<LifParameters> neurons_;
  Eigen::VectorXd variance_slope_, mean_slope_;  // of the smoothed inputs over σ²
  std::vector<SiegertRate> response_;
  Eigen::MatrixXd batch_;  // what siegert_batch() writes
  double smoothing_ = 0;
  double mean_shift_ = 0;  // of the mean, in standard deviations of the noise added
};

}  // namespace nuphi
