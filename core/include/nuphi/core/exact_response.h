#pragma once

#include <nuphi/core/exact_rate.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <complex>
#include <span>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// What exact_response() returns for one frequency.
struct ExactResponse {
  std::complex<double> d_mu;           ///< δν/δμ [Hz/V]
  std::complex<double> d_variance;     ///< δν/δσ² [Hz/V²]
  std::complex<double> isi_transform;  ///< E[e^{−iωT}], T the interspike interval with t_ref
  /// Power spectrum of the spike train over the rate, S/ν, with the correlations that one current
  /// puts between intervals; tends to 1 for ω → ∞. The δ-function ν²·2πδ(ω) is left out.
  double spectrum = 0;
};

/// Linear response of the rate of a LIF neuron with exponential synapses, δν e^{iωt} to δμ e^{iωt}
/// and δσ² e^{iωt}, from the boundary-integral equation of exact_rate(): exact for every τ_syn.
///
/// Seen from a threshold and from velocities that stand still, a modulated mean is a drive of the
/// synaptic current, u' = … + (λ + iΩ)/κ δμ/σ e^{iΩt}, and a modulated noise changes covariances;
/// both change the transition law of the free neuron by Gaussians times polynomials. With δq the
/// modulated density of spikes,
///   δq − ∫K_Ω κu'δq = C δp + ∫(δGʳ − δG) κu'q,   K_Ω = ∫₀^∞ (Gʳ e^{−iΩt_ref} − G) e^{−iΩt} dt,
/// δν = ν ∫κu δq/∫κu q: one complex solution a frequency (docs/theory/colored_noise.md). The same
/// kernels follow the spikes after a spike, all of them for the spectrum and the next one for the
/// transform of the interval.
///
/// Without synaptic filter, as DynamicResponse: divided by 1/(1 + iωτ_syn) of the mean and
/// 1/(1 + iωτ_syn/2) of the variance. ω → 0 gives the derivatives of exact_rate().
/// @param mu, sigma  the working point, as in exact_rate()
/// @param neuron     its parameters
/// @param omega      angular frequencies [1/s], ≥ 0; the highest decides how finely time is sampled
/// @param resolution as in exact_rate(): errors are about ten times those of the rate
/// @return one a frequency; NaN where exact_rate() does not solve the equation (τ_syn/τ_m outside
///   [1e-6, 1000], σ = 0, the noiseless, silent and adiabatic limits) or ω is negative or not
///   finite. Cost: 0.1 s for the first frequencies up to 1/τ_m, growing with ωτ_m.
[[nodiscard]] std::vector<ExactResponse> exact_response(
    double mu, double sigma, const LifParameters& neuron, std::span<const double> omega,
    ExactResolution resolution = ExactResolution::kStandard);

/// @}
}  // namespace nuphi
