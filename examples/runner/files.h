#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "signals.h"

namespace nuphi::runner {

enum class Format { kTable, kJson, kCsv, kYaml, kSvg };

/// The format an output path asks for: "" a table, "-" JSON, else by extension. @throws UsageError
/// for another extension.
Format format_of(const std::string& output, std::initializer_list<Format> allowed);

/// A file the command reads ("-" is standard input): no output may take its place.
void note_input(const std::filesystem::path& path);

/// "runs/x.json" → "runs/x.partial.json"
std::string partial_name(const std::string& path);

/// A result file that appears whole or not at all: written beside its target as NAME.PID.tmp and
/// put into its place by commit(). As with cp, a symbolic link is followed, the mode of an existing
/// file stays, and a file of several names (hard links) or of another owner is written in place.
/// Temporary files of dead processes are removed. Opening fails at once when the target cannot be
/// written, before any work is done for it.
class OutputFile {
 public:
  /// @param path  "-" is standard output, "" the same with text for people
  /// @throws FileError; UsageError for a path that is an input
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);  ///< @throws FileError
  /// Says on standard error what was written. @throws FileError
  void commit();
  /// Results so far: they go to NAME.partial.EXT, NAME stays as it was. @throws FileError
  void commit_partial();

 private:
  void open_target();
  void open_temporary();
  void write_in_place();
  void replace_target();
  bool copy_to(const std::function<void(std::string_view)>& write);

  std::string path_;
  std::string target_;     ///< behind symbolic links
  std::string temporary_;  ///< empty: written to the target at once, or unnamed
  TemporaryName registered_;
  std::FILE* file_ = nullptr;
  bool at_once_ = false;   ///< a device or pipe
  bool in_place_ = false;  ///< at the end, instead of replacing the file
  int mode_ = -1;          ///< of the file that is replaced
};

/// Ends a command: commit(), or commit_partial() where it was stopped.
/// @return kSuccess, or 128 + the signal
int finish(OutputFile& file, std::string_view text, bool partial);

/// The same of a text that takes work, such as counting modes: a signal meanwhile makes the result
/// partial. Where work has to be left, the text is made from what there is.
/// @param text  of a partial result or not; on another thread too, beside the first call
int finish(OutputFile& file, const std::string& output,
           const std::function<std::string(bool partial)>& text, bool partial);

/// `text` as the partial result of `output`, without the file that waits for a complete one.
void write_so_far(const std::string& output, std::string_view text);

/// Shortest text that reads back as the same double; "inf", "-inf", "nan".
std::string round_trip(double value);

}  // namespace nuphi::runner
