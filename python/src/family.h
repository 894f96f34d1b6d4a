#pragma once

#include <nuphi/rates/sensitivity.h>

#include <string>
#include <vector>

#include "model.h"

namespace nuphi::python {

/// A model over some of its parameters, by the names that find_parameter() takes.
[[nodiscard]] ModelFamily family_of(const PyModel& m, const std::vector<std::string>& names);

}  // namespace nuphi::python
