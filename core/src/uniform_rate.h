// The rate of a LIF neuron with exponential synapses as a closed form, for kUniform:
//   ν⁻¹ = t_ref + τ_m T,   T = L(Y_t + kS, Y_r) [1 − X(1 − e^{−G})],   L(a, b) = √π∫_b^a e^{s²}(1 +
//   erf s) ds, S = α/2 + w n₁,   G = (α/2) k √π f(Y_r)/L · e^{w n₂},   Y = y √(1 + k²),   w = q/(1
//   + q)
// with k = √(τ_syn/τ_m), X = e^{−t_ref/τ_syn}: white noise with the variance of the free membrane,
// one shift of the threshold, and the memory of the reset as a factor. As k → 0 it is
// kShiftRefractory to first order in k. n₁ and n₂ are fitted to exact_rate()
// (tools/reference/uniform_coefficients.cc).
#pragma once

#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/siegert.h>

namespace nuphi::detail {

struct UniformRate {
  SiegertRate rate;
  LifPartials dlog_rate;  ///< ∂ln ν/∂ the parameters of the neuron
};

/// ν and its partials in μ and σ, for τ_syn > 0; NaN and limits as exact_rate().
[[nodiscard]] SiegertRate uniform_siegert(double mu, double sigma,
                                          const LifParameters& neuron) noexcept;

/// The same with the partials in the parameters of the neuron.
[[nodiscard]] UniformRate uniform_rate(double mu, double sigma,
                                       const LifParameters& neuron) noexcept;

/// With second derivatives in μ and σ; NaN where the average over slow currents has a share.
[[nodiscard]] SiegertSecond uniform_second(double mu, double sigma,
                                           const LifParameters& neuron) noexcept;

/// Boundaries between which white noise of amplitude σ/√(1 + k²) gives the rate: the threshold
/// Y_t + kS of the formula, and the reset that makes up for the factor of the reset's memory.
struct UniformBoundaries {
  double threshold = 0, reset = 0;  ///< in units of that amplitude
  double length = 0;                ///< their difference, > 0; NaN where there are none
  double shift = 0;                 ///< kS
  double amplitude = 0;             ///< σ/√(1 + k²) [V]
};

/// Where uniform_substitute() is kUniform.
[[nodiscard]] UniformBoundaries uniform_boundaries(double mu, double sigma,
                                                   const LifParameters& neuron) noexcept;

/// What stands for the formula at this point; kUniform where it is evaluated itself.
[[nodiscard]] Correction uniform_substitute(double mu, double sigma,
                                            const LifParameters& neuron) noexcept;

/// CV of white noise at the effective boundaries Y_t + kS and Y_r: no more than an approximation.
[[nodiscard]] double uniform_cv(double mu, double sigma, const LifParameters& neuron) noexcept;

}  // namespace nuphi::detail
