#pragma once

namespace nuphi::runner {

/// Log to stderr through spdlog; what Ceres says through glog goes the same way.
void start_logging(const char* program, bool verbose);

}  // namespace nuphi::runner
