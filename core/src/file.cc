#include <fcntl.h>
#include <nuphi/core/error.h>
#include <nuphi/core/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nuphi {
namespace {

constexpr std::size_t kSmallestPiece = std::size_t{1} << 16U;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

 private:
  int number_;
};

[[noreturn]] void fail(const std::string& name, const char* what) {
  if (errno == EISDIR) throw FileError(name + ": is a folder, not a file");
  throw FileError(name + ": " + what + ": " + std::strerror(errno));
}

/// What stat() promises, 0 where it promises nothing: a hint only, a file may grow or shrink.
std::size_t promised_size(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
}

std::size_t read_some(int descriptor, const std::string& name, char* to, std::size_t bytes) {
  while (true) {
    const ssize_t got = ::read(descriptor, to, bytes);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) fail(name, "cannot be read");
  }
}

}  // namespace

std::optional<std::string> read_descriptor(int descriptor, const std::string& name,
                                           std::size_t largest) {
  const std::size_t promised = promised_size(descriptor);
  if (promised > largest) return std::nullopt;
  std::string content;
  std::size_t used = 0;
  while (true) {
    // One byte more than promised: the end shows without another allocation.
    content.resize(std::max({promised + 1, used + kSmallestPiece, used + used / 2}));
    const std::size_t got =
        read_some(descriptor, name, content.data() + used, content.size() - used);
    used += got;
    if (used > largest) return std::nullopt;
    if (got > 0) continue;
    content.resize(used);
    return content;
  }
}

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t largest) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) fail(path.string(), "cannot be opened");
  const Descriptor descriptor(number);
  return read_descriptor(number, path.string(), largest);
}

}  // namespace nuphi
