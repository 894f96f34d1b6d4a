#include "line_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "points_row.h"
#include "signals.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 24;
constexpr int kLookAgain = 100;  // [ms]

}  // namespace

LineSource::LineSource(const std::string& path)
    : path_(path), size_(std::numeric_limits<double>::quiet_NaN()) {
  descriptor_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail();
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return;
  if (S_ISDIR(status.st_mode)) {
    ::close(descriptor_);
    throw FileError(fmt::format("cannot read \"{}\": it is a folder", path));
  }
  if (S_ISREG(status.st_mode)) size_ = static_cast<double>(status.st_size);
}

LineSource::~LineSource() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

void LineSource::fail() const {
  throw FileError(fmt::format("cannot read \"{}\": {}", path_, std::strerror(errno)));
}

std::optional<LineSource::Piece> LineSource::next(std::size_t bytes) {
  std::string text = std::move(rest_);
  rest_.clear();
  std::size_t searched = 0;
  while (!at_end_) {
    append(text, bytes);
    const std::size_t end = text.rfind('\n');
    if (end != std::string::npos && end >= searched) {
      rest_ = text.substr(end + 1);
      text.resize(end + 1);
      break;
    }
    searched = text.size();
    if (text.size() > kLongestLine) {
      fail_at(name(), line_, 1, "", "long-line",
              fmt::format("a line of more than {} MiB", kLongestLine >> 20U),
              "a table of points has one row a line");
    }
  }
  // The last line of a source that was stopped may not be whole.
  if (stopped_) text.resize(text.rfind('\n') + 1);
  if (text.empty()) return std::nullopt;
  Piece piece{std::move(text), line_};
  line_ += static_cast<int>(std::count(piece.text.begin(), piece.text.end(), '\n'));
  read_ += static_cast<double>(piece.text.size());
  return piece;
}

void LineSource::put_back(Piece piece) {
  rest_.insert(0, piece.text);
  line_ = piece.first_line;
  read_ -= static_cast<double>(piece.text.size());
}

/// Until there is something to read. @return false when the program was told to end meanwhile
bool LineSource::wait() {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  while (!interrupted()) {
    if (::poll(&waiting, 1, kLookAgain) != 0) return true;
  }
  return false;
}

void LineSource::append(std::string& text, std::size_t bytes) {
  const std::size_t before = text.size();
  text.resize(before + bytes);
  std::size_t used = before;
  while (used < text.size()) {
    stopped_ = !wait();
    if (stopped_) break;
    const ssize_t got = ::read(descriptor_, text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail();
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  at_end_ = used < text.size();
  text.resize(used);
}

}  // namespace nuphi::runner
