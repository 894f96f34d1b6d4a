// Reference tables: CSV with leading # lines and one header row, no quoting.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuphi::test {

class CsvTable {
 public:
  /// Reads tests/data/<name>, or a path that begins with a slash.
  explicit CsvTable(const std::string& name) {
    std::ifstream file(name.front() == '/' ? name : NUPHI_TEST_DATA "/" + name);
    if (!file) throw std::runtime_error("cannot open test data " + name);
    std::string line;
    while (std::getline(file, line)) {
      if (line.empty() || line.front() == '#') continue;
      std::vector<std::string> cells = split(line);
      if (columns_.empty()) {
        for (std::size_t i = 0; i < cells.size(); ++i) columns_[cells[i]] = i;
      } else {
        if (cells.size() != columns_.size()) throw std::runtime_error(name + ": ragged: " + line);
        rows_.push_back(std::move(cells));
      }
    }
  }

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
    return rows_[row][columns_.at(column)];
  }
  /// Inputs: exactly the double that was printed.
  [[nodiscard]] double number(std::size_t row, const std::string& column) const {
    return std::strtod(text(row, column).c_str(), nullptr);
  }
  /// Outputs: more digits and range than a double has.
  [[nodiscard]] long double truth(std::size_t row, const std::string& column) const {
    return std::strtold(text(row, column).c_str(), nullptr);
  }

 private:
  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (line.back() == ',') cells.emplace_back();
    return cells;
  }

  std::map<std::string, std::size_t> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace nuphi::test
