// Pieces of the imaginary axis on which det(1 − M) is proven to have no zero, each from one
// inverse: for networks so large that inverses and products cost more than the responses of
// neurons.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "axis_neurons.h"
#include "loop_matrix.h"
#include "neuron_sample.h"

namespace nuphi::detail {

/// What M of a network is made of where all synapses of a population share one delay and one
/// filter: M = diag(n_μ) C_μ + diag(n_σ²) C_σ², C real, n(z) = N(z) e^{−zd}/(1 + zτ).
struct RowCoupling {
  struct Row {
    double delay = 0;
    double mu_filter = 0, variance_filter = 0;  ///< τ
    bool has_variance = false;
  };
  std::vector<Row> rows;
  Eigen::MatrixXd mu, variance;  ///< C_μ, C_σ²
};
/// Empty rows where synapses of a population differ.
[[nodiscard]] RowCoupling row_coupling(const LoopMatrix& matrix);

/// n_μ, n_σ² and g of a row.
struct RowFactors {
  Complex mu, variance, scale;
};
[[nodiscard]] RowFactors row_factors(const RowCoupling::Row& row, const NeuronSample& sample);

/// How far n_μ, n_σ² and g of a row are from those at the centre of a piece, relative to them: a
/// bound over what has been looked at.
struct RowReach {
  double mu = 0, variance = 0;
  double scaled_mu = 0, scaled_variance = 0, scale = 0;  ///< of g n_μ, g n_σ², g

  /// Takes in the points from the sample up to a step of length h above it.
  void widen(const RowCoupling::Row& row, const NoisyNeuron& neuron, const NeuronSample& sample,
             double h, const RowFactors& centre);
};

using Reach = std::vector<RowReach>;
/// The wider of two, row by row.
[[nodiscard]] Reach wider(const Reach& a, const Reach& b);

/// By how much the couplings of networks that are looked at differ from those of a piece: |δC_μ|,
/// |δC_σ²|, entry by entry. Empty: not at all.
struct CouplingChange {
  Eigen::MatrixXd mu, variance;
};

/// How a row is bounded: as it is, scaled by g, as the smaller of both is, or by the larger of both
/// (then all between the two are bounded).
enum class RowForm : char { kPlain, kScaled, kSmaller, kLarger };

/// 1 − M at a centre c, inverted. For z elsewhere
///   [(1 − M)(z) P]_ij − δ_ij = −(n_μ/n_μ(c) − 1)_i U_ij − (n_σ²/n_σ²(c) − 1)_i V_ij,
/// U + V = M(c) P = P − 1, needs no further product; a row scaled by g likewise.
class AxisPiece {
 public:
  AxisPiece(const RowCoupling& coupling, double centre, const std::vector<NeuronSample>& neurons);

  [[nodiscard]] double centre() const { return centre_; }
  [[nodiscard]] const std::vector<RowFactors>& factors() const { return factors_; }
  /// Of diag(g)(1 − M)(c).
  [[nodiscard]] const Determinant& determinant() const { return determinant_; }
  [[nodiscard]] bool is_finite() const { return inverse_modulus_.allFinite(); }

  /// Upper bound of the spectral radius of |(1 − M)(z) P − 1| over all z within reach, by Collatz
  /// and Wielandt's quotient of a vector that each call makes better.
  /// @param scaled  gets the rows for which multiplication by g makes it smaller
  double radius(std::span<const RowReach> reach, std::vector<char>& scaled) {
    return radius(reach, {}, {}, scaled);
  }
  /// The same for networks whose coupling differs.
  /// @param forms  of the rows; empty: the smaller one of each
  double radius(std::span<const RowReach> reach, const CouplingChange& change,
                std::span<const RowForm> forms, std::vector<char>& scaled);

  /// Gives back the memory that log_ratio() needs: it can no longer be called.
  void keep_bounds_only();

  /// ln det(1 − M)(z) − ln det(1 − M)(c), z within reach with a radius below 1: the phase without
  /// doubt about whole turns, to single precision.
  [[nodiscard]] Complex log_ratio(const RowCoupling& coupling,
                                  const std::vector<NeuronSample>& at_z,
                                  const std::vector<char>& scaled) const;

 private:
  double centre_;
  Determinant determinant_;
  std::vector<RowFactors> factors_;
  Eigen::MatrixXcd inverse_, by_mu_;                                 ///< P, U
  Eigen::MatrixXd inverse_modulus_, mu_modulus_, variance_modulus_;  ///< |P|, |U|, |V|
  Eigen::VectorXd test_, image_, by_inverse_, by_mu_test_, by_variance_test_;
  Eigen::VectorXd by_mu_change_, by_variance_change_;
};

}  // namespace nuphi::detail
