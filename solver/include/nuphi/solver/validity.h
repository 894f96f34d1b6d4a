#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/solver/stationary.h>

#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// Where a state uses the colour correction outside its validity, a sentence each; empty where it
/// does not, and without colour.
///   kTaylor            a rate is negative, or first order takes more than half of the white-noise
///                      rate: 1 − ν/ν₀ > 1/2
///   kShift, kShiftRefractory, kTaylor   √(τ_syn/τ_m), the parameter of the expansion, is above 1/2
///   kAdiabatic         τ_syn < τ_m
/// Each sentence names the population that is farthest off. docs/theory/simulation.md has errors.
/// @throws std::invalid_argument when the state is not one of the field.
[[nodiscard]] std::vector<std::string> validity_notes(const MeanField& field,
                                                      const StationaryState& state);

}  // namespace nuphi
