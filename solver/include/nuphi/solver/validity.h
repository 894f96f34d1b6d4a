#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/notes.h>
#include <nuphi/solver/coupling_radius.h>
#include <nuphi/solver/stationary.h>

#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Where a state lies outside what its rate function is good for; empty where it does not.
///   rate-near-ceiling    a rate above 0.9/t_ref
///   taylor-negative      kTaylor: a rate is negative
///   taylor-large         kTaylor: first order takes more than half of the white-noise rate
///   colour-expansion     kShift, kShiftRefractory, kTaylor: √(τ_syn/τ_m), the parameter of the
///                        expansion, is above 1/2
///   colour-adiabatic     kAdiabatic: τ_syn < τ_m
///   colour-uniform       kUniform: τ_syn > 2 τ_m
///   colour-mixed         kUniform, kExact: synapses of one neuron differ in τ_syn and share an
///                        effective one
/// Each sentence names the population that is farthest off. docs/theory/simulation.md has errors.
/// @throws std::invalid_argument when the state is not one of the field.
[[nodiscard]] std::vector<Note> validity_notes(const MeanField& field,
                                               const StationaryState& state);

/// All there is to say of a state of a network: network_notes(), those above, and
///   strong-coupling      R = coupling_radius() ≥ kStrongCoupling
///   large-jumps          |jump_errors()| > kLargestJumpError of a state that is stable under rate
///                        dynamics
///   default-correction   the network states no correction, and kUniform, the default, moves a rate
///                        by more than 1 % against kShift, the default before
/// docs/validity.md explains each and what to do about it.
/// @throws ModelError for an unsound network; std::invalid_argument when the state is not one of
/// it.
[[nodiscard]] std::vector<Note> validity_notes(const Network& network,
                                               const StationaryState& state);

/// @}
}  // namespace nuphi
