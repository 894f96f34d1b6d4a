#pragma once

#include <chrono>
#include <string>

namespace nuphi::runner {

/// A bar on standard error while long work runs; nothing at all when that is not a terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::string label);
  ~ProgressBar();  ///< wipes the bar
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// @param fraction  in [0, 1]; drawn a few times a second at most
  void update(double fraction, const std::string& text);

 private:
  std::string label_;
  bool shown_ = false;
  bool terminal_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace nuphi::runner
