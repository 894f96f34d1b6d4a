#include "text_check.h"

#include <algorithm>

#include "faults.h"

namespace nuphi::loader {
namespace {

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

std::optional<std::string_view> Lines::next() {
  if (rest_.empty()) return std::nullopt;
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++number_;
  return line;
}

void report_too_large(Faults& faults) {
  faults.add_at("too-large", 1, 1, "", "the file is larger than 64 MiB",
                "put large matrices into files: `{file: K.npy}`");
}

bool check_text(std::string_view text, Faults& faults) {
  if (text.size() > kLargestModel) {
    report_too_large(faults);
    return false;
  }
  Lines lines(text);
  while (const std::optional<std::string_view> line = lines.next()) {
    if (const std::size_t good = text_prefix(*line); good < line->size()) {
      faults.add_at("not-text", lines.number(), static_cast<int>(good) + 1, "",
                    "a byte that is no text; a model file is UTF-8 text");
      return false;
    }
    if (const std::size_t tab = indentation_tab(*line); tab != std::string::npos) {
      faults.add_at("tab", lines.number(), static_cast<int>(tab) + 1, "",
                    "a tab in the indentation", "indent with spaces");
      return false;
    }
  }
  return true;
}

}  // namespace nuphi::loader
