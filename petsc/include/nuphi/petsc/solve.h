#pragma once

#include <nuphi/core/export.h>
#include <nuphi/petsc/distributed_field.h>
#include <nuphi/rates/stationary.h>

namespace nuphi {
namespace NUPHI_PUBLIC petsc {

/// All faults of the options for a distributed solve; empty when they are sound. Methods: auto,
/// relaxation, newton.
[[nodiscard]] std::vector<std::string> validate(const SolveOptions& options, Eigen::Index n);

/// Collective: the options of rank 0 on every rank, their initial rates cut to the rank's rows.
[[nodiscard]] SolveOptions share(const SolveOptions& options, const DistributedField& field);

/// Collective: one stationary state, by the rules of nuphi::solve_stationary(): without initial
/// rates the fixed point that relaxation from zero rates reaches (pseudo-transient steps, then
/// Newton–Krylov by SNES to the rounding of Φ), with them the one Newton reaches. Where neither
/// gets through and the network fits, rank 0 solves it alone; the message says so.
/// Φ is summed in the same order whatever the number of ranks.
/// @param field    the rank's rows
/// @param options  the same on all ranks but for initial_rates, which are the rank's own; find and
///   what belongs to find = all are not looked at
/// @param control  progress and logger as anywhere; a stop requested on one rank stops all
/// @return state: the rank's rows; residual, stability and summary are the same on all ranks.
///   leading_eigenvalue by SLEPc; empty where that does not converge.
/// @throws std::invalid_argument for options that validate() refuses, std::runtime_error when PETSc
///   fails
[[nodiscard]] StationaryResult solve_stationary(const DistributedField& field,
                                                const SolveOptions& options = {},
                                                const SolveControl& control = {});

/// Collective: the arrays of all ranks on rank 0; elsewhere they stay as they are.
[[nodiscard]] StationaryState gather(const StationaryState& state);

}  // namespace petsc
}  // namespace nuphi
