#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "axis_neurons.h"
#include "critical_delays.h"
#include "modes.h"

namespace nuphi::detail {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kLowestScale = 0.05;
constexpr double kRatio = 1.25;         // of neighbouring scales
constexpr double kFarthestFirst = 0.5;  // first Newton step in ln s: a zero farther away is
                                        // left to a nearer scale
constexpr std::size_t kStarts = 10;     // of Newton's method at one scale
constexpr double kNarrowest = 1e-3;     // relative width at which halving ends
constexpr double kSlowest = 1e-6;       // [1/s]; a mode at ω = 0 does not move with the delays

/// d ln Δ/dω and d ln Δ/d ln s of Δ = det(1 − M(iω; s)).
struct Slopes {
  Complex omega;
  Complex log_scale;
};

class CriticalPoints {
 public:
  CriticalPoints(const NetworkResponse& response, double max_scale)
      : matrix_(response, 1), max_scale_(max_scale) {}

  /// Newton's method for Δ(ω, s) = 0, two real equations, from a near miss at `scale`.
  void search(double omega, double scale) {
    double log_scale = std::log(scale);
    for (int iteration = 0; iteration < 40; ++iteration) {
      const Slopes slopes = at(omega, std::exp(log_scale));
      // 1 + (d ln Δ/dω) δω + (d ln Δ/d ln s) δ ln s = 0.
      const double determinant = slopes.omega.real() * slopes.log_scale.imag() -
                                 slopes.log_scale.real() * slopes.omega.imag();
      const std::array<double, 2> step = {-slopes.log_scale.imag() / determinant,
                                          slopes.omega.imag() / determinant};
      if (!std::isfinite(step[0]) || !std::isfinite(step[1])) break;
      if (iteration == 0 && std::abs(step[1]) > kFarthestFirst) return;
      const double damping = std::min({1.0, 0.3 * omega / std::max(std::abs(step[0]), 1e-300),
                                       0.3 / std::max(std::abs(step[1]), 1e-300)});
      omega += damping * step[0];
      log_scale += damping * step[1];
      if (omega < kSlowest || !(std::abs(log_scale) < 20)) return;
      if (std::abs(step[0]) <= 1e-12 * omega && std::abs(step[1]) <= 1e-12) {
        add(omega, std::exp(log_scale), std::imag(slopes.log_scale / slopes.omega) > 0);
        return;
      }
    }
  }

  /// Change of the number of unstable modes from `low` to `high` by the points found.
  [[nodiscard]] int change(double low, double high) const {
    int sum = 0;
    for (const CriticalDelay& point : found_)
      if (point.scale > low && point.scale <= high) sum += point.destabilizing ? 2 : -2;
    return sum;
  }

  [[nodiscard]] std::vector<CriticalDelay> take() { return std::move(found_); }
  [[nodiscard]] int evaluations() const { return matrix_.evaluations(); }

 private:
  /// Δ'/Δ = −tr[(1 − M)⁻¹ M'] by one-sided differences: their error only makes Newton's steps
  /// shorter by a millionth of themselves.
  Slopes at(double omega, double scale) {
    constexpr double kStep = 1e-7;
    matrix_.scale_delays(scale);
    matrix_.effective_connectivity({0, omega * (1 + kStep)}, ahead_);
    matrix_.effective_connectivity({0, omega}, here_);
    matrix_.scale_delays(scale * (1 + kStep));
    matrix_.effective_connectivity({0, omega}, later_);
    const Eigen::Index n = here_.rows();
    work_ = -here_;
    work_.diagonal().array() += 1.0;
    invert(work_, inverse_);
    const auto trace = [&](const Eigen::MatrixXcd& moved) {
      Complex sum = 0;
      for (Eigen::Index j = 0; j < n; ++j)
        for (Eigen::Index i = 0; i < n; ++i) sum += inverse_(j, i) * (moved(i, j) - here_(i, j));
      return -sum / kStep;
    };
    return {trace(ahead_) / omega, trace(later_)};
  }

  void add(double omega, double scale, bool destabilizing) {
    if (!(scale >= kLowestScale && scale <= max_scale_)) return;
    const auto same = [&](const CriticalDelay& p) {
      return std::abs(p.scale - scale) <= 1e-8 * scale &&
             std::abs(p.frequency * kTwoPi - omega) <= 1e-8 * omega;
    };
    if (std::any_of(found_.begin(), found_.end(), same)) return;
    found_.push_back({scale, omega / kTwoPi, destabilizing});
  }

  LoopMatrix matrix_;
  double max_scale_;
  Eigen::MatrixXcd here_, ahead_, later_, work_, inverse_;
  std::vector<CriticalDelay> found_;
};

class ScaleWalk {
 public:
  ScaleWalk(const NetworkResponse& response, double max_scale, const CountLimits& limits,
            int effort)
      : response_(response),
        limits_(limits),
        effort_(effort),
        at_one_(response, 1),
        neurons_(at_one_.neurons()),
        points_(response, max_scale) {}

  [[nodiscard]] bool is_exhausted() const {
    return counted_ + points_.evaluations() > effort_ || limits_.stop.stop_requested();
  }

  /// Number of unstable modes; what is near the axis is looked at on the way.
  std::optional<int> visit(double scale) {
    CountLimits limits = limits_;
    limits.at_least = 0;
    limits.progress = {};
    limits.max_evaluations = std::clamp(effort_ - counted_, 1, limits.max_evaluations);
    const ModeCount count = count_unstable_modes(LoopMatrix(response_, scale), limits, &neurons_);
    counted_ += count.evaluations;
    return look_around(count, scale);
  }

  std::optional<int> look_around(const ModeCount& count, double scale) {
    std::vector<Complex> starts = traces_of_modes(count.samples);
    if (starts.size() > kStarts) starts.resize(kStarts);
    for (const Complex z : starts) points_.search(z.imag(), scale);
    return count.unstable;
  }

  /// Looks for what the points found do not explain. @return false when the effort is used up first
  bool account(double low, std::optional<int> at_low, double high, std::optional<int> at_high) {
    if (!at_low || !at_high) return !is_exhausted();
    if (points_.change(low, high) == *at_high - *at_low) return true;
    if (high - low < kNarrowest * high) return true;
    if (is_exhausted()) return false;
    const double middle = std::sqrt(low * high);
    const std::optional<int> between = visit(middle);
    const bool below = account(low, at_low, middle, between);
    return account(middle, between, high, at_high) && below;
  }

  std::vector<CriticalDelay> take() { return points_.take(); }

 private:
  const NetworkResponse& response_;
  const CountLimits& limits_;
  int effort_;
  int counted_ = 0;
  LoopMatrix at_one_;  ///< its neurons
  AxisNeurons neurons_;
  CriticalPoints points_;
};

/// Evaluations of M spent on critical delays: half a second or less.
int effort_for(Eigen::Index n) {
  const double relative = static_cast<double>(n) / 12;
  return static_cast<int>(30000 / (1 + relative * relative));
}

}  // namespace

CriticalDelays critical_delays_tracked(const NetworkResponse& response, const ModeCount& count,
                                       double max_scale, const CountLimits& limits) {
  ScaleWalk walk(response, max_scale, limits, effort_for(response.size()));
  const std::optional<int> at_1 = walk.look_around(count, 1);
  CriticalDelays result{.from = 1, .to = 1};
  // Up from the delays as they are, then down.
  std::optional<int> before = at_1;
  const double lowest = std::min(kLowestScale, max_scale);
  const double whole = std::log(max_scale / lowest);
  const auto report_progress = [&](double share) {
    if (limits.progress) limits.progress(std::clamp(share, 0.0, 1.0));
  };
  while (result.to < max_scale && !walk.is_exhausted()) {
    const double next = std::min(result.to * kRatio, max_scale);
    report_progress(std::log(result.to) / whole);
    const std::optional<int> now = walk.visit(next);
    if (!walk.account(result.to, before, next, now)) break;
    result.to = next;
    before = now;
  }
  before = at_1;
  while (result.from > lowest && !walk.is_exhausted()) {
    const double next = std::max(result.from / kRatio, lowest);
    report_progress(std::log(result.to / result.from) / whole);
    const std::optional<int> now = walk.visit(next);
    if (!walk.account(next, now, result.from, before)) break;
    result.from = next;
    before = now;
  }
  for (const CriticalDelay& found : walk.take())
    if (found.scale >= result.from && found.scale <= result.to) result.found.push_back(found);
  std::sort(result.found.begin(), result.found.end(),
            [](const CriticalDelay& a, const CriticalDelay& b) { return a.scale < b.scale; });
  return result;
}

}  // namespace nuphi::detail
