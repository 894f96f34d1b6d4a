#pragma once

#include <nuphi/models/network.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace nuphi {

/// Position of the population of this name; none where there is none. (Network::index() throws.)
[[nodiscard]] inline std::optional<std::size_t> find_population(const Network& network,
                                                                std::string_view name) {
  const auto found = std::find_if(network.populations.begin(), network.populations.end(),
                                  [&](const Population& p) { return p.name == name; });
  if (found == network.populations.end()) return std::nullopt;
  return static_cast<std::size_t>(found - network.populations.begin());
}

}  // namespace nuphi
