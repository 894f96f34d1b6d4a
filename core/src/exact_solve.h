// The mean first-passage time T of a LIF neuron with exponential synapses from a boundary-integral
// equation on the threshold line (docs/theory/colored_noise.md).
//
// A spike leaves with the velocity κu, u = w − w_t > 0; q(u) is the density at the threshold of a
// neuron that is never refractory, times T: j = κ u q. With kernels K = ∫(Gʳ − G)dt and D of
// exact_kernels.h, and any fixed v ≥ 0 of unit flux,
//   q − ∫K κu'q + v (∫D κu'q − P) = p,      T = 1/∫κu q,
// where the bracket vanishes by itself: T P = ∫ j D.
#pragma once

#include <array>

#include "exact_kernels.h"

namespace nuphi::detail {

struct PassageTime {
  double log_time = 0;                             ///< ln T
  std::array<double, Dual::kSize> log_gradient{};  ///< ∂ln T/∂(y_t, y_r, k, X)
  double cv = 0;        ///< standard deviation of the passage time over T
  double residual = 0;  ///< of T P = ∫ j D, relative to the larger addend
};

struct PassageOptions {
  bool gradient = true;
  bool cv = false;
};

PassageTime passage_time(const ColouredNeuron<double>& neuron, const ExactGrid& grid,
                         const PassageOptions& options);

/// The solution and what the equation of a modulated neuron is made of besides.
struct PassageSolution {
  ExactProblem problem;
  Eigen::VectorXd flux;     ///< κu times the weight of the node
  Eigen::VectorXd spread;   ///< v
  Eigen::VectorXd density;  ///< p e^{barrier}
  Eigen::VectorXd spikes;   ///< κu q e^{barrier}, of sum e^{barrier}/T
  double barrier = 0;
  double residual = 0;
};

PassageSolution passage_solution(const ColouredNeuron<double>& neuron, const ExactGrid& grid);

}  // namespace nuphi::detail
