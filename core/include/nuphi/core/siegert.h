#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Value and gradient of the stationary rate and of its logarithm.
struct SiegertRate {
  double rate = 0;              ///< ν [Hz]; may underflow to 0 where log_rate is still finite
  double log_rate = 0;          ///< ln(ν / Hz)
  double drate_dmu = 0;         ///< ∂ν/∂μ [Hz/V]
  double drate_dsigma = 0;      ///< ∂ν/∂σ [Hz/V]
  double dlog_rate_dmu = 0;     ///< ∂ln ν/∂μ [1/V]; accurate where ν underflows
  double dlog_rate_dsigma = 0;  ///< ∂ln ν/∂σ [1/V]
};

/// siegert() with its second derivatives.
struct SiegertSecond {
  SiegertRate first;                ///< value and gradient, as siegert()
  double d2rate_dmu2 = 0;           ///< ∂²ν/∂μ² [Hz/V²]
  double d2rate_dmudsigma = 0;      ///< ∂²ν/∂μ∂σ [Hz/V²]
  double d2rate_dsigma2 = 0;        ///< ∂²ν/∂σ² [Hz/V²]
  double d2log_rate_dmu2 = 0;       ///< ∂²ln ν/∂μ² [1/V²]
  double d2log_rate_dmudsigma = 0;  ///< ∂²ln ν/∂μ∂σ [1/V²]
  double d2log_rate_dsigma2 = 0;    ///< ∂²ln ν/∂σ² [1/V²]
};

/// Stationary firing rate of a LIF neuron driven by Gaussian noise (Siegert 1951; Brunel 2000).
///   ν⁻¹ = t_ref + τ_m √π ∫_{y_r}^{y_t} e^{s²}(1 + erf s) ds,   y = (V − μ)/σ + c
/// with τ_m dV = −(V − μ)dt + σ√τ_m dW, and c the colour shift (0 where τ_syn = 0) by `correction`:
///   kNone             c = 0
///   kShift            c = (α/2)√(τ_syn/τ_m) at both boundaries, α = √2|ζ(1/2)|
///   kShiftRefractory  that c at the threshold, c·exp(−t_ref/τ_syn) at the reset
///   kTaylor           ν = ν₀ − cσ ∂ν₀/∂μ, ν₀ the rate for white noise. Far below threshold this is
///                     negative and returned so; ln ν and its gradient are NaN where ν ≤ 0.
///   kAdiabatic        another formula for τ_syn ≫ τ_m: siegert_adiabatic() (colored_noise.h)
///   kUniform          a closed form fitted to kExact for τ_syn ≤ 2 τ_m, with errors far below 1 %
///                     (docs/theory/colored_noise.md has them); for slower synapses it passes
///                     smoothly into kAdiabatic where the mean is above threshold
///   kExact            no formula: exact_rate() (exact_rate.h), at its standard resolution
///
/// @param mu, sigma  mean and noise amplitude of the input relative to E_L [V]; σ ≥ 0, and σ = 0 is
///   the noiseless limit
/// @param neuron      its parameters
/// @param correction  how colour enters, see above
/// @return NaN in every field for a NaN or infinite input, σ < 0, τ_m ≤ 0, t_ref < 0, τ_syn < 0 or
///   V_reset ≥ V_th; never throws. Otherwise 0 ≤ ν ≤ 1/t_ref (but for kTaylor). What exceeds the
///   range of double is returned as its largest number, log_rate as −∞.
///   σ = 0 and μ ≤ V_th: rate 0, log_rate −∞, its gradient NaN; the gradient of the rate is 0 below
///   threshold, and NaN at μ = V_th exactly, where there is none.
/// Cost: four to six polynomials, an exponential and a logarithm, no quadrature (but for
/// kAdiabatic, and kExact, which takes milliseconds and allocates). Accuracy:
/// docs/accuracy.md (measured).
[[nodiscard]] SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                                  Correction correction = Correction::kShift) noexcept;

/// siegert() and the second derivatives (NaN for kTaylor, kAdiabatic and kExact with τ_syn > 0, and
/// for kUniform where it passes into kAdiabatic). Far below threshold those of ln ν are small
/// differences: −2/σ² is left of addends of size (2y/σ)², y = (V_th − μ)/σ.
[[nodiscard]] SiegertSecond siegert_second(double mu, double sigma, const LifParameters& neuron,
                                           Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
