#pragma once

#include <nuphi/analysis/linear_response.h>
#include <nuphi/models/network.h>

#include <string>

namespace nuphi::runner {

/// Why modes of the network with its delays cannot be counted; empty where they can.
std::string why_no_modes(const Network& network, const ResponseOptions& options = {});

}  // namespace nuphi::runner
