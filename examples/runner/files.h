#pragma once

#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>

namespace nuphi::runner {

enum class Format { kTable, kJson, kCsv, kYaml, kSvg };

/// The format an output path asks for: "" a table, "-" JSON, else by extension. @throws UsageError
/// for another extension.
Format format_of(const std::string& output, std::initializer_list<Format> allowed);

/// A result file that appears whole or not at all: written beside its target and renamed by
/// commit(). Opening fails at once when the target cannot be written, before any work is done for
/// it. "-" is standard output.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);  ///< @throws FileError
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);  ///< @throws FileError
  void commit();                      ///< @throws FileError

 private:
  std::string path_;
  std::string temporary_;
  std::FILE* file_ = nullptr;
};

/// Shortest text that reads back as the same double; "inf", "-inf", "nan".
std::string round_trip(double value);

}  // namespace nuphi::runner
