// Preloaded before a program: reading a file whose name ends in NUPHI_FAILING_FILE gives EIO after
// the first NUPHI_FAILING_AFTER bytes, as a failing disk does.
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using Read = ssize_t (*)(int, void*, std::size_t);

bool fails(int descriptor) {
  const char* const name = std::getenv("NUPHI_FAILING_FILE");
  if (name == nullptr) return false;
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
  return length > 0 &&
         std::string_view(target.data(), static_cast<std::size_t>(length)).ends_with(name);
}

}  // namespace

extern "C" ssize_t read(int descriptor, void* to, std::size_t bytes) {
  static const auto real = reinterpret_cast<Read>(::dlsym(RTLD_NEXT, "read"));
  if (!fails(descriptor)) return real(descriptor, to, bytes);
  const char* const after = std::getenv("NUPHI_FAILING_AFTER");
  const off_t limit = after == nullptr ? 0 : std::atol(after);
  const off_t at = ::lseek(descriptor, 0, SEEK_CUR);
  if (at >= limit) {
    errno = EIO;
    return -1;
  }
  return real(descriptor, to, std::min(bytes, static_cast<std::size_t>(limit - at)));
}
