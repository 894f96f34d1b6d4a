#pragma once

#include <nuphi/analysis/stability.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/stationary.h>

#include <optional>

namespace nuphi::runner {

/// Unstable modes of a network with its delays about a state, counted on the way where that is
/// cheap (64 populations); empty where it is not, without causal delays, and where undecided.
std::optional<int> unstable_modes_if_cheap(const Network& network, const StationaryState& state,
                                           const ResponseOptions& response = {});

}  // namespace nuphi::runner
