#include "points_row.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace nuphi::runner {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kLongestShown = 400;  ///< a longer line is left out of messages

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Where the quoted field that starts at `begin` closes; the end of the line if it does not.
std::size_t closing_quote(std::string_view line, std::size_t begin) {
  std::size_t i = begin + 1;
  for (; i < line.size(); ++i) {
    if (line[i] != '"') continue;
    if (i + 1 == line.size() || line[i + 1] != '"') return i;
    ++i;  // a doubled quote stands for one
  }
  return line.size();
}

/// Column of a field in its line, from 1.
int place_of(std::string_view field, std::string_view line) {
  return field.empty() ? 1 : static_cast<int>(field.data() - line.data()) + 1;
}

/// False unless all of the text is a number. As strtod, which takes over where from_chars declines:
/// a plus sign, hexadecimal, numbers that underflow or overflow.
bool parse(std::string_view text, double& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return true;
  if (text.empty()) return false;
  const std::string copy(text);
  char* after = nullptr;
  value = std::strtod(copy.c_str(), &after);
  return after == copy.c_str() + copy.size();
}

}  // namespace

void fail_at(const std::string& file, int line_number, int column, std::string_view line,
             std::string code, std::string message, std::string hint) {
  Diagnostic d;
  d.code = std::move(code);
  d.file = file;
  d.line = line_number;
  d.column = column;
  d.message = std::move(message);
  d.hint = std::move(hint);
  if (line.size() <= kLongestShown) d.source = line;
  throw ModelError({d});
}

bool is_passed_over(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  return first == std::string_view::npos || line[first] == '#';
}

void split_fields(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  while (true) {
    if (begin < line.size() && line[begin] == '"') {
      const std::size_t close = closing_quote(line, begin);
      fields.push_back(line.substr(begin + 1, close - begin - 1));
      begin = line.find(',', close);
    } else {
      const std::size_t comma = line.find(',', begin);
      fields.push_back(trimmed(line.substr(begin, comma - begin)));
      begin = comma;
    }
    if (begin == std::string_view::npos) return;
    ++begin;
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c == '\n' || c == '\r' ? ' ' : c;
  }
  return quoted + '"';
}

PointsHeader::PointsHeader(std::string file, std::string_view line, int line_number,
                           const std::vector<std::string>& required,
                           const std::vector<std::string>& optional)
    : file_(std::move(file)), line_number_(line_number) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  line_ = line;
  std::vector<std::string_view> fields;
  split_fields(line_, fields);
  columns_.assign(fields.begin(), fields.end());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string& name = columns_[i];
    const int place = place_of(fields[i], line_);
    const auto is_name = [&](const std::string& other) { return other == name; };
    if (find(name) != i) {
      fail_at(file_, line_number_, place, line_, "duplicate-column",
              fmt::format("column \"{}\" stands twice in the header", name));
    }
    if (std::none_of(required.begin(), required.end(), is_name) &&
        std::none_of(optional.begin(), optional.end(), is_name)) {
      fail_at(file_, line_number_, place, line_, "unknown-column",
              fmt::format("unknown column \"{}\"", name),
              fmt::format("columns are {}; optional: {}", fmt::join(required, ","),
                          optional.empty() ? "none" : fmt::format("{}", fmt::join(optional, ","))));
    }
  }
  for (const std::string& name : required) {
    if (find(name) == kAbsent)
      fail_missing(name, fmt::format("needed are {}", fmt::join(required, ",")));
  }
}

std::size_t PointsHeader::find(std::string_view name) const {
  const auto place = std::find(columns_.begin(), columns_.end(), name);
  return place == columns_.end() ? kAbsent : static_cast<std::size_t>(place - columns_.begin());
}

void PointsHeader::fail_missing(std::string_view name, const std::string& hint) const {
  fail_at(file_, line_number_, 1, line_, "missing-column",
          fmt::format("column \"{}\" is missing", name), hint);
}

void PointsRow::assign(std::string_view line, int line_number) {
  line_ = line;
  line_number_ = line_number;
  split_fields(line, fields_);
  if (fields_.size() != header_->columns().size()) {
    fail(
        PointsHeader::kAbsent, "field-count",
        fmt::format("{} fields where the header has {}", fields_.size(), header_->columns().size()),
        "a row has one field for each column of the header");
  }
}

double PointsRow::number(std::size_t column) const {
  double value = 0;
  if (parse(text(column), value)) return value;
  fail(column, "not-a-number",
       fmt::format("column \"{}\": expected a number, found \"{}\"", header_->columns()[column],
                   text(column)));
}

double PointsRow::finite_number(std::size_t column) const {
  const double value = number(column);
  if (std::isfinite(value)) return value;
  fail(column, "not-finite",
       fmt::format("column \"{}\": expected a finite number, found \"{}\"",
                   header_->columns()[column], text(column)));
}

std::string PointsRow::padded_line() const {
  if (fields_.size() == header_->columns().size()) return std::string(line_);
  std::string padded;
  for (std::size_t i = 0; i < header_->columns().size(); ++i) {
    padded += (i == 0 ? "" : ",") + (i < fields_.size() ? csv_field(fields_[i]) : "nan");
  }
  return padded;
}

void PointsRow::fail(std::size_t column, std::string code, std::string message,
                     std::string hint) const {
  const int place = column < fields_.size() ? place_of(fields_[column], line_) : 1;
  fail_at(header_->file(), line_number_, place, line_, std::move(code), std::move(message),
          std::move(hint));
}

}  // namespace nuphi::runner
