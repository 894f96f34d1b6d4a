#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Coefficient of variation of the inter-spike intervals of a LIF neuron driven by white noise
/// (Brunel 2000, app. A),
///   CV² = 2π (ν τ_m)² ∫_{y_r}^{y_t} e^{x²} ∫_{−∞}^x e^{s²}(1 + erf s)² ds dx.
/// Colour is a heuristic: with kShift and kShiftRefractory the shifted boundaries and their rate
/// are used; kTaylor reports the CV of kShift; kAdiabatic has none (NaN for τ_syn > 0). kUniform
/// takes that of white noise at its effective boundaries (docs/theory/colored_noise.md has its
/// errors). kExact gives that of exact_rate(), no heuristic, in milliseconds.
/// @param mu, sigma   as in siegert()
/// @param neuron      its parameters
/// @param correction  how colour enters
/// @return CV ≥ 0. σ = 0: 0 above threshold, NaN where the neuron never fires. NaN outside the
///   domain of siegert(). Cost as siegert(), no quadrature.
[[nodiscard]] double isi_cv(double mu, double sigma, const LifParameters& neuron,
                            Correction correction = Correction::kShift) noexcept;

/// isi_cv() and its gradient.
struct IsiCv {
  double cv = 0;          ///< [1]
  double dcv_dmu = 0;     ///< ∂CV/∂μ [1/V]
  double dcv_dsigma = 0;  ///< ∂CV/∂σ [1/V]
};

/// With K(x) = e^{x²} ∫_{−∞}^x e^{s²}(1 + erf s)² ds, Δ the value at threshold minus that at reset,
/// z = (V − μ)/σ and C the integral of K:
///   ∂ln CV/∂μ = ∂ln ν/∂μ − ΔK/(2σΔC),   ∂ln CV/∂σ = ∂ln ν/∂σ − Δ(zK)/(2σΔC)
/// Errors are relative to the larger of the two addends: far below threshold, where CV = 1, they
/// cancel to all digits.
/// @return NaN in every field where isi_cv() is NaN, and in the gradient for kUniform and kExact
///   with τ_syn > 0; what exceeds the range of double is returned as its largest number.
[[nodiscard]] IsiCv isi_cv_gradient(double mu, double sigma, const LifParameters& neuron,
                                    Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
