#pragma once

#include <span>

#include "faults.h"
#include "parameters.h"
#include "plan.h"

namespace nuphi::loader {

/// Plan and the values of its formulas → Model (without its parameters). Rules that depend on
/// values are checked here, with their places in the file. @param formulas  values in SI; NaN for
/// one that was reported
Model build_model(const Plan& plan, std::span<const double> formulas, Faults& faults);

}  // namespace nuphi::loader
