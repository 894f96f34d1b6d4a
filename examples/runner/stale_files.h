#pragma once

#include <string>

namespace nuphi::runner {

/// Removes NAME.PID.tmp of processes that are dead: killed while they wrote NAME.
void remove_stale_files(const std::string& name);

}  // namespace nuphi::runner
