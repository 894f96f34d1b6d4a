#include <algorithm>

#include "faults.h"
#include "matrix_file.h"
#include "text_check.h"

namespace nuphi::loader {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

/// Matrix Market exchange format; members are what the steps share.
class MtxReader {
 public:
  MtxReader(std::string_view content, int exponent)
      : bytes_(content.size()), lines_(content), exponent_(exponent) {}

  Outcome<FileMatrix> read() {
    if (!header() || !size() || !(coordinate_ ? coordinates() : array())) return fault_;
    return matrix_;
  }

 private:
  bool fail(std::string message, std::string hint = {}) {
    const std::string where = "line " + std::to_string(lines_.number()) + ": ";
    fault_ = {"bad-matrix", where + message, std::move(hint)};
    return false;
  }

  /// Words of the next line that is no comment; empty at the end.
  std::vector<std::string_view> next() {
    while (const std::optional<std::string_view> line = lines_.next()) {
      if (line->starts_with('%')) continue;
      if (std::vector<std::string_view> words = words_of(*line); !words.empty()) return words;
    }
    return {};
  }

  bool header() {
    const std::vector<std::string_view> words = words_of(lines_.next().value_or(""));
    if (words.size() != 5 || words[0] != "%%MatrixMarket" || lower(words[1]) != "matrix") {
      return fail("not a Matrix Market file",
                  "its first line is `%%MatrixMarket matrix coordinate real general`");
    }
    coordinate_ = lower(words[2]) == "coordinate";
    symmetric_ = lower(words[4]) == "symmetric";
    const bool known = (coordinate_ || lower(words[2]) == "array") &&
                       (lower(words[3]) == "real" || lower(words[3]) == "integer") &&
                       (symmetric_ || lower(words[4]) == "general");
    if (known) return true;
    return fail("this kind of matrix is not read",
                "coordinate or array, real or integer, general or symmetric is");
  }

  std::optional<int> index(std::string_view text, int largest) const {
    const Outcome<double> number = read_number(text);
    if (!number.value || *number.value < 0 || *number.value > largest) return std::nullopt;
    const int value = static_cast<int>(*number.value);
    return value == *number.value ? std::optional(value) : std::nullopt;
  }

  bool size() {
    constexpr int kLargest = 1'000'000'000;
    const std::vector<std::string_view> words = next();
    if (words.size() != (coordinate_ ? 3 : 2)) return fail("the line with the sizes is missing");
    const std::optional<int> rows = index(words[0], kLargest);
    const std::optional<int> columns = index(words[1], kLargest);
    const std::optional<int> entries = coordinate_ ? index(words[2], kLargest) : 0;
    if (!rows || !columns || !entries) return fail("the sizes are not whole numbers");
    if (*rows == 0 || *columns == 0) return fail("the matrix has no entries: a size is 0");
    matrix_.rows = *rows;
    matrix_.columns = *columns;
    count_ = *entries;
    if (symmetric_ && *rows != *columns) return fail("a symmetric matrix must be square");
    return true;
  }

  bool value(std::string_view text, double& out) {
    const Outcome<double> number = read_number(text, exponent_);
    if (!number.value) return fail(number.fault.message, number.fault.hint);
    out = *number.value;
    return true;
  }

  bool coordinates() {
    matrix_.sparse = true;
    for (int k = 0; k < count_; ++k) {
      const std::vector<std::string_view> words = next();
      if (words.empty()) return fail("the file ends before its last entry");
      if (words.size() != 3) return fail("row, column and value are due");
      const std::optional<int> row = index(words[0], matrix_.rows);
      const std::optional<int> column = index(words[1], matrix_.columns);
      if (!row || !column || *row < 1 || *column < 1) return fail("row or column is out of range");
      double number = 0;
      if (!value(words[2], number)) return false;
      matrix_.entries.push_back({*row - 1, *column - 1, number});
      if (symmetric_ && *row != *column) matrix_.entries.push_back({*column - 1, *row - 1, number});
    }
    if (!next().empty()) return fail("there are more entries than the size line says");
    return sort_entries();
  }

  bool sort_entries() {
    const auto place = [](const FileMatrix::Entry& e) { return std::pair(e.row, e.column); };
    std::vector<FileMatrix::Entry>& list = matrix_.entries;
    std::sort(list.begin(), list.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
    const auto twice =
        std::adjacent_find(list.begin(), list.end(),
                           [&](const auto& a, const auto& b) { return place(a) == place(b); });
    if (twice == list.end()) return true;
    fault_ = {"bad-matrix",
              "entry " + std::to_string(twice->row + 1) + ", " + std::to_string(twice->column + 1) +
                  " is there twice",
              ""};
    return false;
  }

  /// By columns; of a symmetric matrix the lower triangle.
  bool array() {
    const std::size_t count = static_cast<std::size_t>(matrix_.rows) * matrix_.columns;
    // A number takes a line of two bytes at least; of a symmetric matrix half are written.
    if (count / 2 > bytes_) return fail("the file ends before its last entry");
    matrix_.values.assign(count, 0.0);
    const auto at = [&](int row, int column) -> double& {
      return matrix_.values[static_cast<std::size_t>(row) * matrix_.columns + column];
    };
    for (int column = 0; column < matrix_.columns; ++column) {
      for (int row = symmetric_ ? column : 0; row < matrix_.rows; ++row) {
        const std::vector<std::string_view> words = next();
        if (words.empty()) return fail("the file ends before its last entry");
        if (words.size() != 1) return fail("one value a line is due");
        if (!value(words[0], at(row, column))) return false;
        if (symmetric_) at(column, row) = at(row, column);
      }
    }
    return next().empty() || fail("there are more entries than the size line says");
  }

  std::size_t bytes_;
  Lines lines_;
  int exponent_;
  bool coordinate_ = false;
  bool symmetric_ = false;
  int count_ = 0;
  FileMatrix matrix_;
  TextFault fault_;
};

}  // namespace

Outcome<FileMatrix> read_mtx(std::string_view content, int exponent) {
  return MtxReader(content, exponent).read();
}

}  // namespace nuphi::loader
