// siegert_adiabatic() with what the derivatives in the neuron's parameters need beside those of μ
// and σ.
#pragma once

#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

namespace nuphi::detail {

/// Averages ⟨·⟩ over the slow current, ν = ⟨ν₀⟩. All are positive, so that sums of them cancel
/// nowhere.
struct AdiabaticSlopes {
  SiegertRate rate;
  double t_ref = 0;  ///< ⟨ν₀²⟩/ν = −∂ln ν/∂t_ref
  double busy = 0;   ///< ⟨ν₀ (1 − ν₀ t_ref)⟩/ν = −τ_m ∂ln ν/∂τ_m at fixed s
  double reset = 0;  ///< ⟨ν₀² τ_m/(m − V_reset)⟩/ν = ∂ln ν/∂V_reset, m the current
};

/// For τ_syn > 0. Limits and NaN as siegert_adiabatic().
[[nodiscard]] AdiabaticSlopes adiabatic_slopes(double mu, double sigma,
                                               const LifParameters& neuron) noexcept;

}  // namespace nuphi::detail
