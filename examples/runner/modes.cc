#include "modes.h"

#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/models/mean_field.h>

#include <algorithm>
#include <cmath>

namespace nuphi::runner {
namespace {

bool has_causal_delays(const Network& network) {
  return !network.projections.empty() &&
         std::all_of(network.projections.begin(), network.projections.end(),
                     [](const Projection& p) { return p.delay && is_causal(*p.delay); });
}

}  // namespace

std::optional<int> unstable_modes_if_cheap(const Network& network, const StationaryState& state,
                                           const ResponseOptions& response) {
  constexpr Eigen::Index kLargest = 64;
  if (state.rates.size() > kLargest || !has_causal_delays(network)) return std::nullopt;
  if (!unknown_response(mean_field(network)).empty()) return std::nullopt;
  StabilityOptions options;
  options.response = response;
  const double count = unstable_mode_count(network, state.rates, options);
  return std::isfinite(count) ? std::optional(static_cast<int>(count)) : std::nullopt;
}

}  // namespace nuphi::runner
