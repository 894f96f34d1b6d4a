// A file of the documentation that a program writes, or checks.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nuphi::tools {

/// `program FILE…` writes the texts, in order; `program --check FILE…` compares them with the files
/// and returns 1 if one differs, so that what is committed is what the program writes.
class GeneratedFiles {
 public:
  GeneratedFiles(int argc, char** argv) : program_(argv[0]) {
    for (int k = 1; k < argc; ++k) {
      if (std::string_view(argv[k]) == "--check") {
        check_ = true;
      } else {
        paths_.emplace_back(argv[k]);
      }
    }
  }

  /// @param texts  one for each file on the command line
  [[nodiscard]] int finish(const std::vector<std::string>& texts) const {
    if (paths_.size() != texts.size()) {
      fmt::print(stderr, "usage: {} [--check] FILE ({} of them)\n", program_, texts.size());
      return 2;
    }
    int result = 0;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      if (!check_) {
        std::ofstream(paths_[k]) << texts[k];
      } else if (std::ostringstream found;
                 found << std::ifstream(paths_[k]).rdbuf(), found.str() != texts[k]) {
        fmt::print(stderr, "{} is not what this program writes; run it without --check\n",
                   paths_[k]);
        result = 1;
      }
    }
    return result;
  }

 private:
  std::string program_;
  std::vector<std::string> paths_;
  bool check_ = false;
};

/// `| a | b |`
[[nodiscard]] inline std::string table_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

/// Header and the line below it; numbers stand to the right.
[[nodiscard]] inline std::string table_header(const std::vector<std::string>& cells) {
  return table_row(cells) + table_row(std::vector<std::string>(cells.size(), "---:"));
}

/// +1.2 %, without a sign for 0.
[[nodiscard]] inline std::string percent(double ratio_minus_one, int digits = 1) {
  std::string text = fmt::format("{:+.{}f}", 100 * ratio_minus_one, digits);
  const bool zero = text.find_first_not_of("+-0.") == std::string::npos;
  return zero ? text.substr(1) : text;
}

}  // namespace nuphi::tools
