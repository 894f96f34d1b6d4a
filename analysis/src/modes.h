#pragma once

#include <nuphi/analysis/stability.h>

#include <optional>
#include <vector>

#include "characteristic.h"
#include "mode_count.h"

namespace nuphi::detail {

/// Frequencies where the distance to the nearest mode, as Newton sees it, is smallest among its
/// neighbours, nearest first.
std::vector<double> near_misses(const std::vector<AxisSample>& samples, std::size_t most);

/// Newton from `start` on det(1 − M(z)) = 0. Empty where it does not converge.
std::optional<Complex> refine_mode(Characteristic& characteristic, Complex start);

/// Rightmost modes: refined from the near misses on the imaginary axis; if fewer than `unstable` of
/// them lie to the right, from a grid there too. By falling growth rate, at most `most`.
std::vector<Mode> rightmost_modes(Characteristic& characteristic, const ModeCount& count, int most);

}  // namespace nuphi::detail
