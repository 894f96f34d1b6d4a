#include "stale_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>

namespace nuphi::runner {
namespace {

namespace fs = std::filesystem;

/// Of "NAME.PID.tmp".
std::optional<pid_t> process_of(std::string_view file, std::string_view name) {
  constexpr std::string_view kEnd = ".tmp";
  if (!file.starts_with(name) || !file.ends_with(kEnd)) return std::nullopt;
  if (file.size() < name.size() + kEnd.size() + 2 || file[name.size()] != '.') return std::nullopt;
  const std::string_view digits =
      file.substr(name.size() + 1, file.size() - name.size() - kEnd.size() - 1);
  pid_t process = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  const bool number = error == std::errc() && end == digits.data() + digits.size() && process > 0;
  return number ? std::optional(process) : std::nullopt;
}

/// A process on another machine, or in another container, has a number that says nothing here: its
/// lock on the file does.
bool is_locked(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return true;
  const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return locked;
}

bool is_dead(pid_t process) {
  return process == ::getpid() || (::kill(process, 0) != 0 && errno == ESRCH);
}

}  // namespace

void remove_stale_files(const std::string& name) {
  const fs::path path(name);
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::optional<pid_t> process =
        process_of(at->path().filename().native(), path.filename().native());
    if (!process || !is_dead(*process) || is_locked(at->path())) continue;
    std::error_code ignored;
    fs::remove(at->path(), ignored);
  }
}

}  // namespace nuphi::runner
