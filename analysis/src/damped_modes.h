#pragma once

#include <cstddef>

#include "found_modes.h"
#include "mode_count.h"

namespace nuphi::detail {

/// Looks for the rightmost damped modes up to the frequency that was walked: they are poles of
/// uᵀ [(1 − M)⁻¹ − 1] v, which rational functions through its values on the axis show, and are refined
/// one by one.
/// @param most  stops where as many modes are known and the next estimate lies to their left
void find_damped_modes(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
                       std::size_t most, FoundModes& found);

}  // namespace nuphi::detail
