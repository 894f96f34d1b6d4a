#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/solver/jacobian_map.h>

#include <Eigen/Core>
#include <memory>
#include <optional>

namespace nuphi {

/// A ν, B ν and Q ν of a mean field in a loop: work space and threads for large networks.
class CouplingOperator {
 public:
  /// @param field  must outlive the operator
  explicit CouplingOperator(const MeanField& field);

  /// mean += A ν, variance += B w
  /// @param fluctuations  w = ν but for binary units; with a KernelCoupling always ν
  void add(const Eigen::VectorXd& rates, const Eigen::VectorXd& fluctuations, Eigen::VectorXd& mean,
           Eigen::VectorXd& variance);
  /// filtered += Q ν, where the field has filters.
  void add_filtered(const Eigen::VectorXd& rates, Eigen::VectorXd& filtered) const;
  /// What the rounding of the entries of A ν is relative to: Σ_j |A_ij ν_j|, and its like where
  /// the products are formed by Fourier transforms.
  void magnitude(const Eigen::VectorXd& rates, Eigen::VectorXd& mean) const;

  [[nodiscard]] const Coupling& coupling() const { return field_.coupling; }
  /// Null where the field has no filters.
  [[nodiscard]] const SynapticFilters* filters() const {
    return field_.filters ? &*field_.filters : nullptr;
  }
  [[nodiscard]] bool same_pattern() const { return same_pattern_; }  ///< of sparse A, B and Q
  [[nodiscard]] KernelProduct& kernel() { return *kernel_; }

 private:
  const MeanField& field_;
  bool same_pattern_ = false;
  std::optional<KernelProduct> kernel_;
  Eigen::VectorXd mean_, variance_;
};

/// How Φ moves with its inputs, and these with the rates.
struct CouplingGains {
  Eigen::VectorXd mean;         ///< g = ∂Φ/∂μ
  Eigen::VectorXd variance;     ///< h = ∂Φ/∂σ²
  Eigen::VectorXd filter;       ///< f = ∂Φ/∂q; empty without filters
  Eigen::VectorXd fluctuation;  ///< w' of the sources; empty where it is 1
};

/// The map diag(g) A + diag(h) B diag(w') + diag(f) Q. It copies the gains at every update() and
/// uses the operator's work space.
[[nodiscard]] std::unique_ptr<JacobianMap> make_coupling_map(CouplingOperator& coupling,
                                                             const CouplingGains& gains);

}  // namespace nuphi
