#include "count_reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>

namespace nuphi::detail {
namespace {

std::string hertz(double omega) { return fmt::format("{:.6g} Hz", omega / (2 * std::numbers::pi)); }

}  // namespace

std::string unfollowed(double omega, int evaluations) {
  return fmt::format("the phase could not be followed beyond {} within {} evaluations",
                     hertz(omega), evaluations);
}

std::string on_axis(double omega) {
  return fmt::format(
      "a mode stands on the imaginary axis at {}, to rounding: neither stable nor unstable",
      hertz(omega));
}

std::string not_a_number(double omega) {
  return fmt::format("the response at {} is not a number", hertz(omega));
}

std::string unclear(double omega) {
  return fmt::format("the phase at {} is not clear: two ways of following it disagree",
                     hertz(omega));
}

std::string interrupted() { return "interrupted before the modes were counted"; }

std::string unclosed(const std::vector<std::string>& names, double walked, double max_frequency) {
  constexpr std::size_t kMost = 3;
  if (names.empty())
    return fmt::format(
        "the loop gain cannot be shown to stay below 1 beyond {:.3g} Hz: unstable modes of any "
        "frequency above cannot be ruled out",
        max_frequency);
  std::string list = names.front();
  for (std::size_t k = 1; k < std::min(kMost, names.size()); ++k) list += ", " + names[k];
  if (names.size() > kMost) list += fmt::format(" and {} more", names.size() - kMost);
  std::string text = fmt::format(
      "all noise that {} receive{} comes from the network, none from outside; the response to "
      "noise that the network modulates does not fall with frequency, so unstable modes of any "
      "frequency cannot be ruled out",
      list, names.size() == 1 ? "s" : "");
  if (walked > 0)
    text += fmt::format("; modes were looked for up to {:.6g} Hz", walked / (2 * std::numbers::pi));
  return text;
}

}  // namespace nuphi::detail
