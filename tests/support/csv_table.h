#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuphi::test {

/// A table of tests/data: `#` lines, one line of column names, rows. Numbers are read with strtod.
class CsvTable {
 public:
  explicit CsvTable(const std::string& name) {
    std::ifstream file(std::string(NUPHI_TEST_DATA) + "/" + name);
    if (!file) throw std::runtime_error("no test data " + name);
    std::string line;
    while (std::getline(file, line)) {
      if (line.empty() || line[0] == '#') continue;
      if (columns_.empty()) {
        for (const std::string& column : split(line)) columns_.emplace(column, columns_.size());
      } else {
        rows_.push_back(split(line));
      }
    }
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
    return rows_.at(row).at(columns_.at(column));
  }
  [[nodiscard]] double number(std::size_t row, const std::string& column) const {
    return std::strtod(text(row, column).c_str(), nullptr);
  }

 private:
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
  }

  std::map<std::string, std::size_t> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace nuphi::test
