#include "critical_delays.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>

#include "eigen_system.h"
#include "modes.h"
#include "secant.h"

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;

/// Eigenvalues of M₀(iω), the effective connectivity without its delay.
Eigen::VectorXcd undelayed_eigenvalues(const NetworkResponse& response, double omega) {
  Eigen::MatrixXcd matrix;
  response.effective_connectivity({0, omega}, matrix, 0);
  return detail::eigenvalues(matrix);
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
double crossing(const NetworkResponse& response, double low, double high) {
  const Eigen::Index at_low = outside(undelayed_eigenvalues(response, low));
  while (high - low > 1e-5 * high) {
    const double middle = 0.5 * (low + high);
    (outside(undelayed_eigenvalues(response, middle)) == at_low ? low : high) = middle;
  }
  const auto excess = [&](double omega) {
    return std::log(std::abs(nearest_to_circle(undelayed_eigenvalues(response, omega))));
  };
  const double margin = high - low;
  return secant_root(excess, low, high, low - margin, high + margin);
}

void add_scales(const NetworkResponse& response, double omega, double delay, bool falls,
                double max_scale, std::vector<CriticalDelay>& found) {
  double angle = std::arg(nearest_to_circle(undelayed_eigenvalues(response, omega)));
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

std::optional<int> count_at(const NetworkResponse& response, double scale, double max_frequency,
                            int max_evaluations) {
  Characteristic characteristic(response, scale);
  return count_unstable_modes(characteristic, max_frequency, max_evaluations).unstable;
}

/// The mode that stands on the axis at a scale in [low, high], where the count changes: the mode
/// nearest to the axis is refined at both ends and its growth rate brought to zero by secant steps.
std::optional<CriticalDelay> crossing_scale(const NetworkResponse& response, double low,
                                            double high, bool grows, double max_frequency,
                                            int max_evaluations) {
  Characteristic at_low(response, low);
  const ModeCount count = count_unstable_modes(at_low, max_frequency, max_evaluations);
  std::vector<Mode> modes = rightmost_modes(at_low, count, 32);
  if (modes.empty()) return std::nullopt;
  const Mode nearest =
      *std::min_element(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) {
        return std::abs(a.growth_rate()) < std::abs(b.growth_rate());
      });
  Complex z = nearest.eigenvalue;
  const auto growth = [&](double at) {
    Characteristic characteristic(response, at);
    const std::optional<Complex> refined = refine_mode(characteristic, z);
    if (!refined) return std::nan("");
    z = *refined;
    return z.real();
  };
  const double margin = high - low;
  const double scale = secant_root(growth, low, high, low - margin, high + margin);
  if (!std::isfinite(scale)) return std::nullopt;
  return CriticalDelay{scale, std::abs(z.imag()) / (2 * kPi), grows};
}

}  // namespace

std::vector<CriticalDelay> critical_delays_common(const NetworkResponse& response,
                                                  const ModeCount& count, double max_scale) {
  std::vector<CriticalDelay> found;
  const double delay = response.common_delay();
  Eigen::Index before = -1;
  double omega_before = 0;
  for (const AxisSample& s : count.samples) {
    const Eigen::Index now = outside(undelayed_eigenvalues(response, s.omega));
    if (before >= 0 && now != before && omega_before > 0) {
      add_scales(response, crossing(response, omega_before, s.omega), delay, now < before,
                 max_scale, found);
    }
    before = now;
    omega_before = s.omega;
  }
  sort_by_scale(found);
  return found;
}

std::vector<CriticalDelay> critical_delays_tracked(const NetworkResponse& response,
                                                   double max_scale, double max_frequency,
                                                   int max_evaluations) {
  std::vector<CriticalDelay> found;
  constexpr double kLowest = 0.05;
  constexpr double kRatio = 1.15;
  std::optional<int> before = count_at(response, kLowest, max_frequency, max_evaluations);
  for (double low = kLowest; low < max_scale; low *= kRatio) {
    const double high = std::min(low * kRatio, max_scale);
    const std::optional<int> now = count_at(response, high, max_frequency, max_evaluations);
    if (before && now && *before != *now) {
      double a = low;
      double b = high;
      while (b - a > 1e-3 * b) {
        const double middle = 0.5 * (a + b);
        const std::optional<int> there = count_at(response, middle, max_frequency, max_evaluations);
        if (!there) break;
        (*there == *before ? a : b) = middle;
      }
      const auto point =
          crossing_scale(response, a, b, *now > *before, max_frequency, max_evaluations);
      if (point) found.push_back(*point);
    }
    before = now;
  }
  sort_by_scale(found);
  return found;
}

}  // namespace nuphi::detail
