// What a modulation e^{iΩt} of the input does to the integral equation of exact_solve.h, time in
// τ_m. Seen from a threshold and velocities that stand still, δμ e^{iΩt} is a drive of the current,
// u' = … + (λ + iΩ)/κ δμ/σ e^{iΩt}: it displaces means. A modulated noise amplitude,
// σ²(1 + ε e^{iΩt}), changes covariances.
#pragma once

#include <array>
#include <complex>

#include "exact_kernels.h"

namespace nuphi::detail {

using Complex = std::complex<double>;

/// Of δμ/σ, as it reaches the membrane, and of δσ²/σ² before the filter of the synapses.
enum Modulation : std::size_t { kOfMean = 0, kOfVariance = 1 };
constexpr std::size_t kModulations = 2;

/// Kernels at one frequency Ω > 0, over what comes after starts with u_j.
struct ModulatedKernel {
  Eigen::MatrixXcd density;  ///< ∫ (G − p) e^{−iΩt} dt; columns: starts
  Eigen::VectorXcd above;    ///< ∫ (Q − P) e^{−iΩt} dt
  /// Σ_j spikes_j ∫ (δG − δp) dt and Σ_j spikes_j ∫ (δQ − δP) dt of each modulation of unit size.
  std::array<Eigen::VectorXcd, kModulations> driven;
  std::array<Complex, kModulations> driven_above{};
};

/// @param refractory  t_ref/τ_m
/// @param spikes      how often neurons start with u_j
ModulatedKernel modulated_kernel(const ExactProblem& problem, Start start, double omega,
                                 double refractory, const Eigen::VectorXd& spikes);

/// δp/p at the nodes, and δP over ∂_y P = −e^{−y²(1+k²)}√((1 + k²)/π) at y = y_t, of each
/// modulation.
struct ModulatedStationary {
  std::array<Eigen::VectorXcd, kModulations> density;
  std::array<Complex, kModulations> above{};
};
ModulatedStationary modulated_stationary(const ExactProblem& problem, double omega);

/// The step of ln t that e^{−iΩt} needs.
double modulated_step(const ColouredNeuron<double>& neuron, double omega);

}  // namespace nuphi::detail
