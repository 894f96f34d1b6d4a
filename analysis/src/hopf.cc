#include <nuphi/analysis/hopf.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "branch_count.h"
#include "loop_matrix.h"
#include "mode_count.h"
#include "modes.h"
#include "secant.h"

namespace nuphi {
namespace {

using detail::BranchCountAt;
using detail::Complex;
using detail::LoopMatrix;

constexpr int kModesLookedAt = 16;
// A crossing mode slower than this is real: a fold, not an oscillation.
constexpr double kSlowest = 1e-3;  // [Hz]

detail::CountLimits limits_of(const StabilityOptions& options) {
  return {.max_frequency = options.max_frequency, .max_evaluations = options.max_evaluations};
}

NetworkResponse response_at(const Network& network, const Eigen::VectorXd& rates,
                            const StabilityOptions& options) {
  return {network, evaluate_state(mean_field(network), rates), options.response};
}

/// The mode that crosses, followed from parameter to parameter.
class CrossingMode {
 public:
  CrossingMode(const NetworkFamily& family, const Eigen::VectorXd& rates,
               const StabilityOptions& options)
      : family_(family), rates_(rates), options_(options) {}

  /// Oscillating modes, nearest to the axis first.
  std::vector<Complex> candidates(double parameter) {
    const std::optional<NetworkResponse> response = respond(parameter);
    if (!response) return {};
    LoopMatrix matrix(*response, 1);
    detail::CountLimits limits = limits_of(options_);
    limits.at_least = detail::frequency_of_damped_modes(matrix);
    const detail::ModeCount count = detail::count_unstable_modes(matrix, limits);
    std::vector<Complex> found;
    for (const Mode& m : detail::modes_near_axis(matrix, count, limits, kModesLookedAt))
      if (m.frequency() > kSlowest) found.push_back(m.eigenvalue);
    std::sort(found.begin(), found.end(),
              [](Complex x, Complex y) { return std::abs(x.real()) < std::abs(y.real()); });
    return found;
  }

  /// Follows this one from now on.
  void take_up(Complex eigenvalue, const Eigen::VectorXd& rates) {
    eigenvalue_ = eigenvalue;
    rates_ = rates;
  }

  /// Growth rate of the mode at a parameter; NaN when the state or the mode is lost.
  double growth(double parameter) {
    const std::optional<NetworkResponse> response = respond(parameter);
    if (!response) return std::numeric_limits<double>::quiet_NaN();
    LoopMatrix matrix(*response, 1);
    const std::optional<Complex> refined = detail::refine_mode(matrix, eigenvalue_);
    if (!refined) return std::numeric_limits<double>::quiet_NaN();
    eigenvalue_ = *refined;
    return eigenvalue_.real();
  }

  [[nodiscard]] const Eigen::VectorXd& rates() const { return rates_; }
  [[nodiscard]] double growth_rate() const { return eigenvalue_.real(); }
  [[nodiscard]] double frequency() const {
    return std::abs(eigenvalue_.imag()) / (2 * std::numbers::pi);
  }

 private:
  std::optional<NetworkResponse> respond(double parameter) try {
    const Network network = family_(parameter);
    SolveOptions solve;
    solve.initial_rates = rates_;
    const StationaryResult result = solve_stationary(network, solve);
    if (!result.converged()) return std::nullopt;
    rates_ = result.state.rates;
    return NetworkResponse(network, result.state, options_.response);
  } catch (const ModelError&) {
    return std::nullopt;  // a step has left the values for which there is a network
  }

  const NetworkFamily& family_;
  Eigen::VectorXd rates_;
  const StabilityOptions& options_;
  Complex eigenvalue_;
};

/// The real mode nearest to 0 [1/s], where one is found.
std::optional<double> slowest_real_mode(const Network& network, const Eigen::VectorXd& rates,
                                        const StabilityOptions& options) {
  const NetworkResponse response = response_at(network, rates, options);
  LoopMatrix matrix(response, 1);
  const std::optional<Complex> root = detail::refine_mode(matrix, 0);
  if (!root || !(std::abs(root->imag()) < 1e-6 * std::abs(*root))) return std::nullopt;
  return root->real();
}

/// Two neighbouring states of a branch; between them it may turn.
struct Step {
  const ParameterState& from;
  const ParameterState& to;
  BranchCountAt before, now;

  [[nodiscard]] bool has_real_crossing() const { return before.odd_real != now.odd_real; }

  /// Whether a point lies between them: in the parameter, and where the branch turns in the rates.
  [[nodiscard]] bool holds(const HopfPoint& point) const {
    const double gap = to.parameter - from.parameter;
    const bool between =
        (point.parameter - from.parameter) * (point.parameter - to.parameter) <= 0.01 * gap * gap;
    if (!has_real_crossing()) return between;
    const double length = (to.rates - from.rates).norm();
    return (point.rates - from.rates).norm() <= 1.01 * length &&
           (point.rates - to.rates).norm() <= 1.01 * length;
  }
};

/// Real modes that have crossed 0 to the right, less those to the left: 0, or ±1 where the sign of
/// det(1 − M(0)) has changed.
int real_crossings(const NetworkFamily& family, const Step& step, const StabilityOptions& options) {
  if (!step.has_real_crossing()) return 0;
  const auto slowest = [&](const ParameterState& at) {
    return slowest_real_mode(family(at.parameter), at.rates, options);
  };
  const std::optional<double> before = slowest(step.from), now = slowest(step.to);
  if (before && now && *before * *now < 0) return *now > 0 ? 1 : -1;
  return *step.now.unstable > *step.before.unstable ? 1 : -1;
}

/// Where the growth rate of a mode is zero, by secant steps in the parameter.
std::optional<HopfPoint> locate(CrossingMode& mode, Complex eigenvalue, double parameter,
                                const Eigen::VectorXd& rates, double width) {
  mode.take_up(eigenvalue, rates);
  const double reach = 1000 * std::abs(width);
  const double root = detail::secant_root([&](double p) { return mode.growth(p); }, parameter,
                                          parameter + width, parameter - reach, parameter + reach);
  if (!std::isfinite(root) || mode.frequency() < kSlowest) return std::nullopt;
  return HopfPoint{root, mode.rates(), mode.frequency(), mode.growth_rate()};
}

bool is_known(const std::vector<HopfPoint>& found, const HopfPoint& point) {
  return std::any_of(found.begin(), found.end(), [&](const HopfPoint& other) {
    return std::abs(other.frequency - point.frequency) <= 1e-6 * point.frequency &&
           (other.rates - point.rates).norm() <= 1e-6 * point.rates.norm();
  });
}

/// `pairs` Hopf points of a step: the modes nearest to the axis are followed from either end.
void locate_within(const NetworkFamily& family, const Step& step, int pairs,
                   const StabilityOptions& options, std::vector<HopfPoint>& found) {
  const double gap = step.to.parameter - step.from.parameter;
  int left = pairs;
  for (const ParameterState* start : {&step.from, &step.to}) {
    CrossingMode mode(family, start->rates, options);
    std::vector<Complex> candidates = mode.candidates(start->parameter);
    if (candidates.size() > static_cast<std::size_t>(pairs) + 2)
      candidates.resize(static_cast<std::size_t>(pairs) + 2);
    for (const Complex& candidate : candidates) {
      // Beyond a fold there is no state: from there the other way.
      for (const double width : {0.1 * gap, -0.1 * gap, 0.001 * gap, -0.001 * gap}) {
        if (left == 0) return;
        const auto point = locate(mode, candidate, start->parameter, start->rates, width);
        if (!point || !step.holds(*point) || is_known(found, *point)) continue;
        found.push_back(*point);
        --left;
        break;
      }
    }
  }
}

}  // namespace

double unstable_mode_count(const Network& network, const Eigen::VectorXd& rates,
                           const StabilityOptions& options) {
  const NetworkResponse response = response_at(network, rates, options);
  const LoopMatrix matrix(response, 1);
  const std::optional<int> count =
      detail::count_unstable_modes(matrix, limits_of(options)).unstable;
  return count ? *count : std::numeric_limits<double>::quiet_NaN();
}

HopfSearch search_hopf_points(const NetworkFamily& family,
                              const std::vector<ParameterState>& branch,
                              const StabilityOptions& options, const std::function<bool()>& stop) {
  HopfSearch search;
  detail::BranchCount counts(limits_of(options));
  BranchCountAt before;
  for (std::size_t k = 0; k < branch.size(); ++k) {
    if (stop && stop()) break;
    const ParameterState& here = branch[k];
    const BranchCountAt now = counts.next(response_at(family(here.parameter), here.rates, options));
    search.unstable_modes.push_back(now.unstable);
    if (k > 0 && before.unstable && now.unstable) {
      const Step step{branch[k - 1], here, before, now};
      const int real = real_crossings(family, step, options);
      const int pairs = std::abs(*now.unstable - *before.unstable - real) / 2;
      if (pairs > 0) locate_within(family, step, pairs, options, search.points);
    }
    before = now;
  }
  return search;
}

std::vector<HopfPoint> find_hopf_points(const NetworkFamily& family,
                                        const std::vector<ParameterState>& branch,
                                        const StabilityOptions& options,
                                        const std::function<bool()>& stop) {
  return search_hopf_points(family, branch, options, stop).points;
}

}  // namespace nuphi
