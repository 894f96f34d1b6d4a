#include "files.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "commands.h"

namespace nuphi::runner {
namespace {

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

std::string round_trip(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{}", value);
}

}  // namespace nuphi::runner
