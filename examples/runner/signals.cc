#include "signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace nuphi::runner {
namespace {

constexpr int kPatience = 900;  // ms

std::atomic<int> signal_seen = 0;
/// Who ends the program: the command that writes its results, or the watcher that leaves it.
std::atomic_flag ending_claimed = ATOMIC_FLAG_INIT;
thread_local bool ending_begun = false;

/// Never destroyed: the watching thread may outlive main().
struct Shared {
  std::stop_source stop;
  std::mutex mutex;
  std::function<void()> emergency;
};
Shared& shared() {
  static Shared& object = *new Shared;
  return object;
}

/// Names of temporary files where a signal handler can read them.
struct Slot {
  std::atomic<bool> used = false;
  std::atomic<bool> ready = false;
  std::array<char, PATH_MAX> path{};
};
std::array<Slot, 8> slots;

void remove_temporary_files() noexcept {
  for (Slot& slot : slots) {
    if (slot.ready.load()) ::unlink(slot.path.data());
  }
}

/// Signals that ask for an end. One ignored from the start (nohup) stays ignored.
sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  struct sigaction before {};
  if (::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  return set;
}

/// The signals that end a process by default, stop signals and KILL apart.
constexpr int kFatal[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,  SIGFPE, SIGUSR1, SIGSEGV,
                          SIGUSR2, SIGPIPE, SIGALRM, SIGXCPU, SIGPROF, SIGSYS, SIGIO,   SIGVTALRM};

extern "C" void on_fatal(int signal) {
  remove_temporary_files();
  ::raise(signal);  // SA_RESETHAND: with its default action
}

/// Where the watching thread hears of signals: a handler may write to a pipe, and little else.
std::array<int, 2> bell = {-1, -1};

extern "C" void on_ending(int signal) {
  const int before = errno;
  int none = 0;
  signal_seen.compare_exchange_strong(none, signal);
  const char byte = 0;
  (void)!::write(bell[1], &byte, 1);
  errno = before;
}

/// @return whether a signal came before `timeout` [ms] was over; -1 is never
bool wait_for_signal(int timeout) {
  pollfd heard{.fd = bell[0], .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&heard, 1, timeout);
  } while (ready < 0 && errno == EINTR);
  char byte = 0;
  return ready > 0 && ::read(bell[0], &byte, 1) == 1;
}

void handle(const sigset_t& set, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (sigismember(&set, signal) == 1) ::sigaction(signal, &action, nullptr);
}

void clean_up_on_fatal_signals() {
  struct sigaction action {};
  action.sa_handler = on_fatal;
  action.sa_flags = SA_RESETHAND | SA_NODEFER;
  for (const int signal : kFatal) {
    struct sigaction before {};
    const bool ours = ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL;
    if (ours) ::sigaction(signal, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond a limit of size fails and is reported
}

[[noreturn]] void leave() {
  remove_temporary_files();
  ::_exit(interrupt_exit_code());
}

/// Results so far, unless the command writes them already.
void leave_work() {
  if (ending_claimed.test_and_set()) return;
  ending_begun = true;
  const std::lock_guard lock(shared().mutex);
  try {
    if (shared().emergency) shared().emergency();
  } catch (const std::exception&) {
    // Nothing more can be kept.
  }
  leave();
}

void watch(const sigset_t& set, bool wait_for_work) {
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  if (!wait_for_signal(-1)) return;
  shared().stop.request_stop();
  if (wait_for_signal(wait_for_work ? -1 : kPatience)) leave();
  leave_work();
  wait_for_signal(-1);
  leave();
}

}  // namespace

void watch_signals(bool wait_for_work) {
  (void)shared();
  const sigset_t set = ending_signals();
  // Libraries may have started threads before main(), which take signals too: so a handler, not
  // sigwait(). Work is never disturbed by one.
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  try {
    if (::pipe2(bell.data(), O_CLOEXEC | O_NONBLOCK) != 0)
      throw std::system_error(errno, std::generic_category());
    handle(set, on_ending, SA_RESTART);
    std::thread([set, wait_for_work] { watch(set, wait_for_work); }).detach();
  } catch (const std::system_error&) {
    handle(set, on_fatal, SA_RESETHAND | SA_NODEFER);  // nobody can watch: signals end the program
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
  clean_up_on_fatal_signals();
}

bool interrupted() noexcept { return signal_seen.load() != 0; }

std::stop_token stop_requested() { return shared().stop.get_token(); }

int interrupt_exit_code() { return 128 + signal_seen.load(); }

void keep_for_emergency(std::function<void()> write) {
  const std::lock_guard lock(shared().mutex);
  shared().emergency = std::move(write);
}

void begin_ending() {
  if (ending_begun) return;
  ending_begun = true;
  while (ending_claimed.test_and_set()) ::pause();
}

TemporaryName::TemporaryName(const std::string& path) { set(path); }

void TemporaryName::set(const std::string& path) {
  forget();
  if (path.size() >= PATH_MAX) return;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].used.exchange(true)) continue;
    std::memcpy(slots[i].path.data(), path.c_str(), path.size() + 1);
    slots[i].ready = true;
    slot_ = static_cast<int>(i);
    return;
  }
}

void TemporaryName::forget() {
  if (slot_ < 0) return;
  slots[static_cast<std::size_t>(slot_)].ready = false;
  slots[static_cast<std::size_t>(slot_)].used = false;
  slot_ = -1;
}

void guard_standard_streams() {
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    const int opened = ::open("/dev/null", kModes[stream]);
    if (opened >= 0 && opened != stream) ::close(opened);
  }
}

}  // namespace nuphi::runner
