// compare_csv EXPECTED ACTUAL RTOL: the same cells, numbers to a relative tolerance, other text to
// the letter.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::vector<std::string>> cells(const char* path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(file, line)) {
    rows.emplace_back();
    std::stringstream stream(line);
    std::string cell;
    while (std::getline(stream, cell, ',')) rows.back().push_back(cell);
  }
  return rows;
}

bool same(const std::string& expected, const std::string& actual, double rtol) {
  if (expected == actual) return true;
  char* end_expected = nullptr;
  char* end_actual = nullptr;
  const double e = std::strtod(expected.c_str(), &end_expected);
  const double a = std::strtod(actual.c_str(), &end_actual);
  if (expected.empty() || actual.empty() || *end_expected != '\0' || *end_actual != '\0')
    return false;
  return std::abs(a - e) <= rtol * std::abs(e);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto expected = cells(argv[1]);
  const auto actual = cells(argv[2]);
  const double rtol = std::atof(argv[3]);
  if (expected.empty() || expected.size() != actual.size()) {
    std::fprintf(stderr, "%zu rows expected, %zu found\n", expected.size(), actual.size());
    return 1;
  }
  int differences = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].size() != actual[i].size()) {
      std::fprintf(stderr, "row %zu: %zu cells expected, %zu found\n", i + 1, expected[i].size(),
                   actual[i].size());
      ++differences;
      continue;
    }
    for (std::size_t j = 0; j < expected[i].size(); ++j) {
      if (same(expected[i][j], actual[i][j], rtol)) continue;
      std::fprintf(stderr, "row %zu, cell %zu: expected %s, found %s\n", i + 1, j + 1,
                   expected[i][j].c_str(), actual[i][j].c_str());
      ++differences;
    }
  }
  return differences == 0 ? 0 : 1;
}
