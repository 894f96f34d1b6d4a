#pragma once

#include <nuphi/solver/sensitivity.h>

namespace nuphi {

/// Partials of the stationary rate in the parameters of the neuron, at fixed μ and σ.
struct LifParameterGradient {
  LifPartials drate;      ///< ∂ν/∂p [Hz per unit of p]
  LifPartials dlog_rate;  ///< ∂ln ν/∂p; accurate where ν underflows
};

/// With T = 1/ν, k = τ_m√π/σ, f(y) = e^{y²}(1 + erf y) and c the colour shift (c_r that of the
/// reset):
///   ∂ν/∂V_th = −ν² k f(y_t),  ∂ν/∂V_reset = ν² k f(y_r),  ∂ν/∂t_ref = −ν²,  ∂ν/∂τ_m = −ν² (T −
///   t_ref)/τ_m,
/// plus −ν² τ_m√π [f(y_t) ∂c/∂p − f(y_r) ∂c_r/∂p] from the shift (c ∝ √(τ_syn/τ_m), c_r = c
/// e^{−t_ref/τ_syn} with kShiftRefractory). kTaylor differentiates its own formula, kAdiabatic is
/// differenced (relative error 1e-9).
/// @param mu, sigma  as in siegert()
/// @return NaN outside the domain of siegert(). ∂/∂τ_syn is 0 where the colour has no effect; at
/// τ_syn = 0 with a correction
///   it would be −∞: also 0, a delta synapse has no τ_syn.
[[nodiscard]] LifParameterGradient lif_parameter_gradient(double mu, double sigma,
                                                          const LifParameters& neuron,
                                                          Correction correction);

}  // namespace nuphi
