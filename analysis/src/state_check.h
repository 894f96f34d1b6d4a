#pragma once

#include <nuphi/rates/stationary.h>

#include <stdexcept>

namespace nuphi::detail {

/// @throws std::invalid_argument when the state is one of another network.
inline void require_state_of(const MeanField& field, const StationaryState& state) {
  if (!is_state_of(field, state))
    throw std::invalid_argument(
        "the state is not one of this network: its inputs or its residual are others");
}

}  // namespace nuphi::detail
