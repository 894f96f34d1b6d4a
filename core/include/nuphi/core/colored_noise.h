#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include <span>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Stationary rate for slow synapses, τ_syn ≫ τ_m (adiabatic approximation; Moreno-Bote & Parga
/// 2010).
///   ν = ∫ ν₀(μ + s z) e^{−z²/2}/√(2π) dz,   s² = σ² τ_m/(2 τ_syn),
///   ν₀(m) = 1/(t_ref + τ_m ln[(m − V_reset)/(m − V_th)]) for m > V_th, else 0.
/// τ_syn dI = −(I − μ)dt + σ√τ_m dW filters all the noise: no white noise is left beside the slow
/// current, whose variance is s², so that the inner rate is the noiseless one. Exact as
/// τ_syn/τ_m → ∞ at fixed s; docs/theory/simulation.md tells how far it is off before. For
/// τ_syn < τ_m it overestimates the rate grossly, because s² diverges.
/// @param mu, sigma  as in siegert(); σ is the amplitude of the noise before the filter
/// @param neuron     its parameters
/// @return as siegert(), with the same limits at σ = 0; where τ_syn = 0, siegert() without colour.
/// Cost: 30–140 exponentials and logarithms. Relative error: see docs/accuracy.md (measured).
/// No allocation.
[[nodiscard]] SiegertRate siegert_adiabatic(double mu, double sigma,
                                            const LifParameters& neuron) noexcept;

/// One part of the input's variance: what comes through synapses of one time constant.
struct FilteredVariance {
  double tau_syn = 0;   ///< τ_k [s], ≥ 0; 0 for delta synapses
  double variance = 0;  ///< σ_k² [V²], ≥ 0, before the filter (docs/notation.md)

  bool operator==(const FilteredVariance&) const = default;
};

/// All parts together, as siegert() takes them.
struct EffectiveFilter {
  double variance = 0;  ///< σ² = Σ σ_k² [V²]
  double tau_syn = 0;   ///< time constant with which one filter has the same effect [s]
};

/// Several synaptic time constants at one neuron as a single effective one, for use in siegert().
///   kNone, kShift, kTaylor:  √τ = Σ σ_k² √τ_k / Σ σ_k²   (Fourcaud & Brunel 2002, sec. 5)
///   kUniform, kExact:        the same: an approximation, while one time constant is exact
///   kAdiabatic:              1/τ = Σ σ_k²/τ_k / Σ σ_k²   (the variances of the currents add up)
/// The shift of the first line is exact to first order in the differences of the τ_k (any mean is);
/// beyond, it is an approximation from above: by 1 % at a ratio of time constants of 2, 4 % at 4,
/// 13 % at 16, 31 % when half the noise is white (docs/theory/colored_noise.md).
/// @return τ = 0 where all variances are 0. NaN for a negative or NaN part and for
///   kShiftRefractory, in which threshold and reset see different means. kAdiabatic: NaN if a part
///   with variance has τ_k = 0, since its current has no finite variance.
[[nodiscard]] EffectiveFilter effective_filter(std::span<const FilteredVariance> parts,
                                               Correction correction = Correction::kShift) noexcept;

/// Whether the correction has an effective time constant that matters: kShift, kTaylor, kAdiabatic,
/// kUniform, kExact.
[[nodiscard]] bool has_effective_filter(Correction correction) noexcept;

/// The effective time constant τ of effective_filter() as a weighted mean, g(τ) = Σ σ_k² g(τ_k) / Σ
/// σ_k², with g(τ) = 1/τ for kAdiabatic and √τ otherwise. Networks keep Σ σ_k² g(τ_k).
[[nodiscard]] double filter_weight(double tau_syn, Correction correction) noexcept;  ///< g(τ)
[[nodiscard]] double filter_time(double weight, Correction correction) noexcept;     ///< g⁻¹

/// How siegert() moves with g(τ_syn) at fixed μ and σ.
struct FilterWeightGain {
  double drate = 0;      ///< ∂ν/∂g
  double dlog_rate = 0;  ///< ∂ln ν/∂g; accurate where ν underflows
};

/// Gain of the rate in the effective time constant, by correction:
///   kShift      −(α/2) σ ν_μ/√τ_m
///   kTaylor     the same with the ν_μ of white noise
///   kAdiabatic  ν_σ σ/(2g)
///   kUniform, kExact   2g ∂ν/∂τ_syn; kExact from another solution of the integral equation
///   kNone       0
/// @param mu, sigma   the point, as in siegert()
/// @param at_point    siegert(mu, sigma, neuron, correction)
/// @param neuron      its parameters, τ_syn the effective one
/// @param correction  chooses the line above
/// @return NaN for kShiftRefractory.
[[nodiscard]] FilterWeightGain filter_weight_gain(double mu, double sigma,
                                                  const SiegertRate& at_point,
                                                  const LifParameters& neuron,
                                                  Correction correction) noexcept;

/// ∂ν/∂σ_k² at fixed μ and fixed other parts [Hz/V²]: the total derivative, through σ and through
/// the effective time constant. With c_k = (α/2)√(τ_k/τ_m) and c = (α/2)√(τ/τ_m),
///   kNone:       ν_σ/(2σ)
///   kShift:      ν_σ/(2σ) − ν_μ (c_k − c)/σ            since ν depends on c through μ − cσ only
///   kTaylor:     ν_σ/(2σ) − ν₀_μ (c_k − c)/σ           ν₀: the rate without colour
///   kAdiabatic:  ν_σ (τ/τ_k)/(2σ)
///   kUniform, kExact:  ν_σ/(2σ) + 2√τ ν_τ (√τ_k − √τ)/σ²
/// so that ∂ν_i/∂ν_j of a network is ν_μ A_ij + Σ_k (∂ν/∂σ_k²) B_k,ij.
/// @param mu, filter  the point: μ and effective_filter() of the parts, with variance > 0
/// @param at_point    siegert(mu, √filter.variance, neuron with filter.tau_syn, correction)
/// @param neuron      its parameters; τ_syn is taken from `filter`
/// @param tau_syn     τ_k of the part
/// @param correction  chooses the line above
/// @return NaN where filter.variance = 0 and for kShiftRefractory.
[[nodiscard]] double drate_dvariance(double mu, const EffectiveFilter& filter,
                                     const SiegertRate& at_point, const LifParameters& neuron,
                                     double tau_syn,
                                     Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
