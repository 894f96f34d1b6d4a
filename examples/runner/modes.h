#pragma once

#include <nuphi/analysis/stability.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/stationary.h>

#include <optional>
#include <string>
#include <string_view>

namespace nuphi::runner {

/// Why modes of the network with its delays cannot be counted; empty where they can.
std::string why_no_modes(const Network& network);

/// Unstable modes of a network with its delays about a state, counted on the way where that is
/// cheap (64 populations); empty where it is not, without causal delays, and where undecided.
std::optional<int> unstable_modes_if_cheap(const Network& network, const StationaryState& state,
                                           const ResponseOptions& response = {});

/// What to say of linear results (`what`: "spectra") about a state that the network leaves; empty
/// where it is stable with its delays, or that is not known.
std::string unstable_state_note(std::optional<int> unstable_modes, std::string_view what);

}  // namespace nuphi::runner
