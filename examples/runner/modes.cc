#include "modes.h"

#include <nuphi/analysis/linear_response.h>
#include <nuphi/models/delays.h>

namespace nuphi::runner {

std::string why_no_modes(const Network& network, const ResponseOptions& options) {
  for (const Projection& projection : network.projections) {
    if (!projection.delay) return "a connection has no delay";
    if (!is_causal(*projection.delay)) return "a gaussian delay has no stability";
  }
  if (network.projections.empty()) return "the network has no connections";
  return unknown_modes(network, options);
}

}  // namespace nuphi::runner
