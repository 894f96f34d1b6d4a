#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Poisson input that moves the membrane by jumps of one size.
struct PoissonJumps {
  double size = 0;  ///< J [V], either sign
  double rate = 0;  ///< of all synapses together [Hz], ≥ 0
};

/// Relative change δν/ν of a LIF neuron's rate where part of its input comes in jumps instead of
/// Gaussian noise of the same mean and variance, to first order in the jumps:
///   δν/ν = ντ_m [ (α/18)(g″(y_t) − g″(y_r)) − (ρ/σ) g(y_t) ],   g(y) = √π e^{y²}(1 + erf y)
/// with α = τ_m Σ r J³/σ³ the skewness of the input, and ρ the mean overshoot over the threshold,
///   ρ = κ₃/6κ₂ − (1/π)∫₀^∞ ln|2ψ(λ)/κ₂λ²| dλ/λ²,   ψ = Σ r (1 − e^{iλJ} + iλJ) + Gaussian part
/// (Spitzer's identity; J/3 for upward jumps alone). Derivation, and how good it is: against exact
/// simulations, docs/theory/large_jumps.md. The first order describes errors up to about a half;
/// from there on it says that theory is off, not by how much. It is below −1 where few spikes are
/// left. Of synapses with τ_syn > 0 α is that of the filtered potential, α/((1 + s/2)(1 + 2s)),
/// s = τ_syn/τ_m.
/// @param mu, sigma  of the whole input, jumps included [V]
/// @param neuron     its parameters
/// @param jumps      the part of the input that is no Gaussian noise
/// @return 0 without jumps or noise; NaN for what siegert() has no rate for
/// Cost: 100 values of ψ.
[[nodiscard]] double jump_correction(double mu, double sigma, const LifParameters& neuron,
                                     const std::vector<PoissonJumps>& jumps);

/// The mean overshoot ρ [V] of jumps and Gaussian noise over a threshold, without net drift.
/// @param variance  κ₂ = Σ r J² + Gaussian part [V²/s], > 0
/// @param jumps     sizes J [V] and rates r [Hz]
[[nodiscard]] double mean_overshoot(double variance, const std::vector<PoissonJumps>& jumps);

/// @}
}  // namespace nuphi
