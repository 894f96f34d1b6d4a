#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <utility>

/// What the program does when it is told to end: work stops, results so far are kept, nothing
/// temporary stays behind.
namespace nuphi::runner {

/// From now on SIGINT (Ctrl-C), SIGTERM and SIGHUP (batch systems) ask running work to stop; a
/// second one ends the program. Work that has not stopped after 0.9 s is left, with what
/// keep_for_emergency() holds. Any other signal but KILL removes temporary files on its way.
/// To be called before other threads start.
/// @param wait_for_work  never leave work under way (of many processes, all must stop together)
void watch_signals(bool wait_for_work = false);

[[nodiscard]] bool interrupted() noexcept;
[[nodiscard]] std::stop_token stop_requested();  ///< for the library's controls
[[nodiscard]] int interrupt_exit_code();         ///< 128 + the signal: 130, 143, 129

/// What to do when the program has to leave work that does not stop: write the results so far.
/// Called at most once, on another thread. Empty: nothing. Never returns while one is called.
void keep_for_emergency(std::function<void()> write);

/// keep_for_emergency() of what lives in a scope.
class EmergencyKeeper {
 public:
  explicit EmergencyKeeper(std::function<void()> write) { keep_for_emergency(std::move(write)); }
  ~EmergencyKeeper() { keep_for_emergency({}); }
  EmergencyKeeper(const EmergencyKeeper&) = delete;
  EmergencyKeeper& operator=(const EmergencyKeeper&) = delete;
};

/// Work is over and results are being written: from here on nothing is left half done. Never
/// returns when the program is being left already.
void begin_ending();

/// A file that must not outlive the process while this lives.
class TemporaryName {
 public:
  TemporaryName() = default;
  explicit TemporaryName(const std::string& path);
  ~TemporaryName() { forget(); }
  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;
  void set(const std::string& path);
  void forget();  ///< the file is gone, or is to stay

 private:
  int slot_ = -1;
};

/// A closed standard stream must not become the descriptor of the next file that is opened: it is
/// opened so that reading or writing fails.
void guard_standard_streams();

}  // namespace nuphi::runner
