#include "text_check.h"

#include <algorithm>

#include "faults.h"

namespace nuphi::loader {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20U;

/// Length of the UTF-8 character at the start of the text, 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool beyond = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || beyond ? 0 : length;
}

/// Bytes of the line that are text; all of them if it is sound.
std::size_t text_prefix(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size()) {
    const auto byte = static_cast<unsigned char>(line[at]);
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7F;
    const std::size_t length = control ? 0 : utf8_length(line.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

/// Place of a tab in the indentation of a line that holds more than a comment.
std::size_t indentation_tab(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos || line[first] == '#') return std::string_view::npos;
  return line.substr(0, first).find('\t');
}

}  // namespace

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool check_text(std::string_view text, Faults& faults) {
  if (text.size() > kLargestFile) {
    faults.add_at("too-large", 1, 1, "", "the file is larger than 64 MiB",
                  "put large matrices into files: `{file: K.npy}`");
    return false;
  }
  bool sound = true;
  const std::vector<std::string> lines = split_lines(text);
  for (std::size_t i = 0; i < lines.size() && sound; ++i) {
    const int number = static_cast<int>(i) + 1;
    if (const std::size_t good = text_prefix(lines[i]); good < lines[i].size()) {
      faults.add_at("not-text", number, static_cast<int>(good) + 1, "",
                    "a byte that is no text; a model file is UTF-8 text");
      sound = false;
    } else if (const std::size_t tab = indentation_tab(lines[i]); tab != std::string::npos) {
      faults.add_at("tab", number, static_cast<int>(tab) + 1, "", "a tab in the indentation",
                    "indent with spaces");
      sound = false;
    }
  }
  return sound;
}

}  // namespace nuphi::loader
