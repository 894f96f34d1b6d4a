#pragma once

#include <nuphi/core/export.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// One fault of a user's input, for which it is refused: where it is, what was found, and how to
/// mend it.
struct Diagnostic {
  std::string code;     ///< stable short name of the rule, e.g. "unknown-key"
  std::string path;     ///< key path inside the model, e.g. "connections[0].weight"
  std::string file;     ///< file the fault is in; empty for a network built in code
  int line = 0;         ///< from 1; 0 where there is no file
  int column = 0;       ///< from 1
  std::string message;  ///< what was found and what is allowed
  std::string hint;     ///< how to mend it; may be empty
  std::string source;   ///< the offending line of the file, for the caret; may be empty
};

/// `file:line:column: error: message [code]`, the line with a caret, the hint. Ends without a
/// newline.
std::string format_diagnostic(const Diagnostic& diagnostic);
/// All of them, each from a new line.
std::string format_diagnostics(const std::vector<Diagnostic>& diagnostics);

/// The user's model is wrong. `what()` is the formatted list.
class ModelError : public std::runtime_error {
 public:
  /// @param diagnostics  the faults; they make up what()
  explicit ModelError(std::vector<Diagnostic> diagnostics);
  /// The faults, in the order they were found.
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// A file that could not be opened, read or written (as opposed to one with wrong content).
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @}
}  // namespace nuphi
