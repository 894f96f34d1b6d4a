#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

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
      : response_(response), max_scale_(max_scale) {}

  /// Newton's method for Δ(ω, s) = 0, two real equations, from a near miss at `scale`.
  void search(double omega, double scale) {
    double log_scale = std::log(scale);
    for (int iteration = 0; iteration < 40; ++iteration) {
      const Slopes slopes = at(omega, std::exp(log_scale));
      // 1 + (d ln Δ/dω) δω + (d ln Δ/d ln s) δ ln s = 0.
      Eigen::Matrix2d matrix;
      matrix << slopes.omega.real(), slopes.log_scale.real(), slopes.omega.imag(),
          slopes.log_scale.imag();
      const double determinant = matrix.determinant();
      const Eigen::Vector2d step(-matrix(1, 1) / determinant, matrix(1, 0) / determinant);
      if (!step.allFinite()) break;  // Δ is zero to the last digit, or does not move
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

 private:
  Slopes at(double omega, double scale) {
    const double d_omega = 1e-5 * omega;
    const double d_log = 1e-5;
    response_.effective_connectivity({0, omega}, matrix_, scale);
    const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(
        Eigen::MatrixXcd::Identity(matrix_.rows(), matrix_.cols()) - matrix_);
    const auto slope = [&](double h_omega, double h_log, double h) -> Complex {
      response_.effective_connectivity({0, omega + h_omega}, ahead_, scale * std::exp(h_log));
      response_.effective_connectivity({0, omega - h_omega}, behind_, scale * std::exp(-h_log));
      return -lu.solve(ahead_ - behind_).trace() / (2 * h);
    };
    return {slope(d_omega, 0, d_omega), slope(0, d_log, d_log)};
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

  const NetworkResponse& response_;
  double max_scale_;
  Eigen::MatrixXcd matrix_, ahead_, behind_;
  std::vector<CriticalDelay> found_;
};

class ScaleWalk {
 public:
  ScaleWalk(const NetworkResponse& response, double max_scale, double max_frequency,
            int max_evaluations)
      : response_(response),
        max_frequency_(max_frequency),
        max_evaluations_(max_evaluations),
        points_(response, max_scale) {}

  /// Number of unstable modes; what is near the axis is looked at on the way.
  std::optional<int> visit(double scale) {
    const ModeCount count = count_unstable_modes(
        LoopMatrix(response_, scale),
        {.max_frequency = max_frequency_, .max_evaluations = max_evaluations_});
    std::vector<Complex> starts = traces_of_modes(count.samples);
    if (starts.size() > kStarts) starts.resize(kStarts);
    for (const Complex z : starts) points_.search(z.imag(), scale);
    return count.unstable;
  }

  void account(double low, std::optional<int> at_low, double high, std::optional<int> at_high) {
    if (!at_low || !at_high || points_.change(low, high) == *at_high - *at_low) return;
    if (high - low < kNarrowest * high) return;
    const double middle = std::sqrt(low * high);
    const std::optional<int> between = visit(middle);
    account(low, at_low, middle, between);
    account(middle, between, high, at_high);
  }

  std::vector<CriticalDelay> take() { return points_.take(); }

 private:
  const NetworkResponse& response_;
  double max_frequency_;
  int max_evaluations_;
  CriticalPoints points_;
};

}  // namespace

std::vector<CriticalDelay> critical_delays_tracked(const NetworkResponse& response,
                                                   double max_scale, double max_frequency,
                                                   int max_evaluations) {
  ScaleWalk walk(response, max_scale, max_frequency, max_evaluations);
  std::vector<std::pair<double, std::optional<int>>> counts;
  for (double scale = kLowestScale; scale < max_scale; scale *= kRatio)
    counts.emplace_back(scale, walk.visit(scale));
  counts.emplace_back(max_scale, walk.visit(max_scale));
  for (std::size_t k = 1; k < counts.size(); ++k)
    walk.account(counts[k - 1].first, counts[k - 1].second, counts[k].first, counts[k].second);
  std::vector<CriticalDelay> found = walk.take();
  std::sort(found.begin(), found.end(),
            [](const CriticalDelay& a, const CriticalDelay& b) { return a.scale < b.scale; });
  return found;
}

}  // namespace nuphi::detail
