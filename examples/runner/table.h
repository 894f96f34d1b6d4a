#pragma once

#include <string>
#include <vector>

namespace nuphi::runner {

/// Text table for a terminal: first column left, the others right, widths counted in characters.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A number for people, six significant digits; "–" for NaN.
std::string display(double value);

}  // namespace nuphi::runner
