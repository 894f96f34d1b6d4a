#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/stationary.h>

#include <optional>
#include <string>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// From here on, notes warn: fluctuations of single neurons feed on themselves.
inline constexpr double kStrongCoupling = 0.95;

/// What coupling_radius() returns.
struct CouplingRadius {
  std::optional<double> value;  ///< R ≥ 0, dimensionless
  std::string reason;           ///< why there is none
};

/// Radius of the neuron-to-neuron coupling at a stationary state, the radius within which the
/// eigenvalues of the connectivity of single neurons lie (Rajan & Abbott 2006; Ostojic 2014):
///   R² = spectral radius of K_ij ⟨w_ij²⟩,  w_ij = τ_m,i (∂Φ_i/∂μ J_ij + ∂Φ_i/∂σ² J_ij²)
/// with the mean over weights of relative s.d. weight_cv (normal). As R approaches 1 fluctuations
/// of single neurons grow, and rates leave those of theory.
/// Cost: products with the matrix of the projections; networks of more than 4·10⁶ projections have
/// none.
/// @throws std::invalid_argument when the state is not one of the network.
[[nodiscard]] CouplingRadius coupling_radius(const Network& network, const StationaryState& state);

/// @}
}  // namespace nuphi
