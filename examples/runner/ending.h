#pragma once

#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <string>
#include <string_view>

#include "result_io.h"

/// How commands end before their results are there.
namespace nuphi::runner {

/// Says why there is no state to work with. @param purpose  "to judge"
/// @return kNotConverged, or 128 + the signal that stopped the search
int no_state(const Summary& summary, std::string_view purpose);

/// What is known once a stationary state is: the partial result of analyses of it.
Json state_so_far(const Model& model, const StationaryState& state, std::string_view format);

/// keep_for_emergency() of a text that becomes the partial result of `output`.
void keep_so_far(const std::string& output, std::string text);

}  // namespace nuphi::runner
