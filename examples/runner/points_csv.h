#pragma once

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace nuphi::runner {

/// Reads a CSV with a header row, one row at a time: `#` lines and empty lines are passed over, LF
/// or CRLF, quoted fields, columns in any order. Faults are ModelErrors with file:line:column.
class PointsReader {
 public:
  /// @throws FileError when the file cannot be read, ModelError for a bad header. "-" is standard
  /// input.
  PointsReader(const std::string& path, std::vector<std::string> required,
               std::vector<std::string> optional);

  bool
  next();  ///< false at the end. @throws ModelError when the number of fields is not the header's
  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] const std::string& text(std::string_view column) const;
  [[nodiscard]] double number(
      std::string_view column) const;  ///< @throws ModelError unless the field is a number
  [[nodiscard]] const std::string& line() const { return line_; }
  [[nodiscard]] std::string padded_line()
      const;  ///< the line with exactly the header's number of fields, "nan" for missing ones
  [[nodiscard]] const std::string& header() const { return header_line_; }
  [[nodiscard]] int line_number() const { return line_number_; }
  [[nodiscard]] double fraction_read();  ///< of the file, for a progress bar; NaN where unknown

  [[noreturn]] void fail(std::string_view column, std::string code, std::string message,
                         std::string hint = "") const;

 private:
  bool read_line();
  void split();
  void read_header(const std::vector<std::string>& required,
                   const std::vector<std::string>& optional);
  [[nodiscard]] std::size_t index(std::string_view column) const;

  std::string path_;
  std::ifstream file_;
  std::istream* input_;
  std::string line_;
  std::string header_line_;
  int line_number_ = 0;
  double size_ = 0;
  double bytes_read_ = 0;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;
  std::vector<int> positions_;  ///< column of each field in the line, from 1
};

/// A field as CSV writes it: quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace nuphi::runner
