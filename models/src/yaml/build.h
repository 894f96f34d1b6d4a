#pragma once

#include <span>

#include "faults.h"
#include "parameters.h"
#include "plan.h"

namespace nuphi::loader {

/// Plan and the values of its formulas → Model (without its parameters). Rules that depend on
/// values are checked here, with their places in the file.
/// @param formulas  values in SI; NaN for one that was reported
/// @param neurons   in place of what the file says
Model build_model(const Plan& plan, std::span<const double> formulas, const NeuronValues& neurons,
                  Faults& faults);

}  // namespace nuphi::loader
