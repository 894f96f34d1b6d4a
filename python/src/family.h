#pragma once

#include <nuphi/rates/sensitivity.h>

#include <string>
#include <vector>

#include "model.h"

namespace nuphi::python {

/// The mean field of a model over some of its parameters or entries, around its present values.
/// @param m  must outlive the family
[[nodiscard]] ModelFamily family_of(const PyModel& m, const std::vector<std::string>& names);

}  // namespace nuphi::python
