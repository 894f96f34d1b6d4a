#pragma once

#include <nuphi/core/error.h>

#include <cstddef>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.h"
#include "points_row.h"

namespace nuphi::runner {

/// Some rows of a table of points, worked on apart from the others.
class PointsBlock {
 public:
  PointsBlock(const PointsHeader& header, std::string text, int first_line);
  PointsBlock(const PointsBlock&) = delete;  // rows refer to the text
  PointsBlock& operator=(const PointsBlock&) = delete;

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

  /// read(row) of every row, in order. A row for which it throws ModelError is noted as bad, and
  /// has T{} in its place.
  template <class T, class Read>
  [[nodiscard]] std::vector<T> read(const Read& read) {
    std::vector<T> values(size());
    PointsRow row(*header_);
    for (std::size_t i = 0; i < size(); ++i) {
      try {
        row.assign(rows_[i].line, rows_[i].number);
        values[i] = read(std::as_const(row));
      } catch (const ModelError& error) {
        reject(i, row, error);
      }
    }
    return values;
  }

  /// Bad rows, and the faults of the first few.
  [[nodiscard]] std::size_t bad_rows() const { return bad_rows_; }
  [[nodiscard]] const std::vector<Diagnostic>& faults() const { return faults_; }

  /// The rows with their outputs, shape=(size, columns); nan for those that are bad.
  [[nodiscard]] std::string table(std::span<const double> outputs) const;

 private:
  struct Line {
    std::string_view line;
    int number;
    bool bad = false;
  };

  void reject(std::size_t index, const PointsRow& row, const ModelError& error);

  const PointsHeader* header_;
  std::string text_;
  std::vector<Line> rows_;
  std::list<std::string> mended_;  ///< lines with fields missing, filled up
  std::vector<Diagnostic> faults_;
  std::size_t bad_rows_ = 0;
};

/// What a command makes of a table of points.
struct PointsTask {
  std::string columns;  ///< names of the outputs, with commas
  /// Outputs, shape=(block.size(), columns). Called from several threads at once.
  std::function<std::vector<double>(PointsBlock& block)> evaluate;
};

/// Reads, evaluates and writes a table of points in blocks, several at once, in memory that does
/// not grow with the number of rows. The outputs stand to the right of the row as it was read, rows
/// in order. A bad row ends the run with its fault; with keep_going its outputs are nan, the first
/// faults are reported and counted, and the run ends with kBadModel.
/// @param task  called once, with the header that was found
/// @return exit code
/// @throws ModelError, FileError
int stream_points(const PointsArguments& arguments, const std::vector<std::string>& required,
                  const std::vector<std::string>& optional,
                  const std::function<PointsTask(const PointsHeader&)>& task);

}  // namespace nuphi::runner
