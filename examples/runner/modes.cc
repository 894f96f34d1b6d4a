#include "modes.h"

#include <fmt/format.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/models/mean_field.h>

#include <cmath>

namespace nuphi::runner {

std::string why_no_modes(const Network& network) {
  for (const Projection& projection : network.projections) {
    if (!projection.delay) return "a connection has no delay";
    if (!is_causal(*projection.delay)) return "a gaussian delay has no stability";
  }
  if (network.projections.empty()) return "the network has no connections";
  return unknown_response(mean_field(network));
}

std::optional<int> unstable_modes_if_cheap(const Network& network, const StationaryState& state,
                                           const ResponseOptions& response) {
  constexpr Eigen::Index kLargest = 64;
  if (state.rates.size() > kLargest || !why_no_modes(network).empty()) return std::nullopt;
  StabilityOptions options;
  options.response = response;
  const double count = unstable_mode_count(network, state.rates, options);
  return std::isfinite(count) ? std::optional(static_cast<int>(count)) : std::nullopt;
}

std::string unstable_state_note(std::optional<int> unstable_modes, std::string_view what) {
  if (unstable_modes.value_or(0) == 0) return "";
  return fmt::format(
      "the network with its delays has {} unstable modes, see `nuphi stability`: it leaves this "
      "state, about which the {} are the linear ones",
      *unstable_modes, what);
}

}  // namespace nuphi::runner
