#include "wide_search.h"

#include <algorithm>
#include <cmath>

namespace nuphi::detail {
namespace {

constexpr Eigen::Index kAtOnce = 12;  // modes about one point
constexpr double kDoubt = 0.15;       // of an estimate, over its distance from the point
constexpr double kInside = 0.5;       // of the radius looked at: no other point is needed there
constexpr double kNearEnough = 0.5;   // turn of the delays up to which estimates are followed

/// To the right of the axis, or not far from it; its conjugate is found elsewhere.
bool may_be_unstable(Complex z, double doubt) {
  return z.real() + 2 * doubt > 0 && z.imag() > -2 * doubt;
}

}  // namespace

WideSearch::WideSearch(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
                       FoundModes& found)
    : matrix_(matrix), count_(count), limits_(limits), found_(found) {
  const double delay = matrix.response().longest_delay(matrix.delay_scale());
  reach_ = std::clamp(kNearEnough / std::max(delay, 1e-6), 50.0, 1000.0);
}

bool WideSearch::is_covered(Complex z) const {
  return std::any_of(seen_.begin(), seen_.end(),
                     [&](const Seen& s) { return std::abs(s.at - z) < kInside * s.radius; });
}

bool WideSearch::is_complete() const {
  return count_.unstable && found_.unstable() >= *count_.unstable;
}

/// Each known mode accounts for one estimate.
bool WideSearch::takes_for_known(const NullPair& estimate, double doubt,
                                 std::vector<char>& taken) const {
  const std::vector<Complex> known = found_.eigenvalues();
  std::size_t nearest = known.size();
  double least = doubt;
  for (std::size_t k = 0; k < taken.size(); ++k) {
    const double distance =
        std::min(std::abs(known[k] - estimate.z), std::abs(std::conj(known[k]) - estimate.z));
    if (taken[k] != 0 || !(distance < least)) continue;
    least = distance;
    nearest = k;
  }
  if (nearest == known.size()) return false;
  taken[nearest] = 1;
  return true;
}

/// @return new unstable modes
std::vector<Complex> WideSearch::look_about(Complex shift) {
  std::vector<Complex> unstable;
  std::vector<char> taken(found_.size(), 0);
  double radius = 0;
  for (const NullPair& estimate : modes_about(matrix_, shift, kAtOnce)) {
    const double distance = std::abs(estimate.z - shift);
    if (distance > reach_ || limits_.stop.stop_requested()) break;
    radius = distance;
    const double doubt = kDoubt * distance + 1e-6 * std::abs(estimate.z);
    if (takes_for_known(estimate, doubt, taken) || !may_be_unstable(estimate.z, doubt)) continue;
    const std::optional<NullPair> mode = refine(matrix_, estimate, distance + 0.1 * reach_);
    if (mode && found_.add(*mode) && mode->z.real() > 0) unstable.push_back(mode->z);
  }
  seen_.push_back({shift, radius});
  if (limits_.progress && count_.unstable.value_or(0) > 0)
    limits_.progress(static_cast<double>(found_.unstable()) / *count_.unstable);
  return unstable;
}

void WideSearch::from(Complex start) {
  std::vector<Complex> waiting = look_about(start);
  while (!waiting.empty() && !is_complete() && !limits_.stop.stop_requested()) {
    const Complex next = waiting.back();
    waiting.pop_back();
    if (is_covered(next)) continue;
    for (const Complex z : look_about(next)) waiting.push_back(z);
  }
}

void WideSearch::along_axis() {
  for (const AxisSample& s : count_.samples) {
    if (is_complete() || limits_.stop.stop_requested()) return;
    if (s.is_exact && !is_covered({0, s.omega})) from({0, s.omega});
  }
}

}  // namespace nuphi::detail
