#pragma once

#include <nuphi/core/lif.h>

namespace nuphi {

/// Coefficient of variation of the inter-spike intervals of a LIF neuron driven by white noise
/// (Brunel 2000, app. A),
///   CV² = 2π (ν τ_m)² ∫_{y_r}^{y_t} e^{x²} ∫_{−∞}^x e^{s²}(1 + erf s)² ds dx.
/// Colour is a heuristic: with kShift and kShiftRefractory the shifted boundaries and their rate
/// are used; kTaylor reports the CV of kShift; kAdiabatic has none (NaN for τ_syn > 0).
/// @param mu, sigma  as in siegert()
/// @return CV ≥ 0. σ = 0: 0 above threshold, NaN where the neuron never fires. NaN outside the
///   domain of siegert(). Cost as siegert(), no quadrature. Thread-safe.
[[nodiscard]] double isi_cv(double mu, double sigma, const LifParameters& neuron,
                            Correction correction = Correction::kShift) noexcept;

}  // namespace nuphi
