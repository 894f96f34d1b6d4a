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

/// How people write an SI unit: V in mV, s in ms, A in pA, F in pF, others as they are.
struct DisplayUnit {
  std::string name;
  double size = 1;  ///< in SI
};
DisplayUnit display_unit(const std::string& si);

/// A number for people, six significant digits; "–" for NaN.
std::string display(double value);

}  // namespace nuphi::runner
