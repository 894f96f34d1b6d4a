#pragma once

#include <string>

#include "mode_count.h"

namespace nuphi::detail {

/// Whether some response is one of `taylor`: an expansion, of which the slopes and the tail that
/// the count takes for granted are not proven.
[[nodiscard]] bool has_expanded_responses(const LoopMatrix& matrix);

/// Follows the phase once more by the determinant alone, at four points of each step, and looks at
/// the gain beyond the cut. @return what disagrees, in the user's words; empty where nothing does
[[nodiscard]] std::string doubt_about_expansion(LoopMatrix matrix, const ModeCount& count);

}  // namespace nuphi::detail
