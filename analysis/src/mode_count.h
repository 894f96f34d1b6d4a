#pragma once

#include <optional>
#include <string>
#include <vector>

#include "characteristic.h"

namespace nuphi::detail {

/// A point of the march along the imaginary axis.
struct AxisSample {
  double omega = 0;
  Determinant determinant;
};

struct ModeCount {
  std::optional<int> unstable;      ///< empty: undecided
  std::string reason;               ///< why
  double cut = 0;                   ///< ω at which the count was closed
  std::vector<AxisSample> samples;  ///< by rising ω
};

/// Zeros of det(1 − M(z)) in the right half-plane, by the argument principle.
ModeCount count_unstable_modes(Characteristic& characteristic, double max_frequency,
                               int max_evaluations);

}  // namespace nuphi::detail
