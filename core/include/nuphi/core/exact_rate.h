#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/siegert.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// How finely exact_rate() samples its integral equation. Errors of the rate are relative, for
/// τ_syn/τ_m ≤ 10 (docs/accuracy.md has the measured ones); times are of one core of 2023 for the
/// rate alone. The gradient takes as long again, and so does the CV.
enum class ExactResolution {
  kQuick,     ///< 2e-7; about 1 ms
  kStandard,  ///< 1e-8; about 2 ms
  kFine,      ///< 1e-9; about 4 ms
};

/// What exact_rate() computes, and how finely.
struct ExactOptions {
  ExactResolution resolution = ExactResolution::kStandard;  ///< accuracy against time
  bool gradient = true;                                     ///< partials of the rate; NaN otherwise
  bool cv = false;  ///< coefficient of variation; NaN otherwise
};

/// What exact_rate() returns.
struct ExactRate {
  SiegertRate rate;                 ///< ν and its partials in μ and σ
  LifParameterGradient parameters;  ///< those in τ_m, t_ref, V_th, V_reset and τ_syn
  double cv = 0;                    ///< of the interspike intervals [1]
  /// |T P − ∫ j D| over the larger of the two: an identity that the solution of the integral
  /// equation meets only as far as the sampling is fine enough. About the relative error of
  /// 1/ν − t_ref: within a factor of three where it is above 1e-8 and the threshold is not above
  /// the mean; up to 50 times less than the error otherwise. 0 where the formula is another.
  double residual = 0;
};

/// Stationary rate of a LIF neuron with exponential synapses, from a boundary-integral equation:
///   τ_m dV/dt = −V + I,  τ_syn dI = −(I − μ)dt + σ√τ_m dW,  I goes on while the neuron is silent.
/// Exact for every τ_syn: nothing is expanded, nothing fitted (docs/theory/colored_noise.md has the
/// derivation). With x = (V − μ)/σ and w the current in standard deviations, the density q(w) with
/// which spikes leave through x = y_t obeys
///   q(w) = C p(y_t, w) + ∫ K(w|w') κu' q(w') dw',   ν = 1/(t_ref + τ_m T),   T = C/∫ κu q dw,
/// p the stationary density of a neuron without threshold, κu the velocity of x at the threshold,
/// and K the time integral of how much more often a neuron just reset is at the threshold than one
/// that just spiked. (Mean first-passage times of integrate-and-fire neurons with coloured noise as
/// a Fredholm equation: van Vreeswijk & Farkhooi 2019.)
/// @param mu, sigma  as in siegert(): σ is the amplitude of the noise before the filter
/// @param neuron     its parameters
/// @param options    resolution, and what is wanted beside the rate
/// @return NaN and limits of the domain as in siegert(). Where the equation is not solved:
///   - τ_syn = 0 or σ = 0: white noise, or none
///   - τ_syn/τ_m < 1e-6: kShiftRefractory. At 1e-6 it errs by less than 3e-5 where
///     V_th − V_reset ≥ σ and |μ − V_th| ≤ 30σ, by up to 1e-4 at 0.2σ and 2e-3 at 0.01σ: about as
///     σ/(V_th − V_reset); below as τ_syn
///   - τ_syn/τ_m > 1000: kAdiabatic. At 1000 it errs by less than 1e-3 where the mean is above
///     V_th + 0.1σ; with t_ref ≤ τ_m by 0.3–2 % at the threshold, by 4–14 % at V_th − 0.1σ,
///     12–35 % at V_th − 0.3σ; further below, or with longer t_ref, it is no estimate
///   - slow currents that all reach the threshold (√2 k (μ − V_th) > 7σ, k² = τ_syn/τ_m, and either
///     k²(μ − V_th) > 100σ or hardly any change between two spikes): kAdiabatic; within 1e-8
///   - μ − V_th > 60σ: ln ν and CV continued in σ² and σ: the noise hardly matters
///   - V_th − μ > 1e4 σ: the barrier alone
///   - V_th − V_reset < 1e-6 σ: NaN
///
/// Allocates. The cost rises to 0.1–1 s for τ_syn/τ_m > 10 and where resets are close
/// to the threshold with t_ref ≪ τ_syn, so that one current serves for many spikes.
[[nodiscard]] ExactRate exact_rate(double mu, double sigma, const LifParameters& neuron,
                                   const ExactOptions& options = {}) noexcept;

/// @}
}  // namespace nuphi
