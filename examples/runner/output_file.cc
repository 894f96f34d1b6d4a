#include <fcntl.h>
#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "commands.h"
#include "files.h"
#include "printable.h"
#include "stale_files.h"

namespace nuphi::runner {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& path) {
  throw FileError(fmt::format("cannot write \"{}\": {}", path, std::strerror(errno)));
}

constexpr std::string_view kPartialLine = "# partial: interrupted before the end\n";

struct Identity {
  dev_t device;
  ino_t inode;
};
std::vector<Identity>& inputs() {
  static std::vector<Identity> list;
  return list;
}

bool is_input(const struct stat& status) {
  for (const Identity& input : inputs())
    if (input.device == status.st_dev && input.inode == status.st_ino) return true;
  return false;
}

/// What a chain of symbolic links ends at, there or not.
std::string behind_links(const std::string& path) {
  constexpr int kLongestChain = 40;
  fs::path target = path;
  std::error_code error;
  for (int k = 0; fs::is_symlink(target, error); ++k) {
    if (k == kLongestChain) {
      errno = ELOOP;
      fail(path);
    }
    target = target.parent_path() / fs::read_symlink(target, error);
  }
  return target.string();
}

/// Errors of a disk that only show once it is asked to keep its word. Where there is no disk behind
/// a file there is nothing to ask.
bool reached_the_disk(std::FILE* file) {
  return ::fsync(::fileno(file)) == 0 || (errno != EIO && errno != ENOSPC && errno != EDQUOT);
}

}  // namespace

void note_input(const fs::path& path) {
  struct stat status {};
  const int found = path == "-" ? ::fstat(STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
  if (found == 0 && S_ISREG(status.st_mode)) inputs().push_back({status.st_dev, status.st_ino});
}

std::string partial_name(const std::string& path) {
  fs::path name(path);
  const std::string extension = name.extension().string();
  return name.replace_extension(".partial" + extension).string();
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path.empty() || path == "-") {
    file_ = stdout;
    return;
  }
  target_ = behind_links(path);
  open_target();
}

void OutputFile::open_target() {
  struct stat status {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    at_once_ = true;
    file_ = std::fopen(target_.c_str(), "we");
    if (file_ == nullptr) fail(path_);
    return;
  }
  if (exists) {
    if (is_input(status))
      throw UsageError(fmt::format("--output \"{}\" is a file the command reads", path_));
    if (::access(target_.c_str(), W_OK) != 0) fail(path_);
    mode_ = static_cast<int>(status.st_mode & 07777U);
    in_place_ = status.st_nlink > 1 || status.st_uid != ::geteuid();
  }
  remove_stale_files(target_);
  remove_stale_files(partial_name(path_));
  open_temporary();
  if (file_ != nullptr) return;
  // The file can be written, its folder cannot.
  if (mode_ < 0) fail(path_);
  in_place_ = true;
  file_ = std::tmpfile();
  if (file_ == nullptr) fail(path_);
}

void OutputFile::open_temporary() {
  const std::string name = fmt::format("{}.{}.tmp", target_, ::getpid());
  constexpr int kNew = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  const int descriptor = ::open(name.c_str(), kNew, 0666);
  if (descriptor < 0) return;
  temporary_ = name;
  registered_.set(fs::absolute(name).string());
  (void)::flock(descriptor, LOCK_EX | LOCK_NB);  // tells others on the same disk that it is in use
  if (mode_ >= 0) (void)::fchmod(descriptor, static_cast<mode_t>(mode_));
  file_ = ::fdopen(descriptor, "w+");
  if (file_ == nullptr) fail(path_);
}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void OutputFile::write(std::string_view text) {
  // What people read, and whatever a terminal would obey, is made harmless.
  const bool shown = file_ == stdout && (path_.empty() || ::isatty(STDOUT_FILENO) == 1);
  if (shown) return print_out(text);
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
    fail(file_ == stdout ? "standard output" : path_);
}

void OutputFile::commit() {
  begin_ending();
  if (file_ == stdout) return flush_out();
  if (std::fflush(file_) != 0 || (!at_once_ && !reached_the_disk(file_))) fail(path_);
  if (in_place_) {
    write_in_place();
  } else if (!at_once_) {
    replace_target();
  }
  std::FILE* const file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0) fail(path_);
  if (!at_once_) print_error(fmt::format("wrote {}\n", one_line(path_)));
}

void OutputFile::replace_target() {
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_);
  temporary_.clear();
  registered_.forget();
}

void OutputFile::write_in_place() {
  std::FILE* const target = std::fopen(target_.c_str(), "we");
  if (target == nullptr) fail(path_);
  bool good = true;
  const bool read = copy_to([&](std::string_view piece) {
    good = good && std::fwrite(piece.data(), 1, piece.size(), target) == piece.size();
  });
  good = good && read && std::fflush(target) == 0 && reached_the_disk(target);
  const int code = errno;
  if (std::fclose(target) == 0 && good) return;
  errno = code;
  fail(path_);
}

/// What has been written, piece by piece. @return false where it cannot be read
bool OutputFile::copy_to(const std::function<void(std::string_view)>& write) {
  std::rewind(file_);
  std::array<char, 1 << 16> piece{};
  while (const std::size_t bytes = std::fread(piece.data(), 1, piece.size(), file_))
    write({piece.data(), bytes});
  return std::ferror(file_) == 0;
}

void OutputFile::commit_partial() {
  if (file_ == stdout || at_once_) {
    if (path_.empty()) write("partial: interrupted before the end\n");
    return commit();
  }
  begin_ending();
  OutputFile partial(partial_name(path_));
  const std::string extension = fs::path(path_).extension().string();
  if (extension == ".csv" || extension == ".yaml") partial.write(kPartialLine);
  if (std::fflush(file_) != 0 || !copy_to([&](std::string_view piece) { partial.write(piece); }))
    fail(path_);
  if (extension == ".svg") partial.write("<!-- partial: interrupted before the end -->\n");
  partial.commit();
  print_error(
      fmt::format("interrupted: these are the results so far; {} is as it was\n", one_line(path_)));
}

int finish(OutputFile& file, std::string_view text, bool partial) {
  begin_ending();
  file.write(text);
  if (!partial) {
    file.commit();
    return kSuccess;
  }
  file.commit_partial();
  return interrupt_exit_code();
}

int finish(OutputFile& file, const std::string& output,
           const std::function<std::string(bool partial)>& text, bool partial) {
  const EmergencyKeeper keeper([&] { write_so_far(output, text(true)); });
  std::string result = text(partial);
  if (!partial && interrupted()) {
    partial = true;
    result = text(true);
  }
  return finish(file, result, partial);
}

void write_so_far(const std::string& output, std::string_view text) {
  const bool named = !output.empty() && output != "-";
  OutputFile file(named ? partial_name(output) : output);
  const std::string extension = fs::path(output).extension().string();
  if (extension == ".csv") file.write(kPartialLine);
  file.write(text);
  file.commit();
}

}  // namespace nuphi::runner
