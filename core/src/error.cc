#include <nuphi/core/error.h>

#include <algorithm>
#include <utility>

namespace nuphi {

std::string format_diagnostic(const Diagnostic& d) {
  std::string text;
  if (!d.file.empty()) {
    text += d.file + ":" + std::to_string(std::max(d.line, 1)) + ":" +
            std::to_string(std::max(d.column, 1)) + ": ";
  } else if (!d.path.empty()) {
    text += d.path + ": ";
  }
  text += "error: ";
  text += d.message + " [" + d.code + "]";
  if (!d.source.empty()) {
    text += "\n  " + d.source + "\n  ";
    // The caret stands under a column counted in bytes; a tab stays a tab so that it lines up on a
    // terminal, and the continuation bytes of UTF-8 take no room.
    for (int i = 0; i + 1 < d.column && i < static_cast<int>(d.source.size()); ++i) {
      const auto byte = static_cast<unsigned char>(d.source[i]);
      if ((byte & 0xC0U) == 0x80U) continue;
      text += byte == '\t' ? '\t' : ' ';
    }
    text += '^';
  }
  if (!d.hint.empty()) text += "\n  help: " + d.hint;
  return text;
}

std::string format_diagnostics(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    if (!text.empty()) text += '\n';
    text += format_diagnostic(d);
  }
  return text;
}

ModelError::ModelError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(format_diagnostics(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace nuphi
