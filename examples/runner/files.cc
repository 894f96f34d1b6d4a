#include "files.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "commands.h"

namespace nuphi::runner {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw FileError(fmt::format("cannot write \"{}\": {}", path, std::strerror(errno)));
}

std::string_view extension(Format format) {
  switch (format) {
    case Format::kJson:
      return ".json";
    case Format::kCsv:
      return ".csv";
    case Format::kYaml:
      return ".yaml";
    case Format::kSvg:
      return ".svg";
    case Format::kTable:
      break;
  }
  return "";
}

}  // namespace

Format format_of(const std::string& output, std::initializer_list<Format> allowed) {
  if (output.empty()) return Format::kTable;
  if (output == "-") return Format::kJson;
  const std::string found = std::filesystem::path(output).extension().string();
  std::string known;
  for (const Format format : allowed) {
    if (found == extension(format)) return format;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", extension(format));
  }
  throw UsageError(fmt::format(
      "--output \"{}\": the extension chooses the format; allowed are {}, or - for JSON on "
      "standard output",
      output, known));
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path == "-") {
    file_ = stdout;
    return;
  }
  // A device or pipe (/dev/stdout, /dev/null) can only be written in place.
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    file_ = std::fopen(path.c_str(), "w");
    if (file_ == nullptr) fail(path);
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) fail(path);
  temporary_ = fmt::format("{}.{}.partial", path, ::getpid());
  file_ = std::fopen(temporary_.c_str(), "w");
  if (file_ == nullptr) fail(path);
}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail(path_);
}

void OutputFile::commit() {
  if (file_ == stdout) {
    if (std::fflush(stdout) != 0) fail(path_);
    return;
  }
  std::FILE* const file = file_;
  file_ = nullptr;
  if (std::fclose(file) != 0) fail(path_);
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_);
  temporary_.clear();
}

std::string round_trip(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{}", value);
}

}  // namespace nuphi::runner
