#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/solver/jacobian_map.h>

#include <Eigen/Core>
#include <memory>
#include <optional>

namespace nuphi {

/// A ν and B ν of a mean field in a loop: work space and threads for large networks.
class CouplingOperator {
 public:
  /// @param coupling  must outlive the operator
  explicit CouplingOperator(const Coupling& coupling);

  /// mean += A ν, variance += B ν
  void add(const Eigen::VectorXd& rates, Eigen::VectorXd& mean, Eigen::VectorXd& variance);
  /// What the rounding of the entries of A ν is relative to: Σ_j |A_ij ν_j|, and its like where
  /// the products are formed by Fourier transforms.
  void magnitude(const Eigen::VectorXd& rates, Eigen::VectorXd& mean) const;

  [[nodiscard]] const Coupling& coupling() const { return coupling_; }
  [[nodiscard]] bool same_pattern() const { return same_pattern_; }  ///< of sparse A and B
  [[nodiscard]] KernelProduct& kernel() { return *kernel_; }

 private:
  const Coupling& coupling_;
  bool same_pattern_ = false;
  std::optional<KernelProduct> kernel_;
  Eigen::VectorXd mean_, variance_;
};

/// The map diag(g) A + diag(h) B. It copies the gains at every update() and uses the operator's
/// work space.
[[nodiscard]] std::unique_ptr<JacobianMap> make_coupling_map(CouplingOperator& coupling,
                                                             const Eigen::VectorXd& mean_gain,
                                                             const Eigen::VectorXd& variance_gain);

}  // namespace nuphi
