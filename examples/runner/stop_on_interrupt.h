#pragma once

#include <nuphi/solver/solve_control.h>

#include <functional>
#include <stop_token>

#include "logging.h"

namespace nuphi::runner {

/// Ctrl-C ends a solve after the iteration under way, with what has been found so far.
class StopOnInterrupt {
 public:
  /// @param progress  called after every iteration; may be empty
  explicit StopOnInterrupt(std::function<void()> progress = {}) : progress_(std::move(progress)) {
    control_.stop = source_.get_token();
    control_.progress = [this](const Iteration&) {
      if (interrupted()) source_.request_stop();
      if (progress_) progress_();
    };
  }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;
  [[nodiscard]] const SolveControl& control() const { return control_; }

 private:
  std::function<void()> progress_;
  std::stop_source source_;
  SolveControl control_;
};

}  // namespace nuphi::runner
