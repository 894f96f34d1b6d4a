#pragma once

#include <nuphi/solver/summary.h>

#include <functional>
#include <utility>

#include "signals.h"

namespace nuphi::runner {

/// A signal ends a solve after the iteration under way, with what has been found so far.
/// @param progress  called after every iteration; may be empty
inline SolveControl stop_on_signals(std::function<void()> progress = {}) {
  SolveControl control;
  control.stop = stop_requested();
  if (progress)
    control.progress = [progress = std::move(progress)](const Iteration&) { progress(); };
  return control;
}

}  // namespace nuphi::runner
