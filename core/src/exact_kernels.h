// Kernels of the integral equation of exact_solve.h: time integrals of the densities with which a
// neuron without threshold is at the threshold, after a start at the threshold or at the reset.
#pragma once

#include <Eigen/Core>

#include "exact_mesh.h"

namespace nuphi::detail {

/// Everything about one neuron that the equation needs, on its grids.
struct ExactProblem {
  ColouredNeuron<double> neuron;
  VelocityMesh mesh;
  TimeGrid threshold, reset;
};

ExactProblem exact_problem(const ColouredNeuron<double>& neuron, const ExactGrid& grid);

/// Where a neuron starts.
enum class Start { kThreshold, kReset };

/// Time integrals over what comes after a start with u_j (columns). G is the density at (y_t, u_i),
/// Q the probability of x > y_t, p and P the stationary ones.
struct Kernel {
  Eigen::MatrixXd density;  ///< ∫ G dt, without ∫ p dt
  Eigen::VectorXd above;    ///< ∫ (Q − P) dt
  double duration = 0;      ///< ∫ dt, by which p is to be subtracted
};

Kernel kernel(const ExactProblem& problem, Start start);

/// Time-weighted integrals, summed over starts with the law `flux_j`, of sum 1.
struct DelayKernel {
  Eigen::VectorXd density;  ///< Σ_j flux_j ∫ t G dt, without ∫ t p dt
  double above = 0;         ///< Σ_j flux_j ∫ t (Q − P) dt
  double duration = 0;      ///< ∫ t dt
};

DelayKernel delay_kernel(const ExactProblem& problem, Start start, const Eigen::VectorXd& flux);

/// Partials in y_t, y_r, k and X of Σ_ij l_i flux_j ∫ G dt + m Σ_j flux_j ∫ (Q − P) dt, without
/// those of p and P.
std::array<double, Dual::kSize> kernel_gradient(const ExactProblem& problem, Start start,
                                                const Eigen::VectorXd& l,
                                                const Eigen::VectorXd& flux, double m);

/// P = ½ erfc(y_t √(1 + k²)), the stationary probability of x > y_t.
double probability_above(const ColouredNeuron<double>& n);

}  // namespace nuphi::detail
