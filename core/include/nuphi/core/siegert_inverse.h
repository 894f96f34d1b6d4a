#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <limits>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Mean input at which a LIF neuron fires at a given rate: the μ with siegert(μ, σ).rate = ν,
/// unique because the rate rises with μ. With kTaylor, whose rate does not rise everywhere, a root
/// on the rising part where the rate is positive. With kAdiabatic about 1e-14 as well; with
/// kExact the noise of exact_rate(), 1e-8 of σ.
/// @param rate   ν [Hz], 0 < ν < 1/t_ref
/// @param sigma  noise amplitude [V], ≥ 0; σ = 0:
///   μ = V_th + (V_th − V_reset)/(e^{(1/ν − t_ref)/τ_m} − 1)
/// @param neuron      its parameters
/// @param correction  how colour enters
/// @return μ [V]; NaN outside the domain.
/// Accuracy: that of siegert(): |Δμ| ≤ 1e-14 (|μ| + |V_th − μ|) where the rate fixes μ that well;
/// near saturation μ moves by (1 − ν t_ref)⁻¹ ε of its size for a rounding ε of the rate. Cost:
/// about ten calls of siegert().
[[nodiscard]] double siegert_inverse_mu(double rate, double sigma, const LifParameters& neuron,
                                        Correction correction = Correction::kShift) noexcept;

/// Noise amplitudes at which a neuron fires at a given rate.
struct SigmaRoots {
  int count = 0;  ///< 0: no σ gives the rate, 1, or 2
  /// Smaller root [V]; NaN where there is none.
  double lower = std::numeric_limits<double>::quiet_NaN();
  /// Larger root [V]; NaN where there are fewer than two.
  double upper = std::numeric_limits<double>::quiet_NaN();
};

/// All σ ≥ 0 with siegert(μ, σ).rate = ν. For μ ≤ V_th, and without colour for every μ, the rate
/// rises with σ and there is one root at most. Above threshold the colour shift makes it fall first
/// (∂ν/∂σ = −c ∂ν/∂μ at σ = 0), so that rates between its minimum and that of the noiseless neuron
/// have two. With kShiftRefractory the rate tends to less than 1/t_ref as σ grows, from below or
/// from above.
/// @param rate  ν [Hz], 0 < ν < 1/t_ref
/// @param mu    mean input relative to E_L [V]
/// @param neuron      its parameters
/// @param correction  how colour enters
/// @return no root outside the domain, and for kTaylor, kAdiabatic, kUniform and kExact with
///   τ_syn > 0, whose rates have no such shape. Accuracy: relative 1e-14, worse where ∂ν/∂σ
///   vanishes (√ε at a double root).
[[nodiscard]] SigmaRoots siegert_inverse_sigma(double rate, double mu, const LifParameters& neuron,
                                               Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
