#pragma once

namespace nuphi::runner {

/// Log to stderr through spdlog; what Ceres says through glog goes the same way.
void start_logging(const char* program, bool verbose);

/// From now on Ctrl-C asks running work to stop instead of ending the program; a second one ends
/// it.
void catch_interrupt();
/// The same for SIGTERM, which mpirun and schedulers send.
void catch_termination();
[[nodiscard]] bool interrupted() noexcept;

}  // namespace nuphi::runner
