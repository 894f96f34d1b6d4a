#pragma once

#include <nuphi/models/network.h>

#include "commands.h"

namespace nuphi::runner {

/// What --colour-response, --refractoriness and --variance-response say. @throws UsageError
ResponseChoice choice_of(const ResponseWords& words);

/// The choice of the command line where it says something, else that of the model.
ResponseChoice chosen_response(const ResponseChoice& model, const ResponseWords& words);

/// "settings" of a result: what was used, all three decided.
struct ResponseSettings {
  std::string colour, refractoriness;
  bool variance = true;
};
ResponseSettings settings_of(const ResponseChoice& choice);

}  // namespace nuphi::runner
