#include "printable.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nuphi::runner {
namespace {

struct Character {
  unsigned code = 0;
  std::size_t length = 0;  ///< bytes; 0: no UTF-8
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  unsigned code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  return {code, length};
}

bool is_control(unsigned code) {
  const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 || turns;
}

std::string escaped(std::string_view text, bool lines) {
  std::string result;
  while (!text.empty()) {
    const Character c = first_character(text);
    const bool layout = lines && (c.code == '\n' || c.code == '\t') && c.length == 1;
    if (c.length == 0) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_control(c.code) && !layout) {
      result +=
          c.code < 0x100 ? fmt::format("\\x{:02x}", c.code) : fmt::format("\\u{:04x}", c.code);
    } else {
      result += text.substr(0, c.length);
    }
    text.remove_prefix(c.length == 0 ? 1 : c.length);
  }
  return result;
}

[[noreturn]] void fail() {
  throw FileError(fmt::format("cannot write standard output: {}", std::strerror(errno)));
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, true); }

std::string one_line(std::string_view text) { return escaped(text, false); }

void print_out(std::string_view text) {
  const std::string shown = printable(text);
  if (std::fwrite(shown.data(), 1, shown.size(), stdout) != shown.size()) fail();
}

void print_error(std::string_view text) {
  const std::string shown = printable(text);
  (void)std::fwrite(shown.data(), 1, shown.size(), stderr);
}

void flush_out() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) fail();
}

}  // namespace nuphi::runner
