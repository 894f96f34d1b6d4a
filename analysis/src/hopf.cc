#include <nuphi/analysis/hopf.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "loop_matrix.h"
#include "mode_count.h"
#include "modes.h"
#include "secant.h"

namespace nuphi {
namespace {

using detail::Complex;
using detail::LoopMatrix;

constexpr int kModesLookedAt = 16;
// A crossing mode slower than this is real: a fold, not an oscillation.
constexpr double kSlowest = 1e-3;  // [Hz]

detail::CountLimits limits_of(const StabilityOptions& options) {
  return {.max_frequency = options.max_frequency, .max_evaluations = options.max_evaluations};
}

/// The mode that crosses, followed from parameter to parameter.
class CrossingMode {
 public:
  CrossingMode(const NetworkFamily& family, const Eigen::VectorXd& rates,
               const StabilityOptions& options)
      : family_(family), rates_(rates), options_(options) {}

  /// Takes up the mode nearest to the axis. @return false when there is none
  bool find(double parameter) {
    const std::optional<NetworkResponse> response = respond(parameter);
    if (!response) return false;
    LoopMatrix matrix(*response, 1);
    detail::CountLimits limits = limits_of(options_);
    limits.at_least = detail::frequency_of_damped_modes(matrix);
    const detail::ModeCount count = detail::count_unstable_modes(matrix, limits);
    const std::vector<Mode> modes = detail::list_modes(matrix, count, limits, kModesLookedAt).modes;
    const auto nearest =
        std::min_element(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) {
          return std::abs(a.growth_rate()) < std::abs(b.growth_rate());
        });
    if (nearest == modes.end()) return false;
    eigenvalue_ = nearest->eigenvalue;
    return true;
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

}  // namespace

double unstable_mode_count(const Network& network, const Eigen::VectorXd& rates,
                           const StabilityOptions& options) {
  const NetworkResponse response(network, evaluate_state(mean_field(network), rates),
                                 options.response);
  const auto count = detail::count_unstable_modes(LoopMatrix(response, 1), limits_of(options));
  return count.unstable ? *count.unstable : std::numeric_limits<double>::quiet_NaN();
}

std::optional<HopfPoint> refine_hopf(const NetworkFamily& family, double parameter,
                                     const Eigen::VectorXd& rates, double width,
                                     const StabilityOptions& options) {
  CrossingMode mode(family, rates, options);
  if (!mode.find(parameter)) return std::nullopt;
  const double reach = 1000 * std::abs(width);
  const double root = detail::secant_root([&](double p) { return mode.growth(p); }, parameter,
                                          parameter + width, parameter - reach, parameter + reach);
  if (!std::isfinite(root) || mode.frequency() < kSlowest) return std::nullopt;
  return HopfPoint{root, mode.rates(), mode.frequency(), mode.growth_rate()};
}

std::vector<HopfPoint> find_hopf_points(const NetworkFamily& family,
                                        const std::vector<ParameterState>& branch,
                                        const StabilityOptions& options,
                                        const std::function<bool()>& stop) {
  std::vector<HopfPoint> found;
  double before = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t k = 0; k < branch.size(); ++k) {
    if (stop && stop()) break;
    const ParameterState& here = branch[k];
    const double count = unstable_mode_count(family(here.parameter), here.rates, options);
    const double change = count - before;
    before = count;
    // A change by an odd number is a real mode: a fold or a branch point.
    if (k == 0 || !std::isfinite(change) || change == 0 || std::fmod(change, 2) != 0) continue;
    const ParameterState& previous = branch[k - 1];
    const double gap = here.parameter - previous.parameter;
    for (const ParameterState& start : {previous, here}) {
      const auto point = refine_hopf(family, start.parameter, start.rates, 0.1 * gap, options);
      if (!point || (point->parameter - previous.parameter) * (point->parameter - here.parameter) >
                        0.01 * gap * gap)
        continue;
      found.push_back(*point);
      break;
    }
  }
  return found;
}

}  // namespace nuphi
