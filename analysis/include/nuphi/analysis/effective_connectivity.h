#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/solver/stationary.h>

#include <Eigen/SparseCore>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Effective connectivity at zero frequency, the Jacobian of the rate map Φ at a stationary state
/// (Helias et al. 2013, app. A):
///   W_ij = ∂Φ_i/∂ν_j = ∂Φ_i/∂μ A_ij + ∂Φ_i/∂σ² B_ij,   ∂Φ/∂σ² = (∂Φ/∂σ)/(2σ)
/// and where synapses of several time constants meet also what moves the effective one,
/// ∂Φ_i/∂q Q_ij (SynapticFilters).
/// Each entry of the mean field may be a population (W then counts all its synapses, K_ij per
/// neuron) or one neuron.
/// @return shape=(n, n), row = target, dimensionless. A row without noise (σ = 0) has NaN where
/// B_ij > 0.
/// @throws std::invalid_argument when the state has not the size of the field.
[[nodiscard]] Eigen::MatrixXd effective_connectivity(const MeanField& field,
                                                     const StationaryState& state);

/// The same with the pattern of the coupling; entries that are zero in a dense coupling are left
/// out.
[[nodiscard]] Eigen::SparseMatrix<double> sparse_effective_connectivity(
    const MeanField& field, const StationaryState& state);

/// @}
}  // namespace nuphi
