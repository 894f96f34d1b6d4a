#include "points_csv.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <limits>

namespace nuphi::runner {

PointsReader::PointsReader(const std::string& path, std::vector<std::string> required,
                           std::vector<std::string> optional)
    : path_(path), input_(&file_) {
  if (path == "-") {
    input_ = &std::cin;
  } else {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
      throw FileError(fmt::format("cannot read \"{}\": it is a folder", path));
    file_.open(path, std::ios::binary);
    if (!file_) throw FileError(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
    size_ = static_cast<double>(std::filesystem::file_size(path, error));
  }
  read_header(required, optional);
}

bool PointsReader::read_line() {
  while (std::getline(*input_, line_)) {
    ++line_number_;
    bytes_read_ += static_cast<double>(line_.size() + 1);
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    const std::size_t first = line_.find_first_not_of(" \t");
    if (first != std::string::npos && line_[first] != '#') return true;
  }
  return false;
}

void PointsReader::split() {
  fields_.clear();
  positions_.clear();
  std::size_t i = 0;
  while (true) {
    std::string field;
    positions_.push_back(static_cast<int>(i) + 1);
    if (i < line_.size() && line_[i] == '"') {
      for (++i; i < line_.size(); ++i) {
        if (line_[i] == '"' && (i + 1 == line_.size() || line_[i + 1] != '"')) break;
        if (line_[i] == '"') ++i;  // a doubled quote stands for one
        field += line_[i];
      }
      i = line_.find(',', i);
    } else {
      const std::size_t end = std::min(line_.find(',', i), line_.size());
      const std::size_t first = line_.find_first_not_of(" \t", i);
      const std::size_t last = line_.find_last_not_of(" \t", end == 0 ? 0 : end - 1);
      if (first < end && last != std::string::npos && last >= first)
        field = line_.substr(first, last - first + 1);
      i = end == line_.size() ? std::string::npos : end;
    }
    fields_.push_back(std::move(field));
    if (i == std::string::npos) return;
    ++i;
  }
}

void PointsReader::read_header(const std::vector<std::string>& required,
                               const std::vector<std::string>& optional) {
  if (!read_line()) {
    line_number_ = 1;
    fail("", "empty-file", "no header row", "the first row names the columns");
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  split();
  columns_ = fields_;
  header_line_ = line_;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string& name = columns_[i];
    const auto is_name = [&](const std::string& other) { return other == name; };
    if (std::count_if(columns_.begin(), columns_.end(), is_name) > 1) {
      fail(name, "duplicate-column", fmt::format("column \"{}\" stands twice in the header", name));
    }
    if (std::none_of(required.begin(), required.end(), is_name) &&
        std::none_of(optional.begin(), optional.end(), is_name)) {
      fail(name, "unknown-column", fmt::format("unknown column \"{}\"", name),
           fmt::format("columns are {}; optional: {}", fmt::join(required, ","),
                       fmt::join(optional, ",")));
    }
  }
  for (const std::string& name : required) {
    if (!has(name)) {
      fail("", "missing-column", fmt::format("column \"{}\" is missing", name),
           fmt::format("needed are {}", fmt::join(required, ",")));
    }
  }
}

bool PointsReader::next() {
  if (!read_line()) return false;
  split();
  if (fields_.size() != columns_.size()) {
    fail("", "field-count",
         fmt::format("{} fields where the header has {}", fields_.size(), columns_.size()));
  }
  return true;
}

std::string PointsReader::padded_line() const {
  if (fields_.size() == columns_.size()) return line_;
  std::string text;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    text += (i == 0 ? "" : ",") + (i < fields_.size() ? csv_field(fields_[i]) : "nan");
  }
  return text;
}

std::size_t PointsReader::index(std::string_view column) const {
  return static_cast<std::size_t>(std::find(columns_.begin(), columns_.end(), column) -
                                  columns_.begin());
}

bool PointsReader::has(std::string_view column) const { return index(column) < columns_.size(); }

const std::string& PointsReader::text(std::string_view column) const {
  return fields_[index(column)];
}

double PointsReader::number(std::string_view column) const {
  const std::string& field = text(column);
  char* end = nullptr;
  const double value = std::strtod(field.c_str(), &end);
  if (field.empty() || end != field.c_str() + field.size()) {
    fail(column, "not-a-number",
         fmt::format("column \"{}\": expected a number, found \"{}\"", column, field));
  }
  return value;
}

double PointsReader::fraction_read() {
  return size_ > 0 ? bytes_read_ / size_ : std::numeric_limits<double>::quiet_NaN();
}

void PointsReader::fail(std::string_view column, std::string code, std::string message,
                        std::string hint) const {
  Diagnostic d;
  d.code = std::move(code);
  d.file = path_ == "-" ? "<stdin>" : path_;
  d.line = line_number_;
  const std::size_t field = index(column);
  d.column = field < positions_.size() ? positions_[field] : 1;
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.source = line_;
  throw ModelError({d});
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c == '\n' || c == '\r' ? ' ' : c;
  }
  return quoted + '"';
}

}  // namespace nuphi::runner
