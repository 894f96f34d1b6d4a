#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/summary.h>

#include <functional>
#include <memory>
#include <stop_token>

namespace spdlog {
class logger;
}

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// What the caller holds in its hands while a solve runs. Everything may stay empty.
struct SolveControl {
  /// Looked at once an iteration; a request ends the solve with Termination::kInterrupted and the
  /// best point seen.
  std::stop_token stop;
  /// Called after every iteration, on the solving thread.
  std::function<void(const Iteration&)> progress;
  /// Where iterations (trace), method changes (debug) and outcomes (info) are logged; null:
  /// nowhere.
  std::shared_ptr<spdlog::logger> logger;
};

/// @}
}  // namespace nuphi
