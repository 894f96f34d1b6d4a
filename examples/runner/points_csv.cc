#include "points_csv.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

namespace nuphi::runner {

PointsReader::PointsReader(const std::string& path, const std::vector<std::string>& required,
                           const std::vector<std::string>& optional)
    : input_(&file_) {
  if (path == "-") {
    input_ = &std::cin;
  } else {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
      throw FileError(fmt::format("cannot read \"{}\": it is a folder", path));
    file_.open(path, std::ios::binary);
    if (!file_) throw FileError(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
  }
  const std::string name = path == "-" ? "<stdin>" : path;
  if (!read_line()) {
    fail_at(name, 1, 1, "", "empty-file", "no header row", "the first row names the columns");
  }
  header_ = PointsHeader(name, line_, line_number_, required, optional);
}

bool PointsReader::read_line() {
  while (std::getline(*input_, line_)) {
    ++line_number_;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    if (!is_passed_over(line_)) return true;
  }
  return false;
}

bool PointsReader::next() {
  if (!read_line()) {
    row_ = PointsRow(header_, line_number_);
    return false;
  }
  row_.assign(line_, line_number_);
  return true;
}

bool PointsReader::has(std::string_view column) const {
  return header_.find(column) != PointsHeader::kAbsent;
}

std::string PointsReader::text(std::string_view column) const {
  std::string text(row_.text(header_.find(column)));
  for (std::size_t i = text.find("\"\""); i != std::string::npos; i = text.find("\"\"", i + 1))
    text.erase(i, 1);
  return text;
}

double PointsReader::number(std::string_view column) const {
  return row_.number(header_.find(column));
}

void PointsReader::fail(std::string_view column, std::string code, std::string message,
                        std::string hint) const {
  row_.fail(header_.find(column), std::move(code), std::move(message), std::move(hint));
}

}  // namespace nuphi::runner
