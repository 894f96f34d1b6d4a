#include "points_csv.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <nuphi/core/file.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "files.h"

namespace nuphi::runner {

PointsReader::PointsReader(const std::string& path, const std::vector<std::string>& required,
                           const std::vector<std::string>& optional) {
  const std::string name = path == "-" ? "<stdin>" : path;
  note_input(path);
  std::optional<std::string> content =
      path == "-" ? read_descriptor(STDIN_FILENO, name) : read_file(path);
  if (!content) throw FileError(fmt::format("cannot read \"{}\": more than 256 MiB", name));
  content_ = std::move(*content);
  rest_ = content_;
  if (!read_line()) {
    fail_at(name, 1, 1, "", "empty-file", "no header row", "the first row names the columns");
  }
  header_ = PointsHeader(name, line_, line_number_, required, optional);
}

bool PointsReader::read_line() {
  while (!rest_.empty()) {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
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
