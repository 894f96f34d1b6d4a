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
  std::vector<AxisSample> samples;  ///< by rising ω; each step between them is proven
  int evaluations = 0;              ///< of M(z)
};

/// Zeros of det(1 − M(z)) in the right half-plane, by the argument principle.
/// @param at_least  ω up to which the axis is marched along even where the count could be closed
ModeCount count_unstable_modes(Characteristic& characteristic, double max_frequency,
                               int max_evaluations, double at_least = 0);

/// An ω over the first turns of the delays: up to there damped modes leave traces on the axis.
double frequency_of_damped_modes(const Characteristic& characteristic);

}  // namespace nuphi::detail
