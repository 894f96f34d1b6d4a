#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// One number per parameter of a LIF neuron, e.g. partial derivatives in them.
struct LifPartials {
  double tau_m = 0;    ///< per second
  double t_ref = 0;    ///< per second
  double V_th = 0;     ///< per volt
  double V_reset = 0;  ///< per volt
  double tau_syn = 0;  ///< per second

  bool operator==(const LifPartials&) const = default;
};

/// Partials of the stationary rate in the parameters of the neuron, at fixed μ and σ.
struct LifParameterGradient {
  LifPartials drate;      ///< ∂ν/∂p [Hz per unit of p]
  LifPartials dlog_rate;  ///< ∂ln ν/∂p; accurate where ν underflows
};

/// Gradient of siegert() in all parameters of the neuron. With T = 1/ν, f(y) = e^{y²}(1 + erf y),
/// ω = ν τ_m√π f(y)/σ at threshold (ω_t) and at reset (ω_r), and c, c_r the colour shifts of the
/// two:
///   ∂ln ν/∂V_th = −ω_t,   ∂ln ν/∂V_reset = ω_r,   ∂ln ν/∂t_ref = −ν + σ ω_r ∂c_r/∂t_ref,
///   ∂ln ν/∂τ_m = −ν (T − t_ref)/τ_m + σ (ω_t c − ω_r c_r)/(2τ_m),
///   ∂ln ν/∂τ_syn = −σ (ω_t ∂c/∂τ_syn − ω_r ∂c_r/∂τ_syn).
/// kTaylor differentiates its own formula. kAdiabatic averages the derivatives of the noiseless
/// rate over the slow current (docs/theory/siegert.md has both). kUniform differentiates its
/// formula. kExact: that of exact_rate().
/// @param mu, sigma   as in siegert()
/// @param neuron      where the partials are taken
/// @param correction  how colour enters
/// @return NaN outside the domain of siegert(), and for a neuron without noise exactly at its
///   threshold. Silent neurons (ln ν = −∞) have drate 0 and dlog_rate NaN, and dlog_rate is NaN
///   where kTaylor gives ν ≤ 0. ∂/∂τ_syn is 0 where the colour has no effect; at τ_syn = 0 with a
///   correction it would be −∞: also 0, a delta synapse has no τ_syn. What exceeds the range of
///   double is returned as its largest number.
/// Accuracy: relative to the largest addend of a partial, docs/accuracy.md (measured); kAdiabatic
/// with t_ref ≫ τ_m loses digits of ∂/∂V_reset where V_th − V_reset is below 1e-8 s. Cost: as
/// siegert_second() and an exponential or two, of siegert_adiabatic() with kAdiabatic.
[[nodiscard]] LifParameterGradient lif_parameter_gradient(
    double mu, double sigma, const LifParameters& neuron,
    Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
