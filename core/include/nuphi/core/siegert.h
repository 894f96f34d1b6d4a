#pragma once

#include <nuphi/core/lif.h>

namespace nuphi {

/// Value and gradient of the stationary rate and of its logarithm.
struct SiegertRate {
  double rate = 0;              ///< ν [Hz]; may underflow to 0 where log_rate is still finite
  double log_rate = 0;          ///< ln(ν / Hz)
  double drate_dmu = 0;         ///< ∂ν/∂μ [Hz/V]
  double drate_dsigma = 0;      ///< ∂ν/∂σ [Hz/V]
  double dlog_rate_dmu = 0;     ///< ∂ln ν/∂μ [1/V]; accurate where ν underflows
  double dlog_rate_dsigma = 0;  ///< ∂ln ν/∂σ [1/V]
};

/// Stationary firing rate of a LIF neuron driven by Gaussian noise (Siegert 1951; Brunel 2000).
///   ν⁻¹ = t_ref + τ_m √π ∫_{y_r}^{y_t} e^{s²}(1 + erf s) ds,   y = (V − μ)/σ + c
/// with τ_m dV = −(V − μ)dt + σ√τ_m dW, and c the colour shift of `correction` (0 where τ_syn = 0).
/// @param mu, sigma  mean and noise amplitude of the input relative to E_L [V]; σ ≥ 0, σ = 0 is the noiseless limit
/// @return NaN in every field for a NaN or infinite input, σ < 0, τ_m ≤ 0, t_ref < 0 or V_reset ≥ V_th; never throws.
///   σ = 0 and μ ≤ V_th: rate 0, log rate −∞; at μ = V_th exactly the gradient does not exist and is NaN.
/// Thread-safe, no allocation. Accuracy: docs/accuracy.md (measured).
[[nodiscard]] SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                                  Correction correction = Correction::kShift) noexcept;

}  // namespace nuphi
