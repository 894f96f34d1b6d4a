// det(1 − M(z)) of the populations that lie on loops, and the parts it is made of.
#pragma once

#include <nuphi/analysis/linear_response.h>

#include <Eigen/Core>
#include <complex>
#include <string>
#include <vector>

#include "complex_lu.h"
#include "neuron_sample.h"

namespace nuphi::detail {

/// Populations from which on factorisations cost more than the responses of neurons.
inline constexpr Eigen::Index kLargeNetwork = 48;

/// M(z) of a network with its delays multiplied by a factor, for the populations that respond and
/// lie on loops: without the others det(1 − M) is the same. Keeps its work space.
class LoopMatrix {
 public:
  /// @param response  outlives the matrix
  LoopMatrix(const NetworkResponse& response, double delay_scale);

  struct Synapses {
    Eigen::Index target, source;
    /// Of N_μ with H_μ, and of N_σ² and −shift (1 + z moving_time) N_μ with H_σ².
    double mean, variance, shifted;
    double moving_time;
    std::size_t kernel;
  };
  struct Kernel {
    Delay delay;  ///< scaled
    double tau_syn;
    double mean, mean_square;  ///< E[d], E[d²]
  };

  /// Why modes cannot be counted, in the user's words; empty where they can.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(neurons_.size()); }
  /// Index in the network of each row.
  [[nodiscard]] const std::vector<Eigen::Index>& populations() const { return populations_; }
  [[nodiscard]] const std::vector<NoisyNeuron>& neurons() const { return neurons_; }
  [[nodiscard]] const std::vector<Synapses>& synapses() const { return synapses_; }
  [[nodiscard]] const std::vector<Kernel>& kernels() const { return kernels_; }
  [[nodiscard]] const NetworkResponse& response() const { return response_; }
  [[nodiscard]] double delay_scale() const { return delay_scale_; }

  /// M = diag(N_μ) B_μ + diag(N_σ²) B_σ²
  void couplings(Complex z, Eigen::MatrixXcd& mu, Eigen::MatrixXcd& variance) const;
  void effective_connectivity(Complex z, Eigen::MatrixXcd& matrix);
  void loop(Complex z, Eigen::MatrixXcd& matrix);  ///< 1 − M
  /// From now on all delays are multiplied by this.
  void scale_delays(double by);
  /// det[diag(g)(1 − M)]: for Re z ≥ 0 the zeros of det(1 − M), and none of its poles. g vanishes
  /// at z = −ν.
  [[nodiscard]] Determinant scaled_determinant(Complex z);
  /// diag(R)(1 − M), R = (1 − F)/(zT'): where populations resonate it is as elsewhere, and has no
  /// zeros but those of 1 − M, on neither side of the axis.
  void regular_loop(Complex z, Eigen::MatrixXcd& matrix);
  [[nodiscard]] Eigen::VectorXcd regular_scale(Complex z);  ///< R
  /// Upper bound of the moduli of all eigenvalues of M(z') for Re z' ≥ Re z, Im z' ≥ Im z (on the
  /// axis: of M(iω') for ω' ≥ ω): the spectral radius of the matrix of bounds, from above.
  [[nodiscard]] double largest_gain_beyond(Complex z) const;

  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  void collect_kernels();
  const std::vector<NeuronValues>& values_at(Complex z);
  void collect(const NetworkResponse& response);

  const NetworkResponse& response_;
  double delay_scale_;
  std::vector<Eigen::Index> populations_;
  std::string refusal_;
  std::vector<NoisyNeuron> neurons_;
  std::vector<Synapses> synapses_;
  std::vector<Kernel> kernels_;
  int evaluations_ = 0;
  Complex values_at_;  ///< where values_ are
  std::vector<NeuronValues> values_;
  Eigen::MatrixXcd mu_, variance_, work_;
};

/// Upper bound on the spectral radius of a non-negative matrix: max_i (Rx)_i/x_i for any positive
/// x, made tight by power iteration.
[[nodiscard]] double perron_bound(Eigen::MatrixXd modulus);

}  // namespace nuphi::detail
