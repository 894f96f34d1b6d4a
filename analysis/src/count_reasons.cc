#include "count_reasons.h"

#include <fmt/format.h>

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

}  // namespace nuphi::detail
