#include "faults.h"
#include "matrix_file.h"
#include "text_check.h"

namespace nuphi::loader {

/// Rows of numbers separated by commas; no header, LF or CRLF, empty lines are passed over.
Outcome<FileMatrix> read_csv(std::string_view content, int exponent) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  FileMatrix matrix;
  Lines lines(content);
  while (const std::optional<std::string_view> line = lines.next()) {
    if (line->find_first_not_of(" \t") == std::string_view::npos) continue;
    const std::string where = "line " + std::to_string(lines.number()) + ": ";
    int columns = 0;
    std::string_view rest = *line;
    for (bool more = true; more; ++columns) {
      const std::size_t comma = rest.find(',');
      const Outcome<double> value = read_number(rest.substr(0, comma), exponent);
      if (!value.value)
        return TextFault{"bad-matrix", where + value.fault.message, value.fault.hint};
      matrix.values.push_back(*value.value);
      more = comma != std::string_view::npos;
      if (more) rest.remove_prefix(comma + 1);
    }
    if (matrix.rows > 0 && columns != matrix.columns) {
      return TextFault{"bad-matrix",
                       where + std::to_string(columns) + " numbers; the rows above have " +
                           std::to_string(matrix.columns),
                       ""};
    }
    matrix.columns = columns;
    ++matrix.rows;
  }
  if (matrix.rows == 0) return TextFault{"bad-matrix", "the file is empty", ""};
  return matrix;
}

}  // namespace nuphi::loader
