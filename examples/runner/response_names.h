#pragma once

#include <nuphi/models/network.h>

#include "commands.h"
#include "result_io.h"

namespace nuphi::runner {

/// What --colour-response, --refractoriness and --variance-response say. @throws UsageError
ResponseChoice choice_of(const ResponseWords& words);

/// The choice of the command line where it says something, else that of the model.
ResponseChoice chosen_response(const ResponseChoice& model, const ResponseWords& words);

/// Adds what was used, all three decided, to the "settings" of a result.
void add_response(Json& settings, const ResponseChoice& choice);

}  // namespace nuphi::runner
