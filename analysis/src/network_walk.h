// Steps along which det(1 − M(z)) is proven to have no zero (docs/theory/mode_count.md).
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "loop_matrix.h"
#include "neuron_sample.h"

namespace nuphi::detail {

/// det(1 − M) and its surroundings at a point of a walk, for the populations that lie on loops.
struct WalkPoint {
  Complex z;
  std::vector<NeuronSample> neurons;
  Eigen::MatrixXcd loop;     ///< 1 − M
  Eigen::MatrixXcd inverse;  ///< P = (1 − M)⁻¹
  /// |P|, |B_μ P| and |B_σ² P| with M = diag(N_μ) B_μ + diag(N_σ²) B_σ²
  Eigen::MatrixXd inverse_modulus, mu_modulus, variance_modulus;
  Determinant determinant;  ///< of diag(g)(1 − M)
};

/// A step that is proven: no zero of det(1 − M) lies on it, and what was found holds the rows that
/// are scaled by g on it.
struct ProvenStep {
  double length = 0;
  std::vector<char> scaled;  ///< by row
};

class NetworkWalk {
 public:
  /// @param matrix  is not refused; outlives the walk
  explicit NetworkWalk(const LoopMatrix& matrix);
  [[nodiscard]] Eigen::Index size() const { return matrix_.size(); }

  /// @param before  the point from which z is reached by a step; null for the first
  /// @param known   the neurons at z, where they are
  void evaluate(Complex z, const WalkPoint* before, WalkPoint& point,
                const std::vector<NeuronSample>* known = nullptr);

  /// The longest proven step from a point, about, and none longer than `limit`. Empty where none of
  /// more than 1e-13 |z| is found: a zero lies at the point to rounding.
  [[nodiscard]] std::optional<ProvenStep> step(const WalkPoint& point, Direction direction,
                                               double first_try, double limit);

  /// By how much arg det(1 − M) turns over a proven step.
  [[nodiscard]] double turn(const WalkPoint& from, const WalkPoint& to, const ProvenStep& step);

 private:
  /// What all entries of a row have in common: e^{−zd}/(1 + zτ).
  struct Common {
    double delay = 0;
    double mu_filter = 0, variance_filter = 0;
  };

  /// |D'| to the right, and 1/|1 + zτ| of the filters of mean and variance.
  struct KernelSlope {
    double right, mu, variance;
  };

  void find_common();
  void coupling_slopes(const WalkPoint& point, Direction direction);
  [[nodiscard]] NeuronChange change_over(std::size_t k, const NeuronSample& sample, double h,
                                         Direction direction) const;
  void couple(const Eigen::MatrixXcd& coupling, const Eigen::MatrixXcd& inverse);
  void couple_variance(WalkPoint& point);
  void apply(const WalkPoint& point, const Eigen::VectorXd& x);
  double growth(const WalkPoint& point, Direction direction, double h, const Eigen::VectorXd& x,
                ProvenStep& step);

  const LoopMatrix& matrix_;
  std::vector<Common> common_;
  std::vector<double> spreads_;     ///< √E[(d − d̄)²] about the common delay, by synapses
  std::vector<char> has_variance_;  ///< by row
  bool is_uniform_ = true;          ///< nothing but what is common depends on z
  // Work space of step().
  Eigen::MatrixXd mu_slopes_, variance_slopes_;
  Eigen::VectorXd perron_, image_;
  Eigen::VectorXd by_inverse_, by_mu_, by_variance_, by_mu_slopes_, by_variance_slopes_;
  Eigen::MatrixXcd mu_, variance_, product_;
  Eigen::MatrixXd real_;
};

}  // namespace nuphi::detail
