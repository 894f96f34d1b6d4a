// A file of the documentation that a program writes, or checks.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
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

/// Whether two texts are one but for digits that differ from processor to processor: numbers within
/// 15 %, errors below 1e-7 within a factor of 30, anything below 1e-14 is rounding.
[[nodiscard]] inline bool equal_but_for_rounding(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y;
  while (true) {
    const bool more = static_cast<bool>(left >> x);
    if (more != static_cast<bool>(right >> y)) return false;
    if (!more) return true;
    if (x == y) continue;
    char *x_end = nullptr, *y_end = nullptr;
    const double u = std::strtod(x.c_str(), &x_end), v = std::strtod(y.c_str(), &y_end);
    if (*x_end != '\0' || *y_end != '\0') return false;
    const double small = std::fmin(u, v), large = std::fmax(u, v);
    if (large <= 1e-14 && small >= 0) continue;
    if (!(large <= (large < 1e-7 ? 30 : 1.15) * small)) return false;
  }
}

/// A document written by hand, with sections that a program writes between the lines
///   <!-- begin NAME -->  and  <!-- end NAME -->
class GeneratedSections {
 public:
  explicit GeneratedSections(const std::string& path) : path_(path) {
    std::ostringstream found;
    found << std::ifstream(path).rdbuf();
    text_ = old_ = found.str();
  }

  void replace(const std::string& name, const std::string& section) {
    const std::string begin = fmt::format("<!-- begin {} -->\n", name);
    const std::size_t first = text_.find(begin);
    const std::size_t last = text_.find(fmt::format("<!-- end {} -->", name));
    if (first == std::string::npos || last == std::string::npos || last < first) {
      fmt::print(stderr, "{} has no section {}\n", path_, name);
      complete_ = false;
      return;
    }
    text_.replace(first + begin.size(), last - first - begin.size(), section);
  }

  /// Writes the document, or with `check` returns 1 if that would change more than rounding does.
  [[nodiscard]] int finish(bool check) const {
    if (!complete_) return 1;
    if (!check) {
      std::ofstream(path_) << text_;
      return 0;
    }
    if (equal_but_for_rounding(old_, text_)) return 0;
    fmt::print(stderr, "{} is not what this program writes; run it without --check\n", path_);
    return 1;
  }

 private:
  std::string path_, old_, text_;
  bool complete_ = true;
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
