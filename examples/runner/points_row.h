#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nuphi::runner {

/// Header row of a CSV: names of the columns, in any order.
class PointsHeader {
 public:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  PointsHeader() = default;
  /// @param file  what messages call it
  /// @throws ModelError with file:line:column for an unknown, a repeated or a missing name
  PointsHeader(std::string file, std::string_view line, int line_number,
               const std::vector<std::string>& required, const std::vector<std::string>& optional);

  [[nodiscard]] std::size_t find(std::string_view name) const;  ///< kAbsent if there is none
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }

  /// @throws ModelError at the header, for a column that is needed after all
  [[noreturn]] void fail_missing(std::string_view name, const std::string& hint) const;

 private:
  std::string file_;
  std::string line_;
  int line_number_ = 1;
  std::vector<std::string> columns_;
};

/// One row of a CSV: fields with blanks and quotes around them removed. Its faults are ModelErrors
/// with file:line:column. It refers to the header and to the text it was given.
class PointsRow {
 public:
  /// No fields yet; messages name the line.
  explicit PointsRow(const PointsHeader& header, int line_number = 1)
      : header_(&header), line_number_(line_number) {}

  /// @throws ModelError when the number of fields is not the header's; the fields are kept
  void assign(std::string_view line, int line_number);

  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::string_view text(std::size_t column) const { return fields_[column]; }
  /// Correctly rounded. @throws ModelError unless the field is a number; inf and nan are.
  [[nodiscard]] double number(std::size_t column) const;
  [[nodiscard]] double finite_number(std::size_t column) const;  ///< @throws ModelError

  /// The line with exactly the header's number of fields, "nan" for missing ones.
  [[nodiscard]] std::string padded_line() const;

  /// @param column  where the caret points; kAbsent for the whole row
  [[noreturn]] void fail(std::size_t column, std::string code, std::string message,
                         std::string hint = "") const;

 private:
  const PointsHeader* header_;
  std::string_view line_;
  int line_number_;
  std::vector<std::string_view> fields_;
};

/// Fields of a line. A quoted field may hold commas; its quotes are removed, doubled ones inside
/// stay.
void split_fields(std::string_view line, std::vector<std::string_view>& fields);

/// Whether a line is blank or a comment.
[[nodiscard]] bool is_passed_over(std::string_view line);

[[noreturn]] void fail_at(const std::string& file, int line_number, int column,
                          std::string_view line, std::string code, std::string message,
                          std::string hint = "");

/// A field as CSV writes it: quoted where it must be.
std::string csv_field(std::string_view text);

}  // namespace nuphi::runner
