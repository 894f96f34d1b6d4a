#pragma once

#include <nuphi/analysis/stability.h>

#include <optional>
#include <vector>

#include "loop_matrix.h"
#include "mode_count.h"

namespace nuphi::detail {

/// Where Newton's method, from neighbouring samples on the axis, puts a mode; nearest to the axis
/// first. Only the nearest among its neighbours are kept.
[[nodiscard]] std::vector<Complex> traces_of_modes(const std::vector<AxisSample>& samples);

/// A zero of det(1 − M(z)) from `start`, by Muller's method. Empty where it does not converge.
[[nodiscard]] std::optional<Complex> refine_mode(LoopMatrix& matrix, Complex start);

struct ModeList {
  std::vector<Mode> modes;  ///< by falling growth rate
  int unlisted = 0;         ///< unstable modes that are counted and were not found
  int uncounted = 0;        ///< unstable modes that were found and are not counted: a contradiction
};

/// All unstable modes, and the rightmost damped ones that leave a trace on the axis, `most` in
/// total where there are fewer unstable ones. Where traces do not lead to all, sub-counts of strips
/// of the right half-plane close them in.
[[nodiscard]] ModeList list_modes(LoopMatrix& matrix, const ModeCount& count,
                                  const CountLimits& limits, int most);

/// The modes that leave a trace on the axis, unstable and damped ones, by falling growth rate: not
/// a complete list, which of dozens of unstable modes takes a minute.
[[nodiscard]] std::vector<Mode> modes_near_axis(LoopMatrix& matrix, const ModeCount& count,
                                                const CountLimits& limits, int most);

}  // namespace nuphi::detail
