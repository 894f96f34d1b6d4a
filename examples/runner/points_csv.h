#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "points_row.h"

namespace nuphi::runner {

/// Reads a small CSV with a header row, one row at a time: `#` lines and empty lines are passed
/// over, LF or CRLF, quoted fields, columns in any order. Faults are ModelErrors with
/// file:line:column. Large tables of points: stream_points().
class PointsReader {
 public:
  /// @throws FileError when the file cannot be read, ModelError for a bad header. "-" is standard
  /// input.
  PointsReader(const std::string& path, const std::vector<std::string>& required,
               const std::vector<std::string>& optional);
  PointsReader(const PointsReader&) = delete;
  PointsReader& operator=(const PointsReader&) = delete;

  bool
  next();  ///< false at the end. @throws ModelError if the number of fields is not the header's
  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] std::string text(std::string_view column) const;
  /// @throws ModelError unless the field is a number
  [[nodiscard]] double number(std::string_view column) const;

  [[noreturn]] void fail(std::string_view column, std::string code, std::string message,
                         std::string hint = "") const;

 private:
  bool read_line();

  std::string content_;
  std::string_view rest_;
  std::string line_;
  int line_number_ = 0;
  PointsHeader header_;
  PointsRow row_{header_};
};

}  // namespace nuphi::runner
