#include "critical_delays.h"

#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "secant.h"

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;

/// Eigenvalues of M₀(iω), the effective connectivity without its delay.
Eigen::VectorXcd undelayed_eigenvalues(LoopMatrix& undelayed, double omega) {
  Eigen::MatrixXcd matrix;
  undelayed.effective_connectivity({0, omega}, matrix);
  return dense::eigenvalues(matrix);
}

Eigen::Index outside(const Eigen::VectorXcd& eigenvalues) {
  return (eigenvalues.array().abs() > 1).count();
}

/// Eigenvalue nearest to the unit circle.
Complex nearest_to_circle(const Eigen::VectorXcd& eigenvalues) {
  Eigen::Index best = 0;
  eigenvalues.array().abs().log().abs().minCoeff(&best);
  return eigenvalues[best];
}

/// ω in [low, high] where the eigenvalue nearest to the unit circle crosses it: bisection on the
/// number outside, then secant.
double crossing(LoopMatrix& undelayed, double low, double high) {
  const Eigen::Index at_low = outside(undelayed_eigenvalues(undelayed, low));
  while (high - low > 1e-5 * high) {
    const double middle = 0.5 * (low + high);
    (outside(undelayed_eigenvalues(undelayed, middle)) == at_low ? low : high) = middle;
  }
  const auto excess = [&](double omega) {
    return std::log(std::abs(nearest_to_circle(undelayed_eigenvalues(undelayed, omega))));
  };
  const double margin = high - low;
  return secant_root(excess, low, high, low - margin, high + margin);
}

void add_scales(LoopMatrix& undelayed, double omega, double delay, bool falls, double max_scale,
                std::vector<CriticalDelay>& found) {
  double angle = std::arg(nearest_to_circle(undelayed_eigenvalues(undelayed, omega)));
  if (angle <= 0) angle += 2 * kPi;
  for (; angle <= max_scale * omega * delay; angle += 2 * kPi) {
    // With growing delay a mode moves to the right through the frequency at which the gain falls
    // through 1, and back through one at which it rises (Cooke & van den Driessche 1986).
    found.push_back({angle / (omega * delay), omega / (2 * kPi), falls});
  }
}

void sort_by_scale(std::vector<CriticalDelay>& delays) {
  std::sort(delays.begin(), delays.end(),
            [](const CriticalDelay& a, const CriticalDelay& b) { return a.scale < b.scale; });
}

}  // namespace

CriticalDelays critical_delays_common(const NetworkResponse& response, const ModeCount& count,
                                      double max_scale, const CountLimits& limits) {
  LoopMatrix undelayed(response, 0);
  CriticalDelays result{.from = 0, .to = max_scale};
  std::vector<CriticalDelay>& found = result.found;
  const double delay = response.common_delay();
  Eigen::Index before = -1;
  double omega_before = 0;
  for (const AxisSample& s : count.samples) {
    if (limits.progress) limits.progress(s.omega / count.samples.back().omega);
    if (limits.stop.stop_requested()) return {.from = 1, .to = 1};
    const Eigen::Index now = outside(undelayed_eigenvalues(undelayed, s.omega));
    if (before >= 0 && now != before && omega_before > 0) {
      add_scales(undelayed, crossing(undelayed, omega_before, s.omega), delay, now < before,
                 max_scale, found);
    }
    before = now;
    omega_before = s.omega;
  }
  sort_by_scale(found);
  return result;
}

}  // namespace nuphi::detail
