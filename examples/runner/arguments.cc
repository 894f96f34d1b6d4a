#include "arguments.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <numeric>
#include <utility>

namespace nuphi::runner {
namespace {

/// name=value, and no file.
bool is_assignment(const std::string& text) {
  const std::size_t equals = end_of_name(text);
  if (equals == std::string::npos || equals == 0) return false;
  // What stands in brackets names populations, as they are called.
  const std::string_view name = std::string_view(text).substr(0, equals);
  const std::string_view word = name.substr(0, name.find('['));
  const bool is_name = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.';
  });
  std::error_code error;
  return is_name && !word.empty() && !std::filesystem::exists(text, error);
}

bool is_model(const std::string& text) { return text.ends_with(".yaml") || text.ends_with(".yml"); }

/// The parser gives a list every word up to the next option: a model behind one is moved to where
/// no list stands, behind the command.
void take_models_out_of_lists(std::vector<std::string>& arguments) {
  constexpr std::array kLists = {"--free", "--parameter"};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (std::find(kLists.begin(), kLists.end(), arguments[i]) == kLists.end()) continue;
    for (i += 2; i < arguments.size() && !arguments[i].starts_with("-"); ++i)
      if (is_model(arguments[i]))
        std::rotate(arguments.begin() + 1, arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    --i;  // an option, perhaps another list
  }
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  std::iota(d[0].begin(), d[0].end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    d[i][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::size_t end_of_name(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos || open > equals) return equals;
  const std::size_t close = text.find(']', open);
  return close == std::string_view::npos ? equals : text.find('=', close);
}

std::vector<std::string> normalized(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  take_models_out_of_lists(arguments);
  std::vector<std::string> result;
  bool after_set = false;  // the value of a --set stands before
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool more = after_set && is_assignment(arguments[i]);
    if (more) result.emplace_back("--set");
    result.push_back(arguments[i]);
    after_set = more;
    if (arguments[i] == "--set" && i + 1 < arguments.size()) {
      result.push_back(arguments[++i]);
      after_set = true;
    }
  }
  return result;
}

std::string suggestion(std::string_view text, std::span<const std::string> names) {
  constexpr std::size_t kLongest = 64;
  if (text.size() > kLongest) return "";
  std::size_t least = std::max<std::size_t>(1, text.size() / 3) + 1;
  std::string nearest;
  for (const std::string& name : names) {
    const std::size_t far = name.starts_with(text) && text.size() > 2 ? 1 : distance(text, name);
    if (far >= least) continue;
    least = far;
    nearest = name;
  }
  return nearest.empty() ? "" : "did you mean `" + nearest + "`?";
}

}  // namespace nuphi::runner
