#include "frequencies.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "commands.h"

namespace nuphi::runner {
namespace {

constexpr double kMostFrequencies = 1e6;

}  // namespace

Eigen::VectorXd frequencies_of(const std::string& text) {
  double part[3] = {0, 0, 1};
  int count = 0;
  const char* at = text.c_str();
  for (; count < 3; ++count) {
    char* end = nullptr;
    part[count] = std::strtod(at, &end);
    if (end == at) break;
    at = end;
    if (*at != ':') {
      ++count;
      break;
    }
    ++at;
  }
  const double number =
      count == 1 ? 1 : std::floor((part[1] - part[0]) / part[2] * (1 + 1e-12)) + 1;
  const bool sound = (count == 1 || count == 3) && *at == '\0' && part[0] >= 0 && part[2] > 0 &&
                     number >= 1 && number <= kMostFrequencies && std::isfinite(part[0] + part[1]);
  if (!sound) {
    throw UsageError(fmt::format(
        "--frequencies \"{}\": write from:to:step in Hz, e.g. 1:400:1, or one number", text));
  }
  Eigen::VectorXd frequencies(static_cast<Eigen::Index>(number));
  for (Eigen::Index k = 0; k < frequencies.size(); ++k)
    frequencies[k] = part[0] + static_cast<double>(k) * part[2];
  return frequencies;
}

}  // namespace nuphi::runner
