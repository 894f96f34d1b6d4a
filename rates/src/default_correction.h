#pragma once

#include <nuphi/models/network.h>
#include <nuphi/models/notes.h>
#include <nuphi/rates/stationary.h>

#include <vector>

namespace nuphi {

/// Note on a network that states no colour correction: where the rates by kShift, the default
/// before kUniform, differ by more than 1 %. Up to 200 populations they are those of the state that
/// Newton's method reaches from this one; beyond, and where it reaches none, those at the same
/// input.
std::vector<Note> default_correction_notes(const Network& network, const StationaryState& state);

}  // namespace nuphi
