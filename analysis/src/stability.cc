#include <nuphi/analysis/stability.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "characteristic.h"
#include "critical_delays.h"
#include "mode_count.h"
#include "modes.h"

namespace nuphi {
namespace {

/// Above this size the eigenvalues of M at every frequency cost more than the whole count.
constexpr Eigen::Index kLargestForCriticalDelays = 64;

void check_causal(const NetworkResponse& response) {
  if (response.is_causal()) return;
  Diagnostic d;
  d.code = "acausal-delay";
  d.message = "a gaussian delay reaches before time 0: it has no stability";
  d.hint = "use truncated_gaussian";
  throw ModelError({d});
}

std::optional<double> first_change_above_one(const std::vector<CriticalDelay>& delays) {
  const auto above = [](const CriticalDelay& d) { return d.scale > 1; };
  const auto found = std::find_if(delays.begin(), delays.end(), above);
  return found == delays.end() ? std::nullopt : std::optional(found->scale);
}

}  // namespace

double Mode::frequency() const { return eigenvalue.imag() / (2 * std::numbers::pi); }

StabilityReport stability(const Network& network, const StationaryState& state,
                          const StabilityOptions& options) {
  NetworkResponse response(network, state, options.response);
  check_causal(response);
  if (options.delay_of &&
      !response.scale_delays_of(options.delay_of->target, options.delay_of->source))
    throw std::invalid_argument("stability: there is no connection with the delay to be scaled");
  detail::Characteristic characteristic(response, 1);
  const detail::ModeCount count =
      detail::count_unstable_modes(characteristic, options.max_frequency, options.max_evaluations,
                                   detail::frequency_of_damped_modes(characteristic));
  StabilityReport report;
  report.unstable_modes = count.unstable;
  report.reason = count.reason;
  report.cut_frequency = count.cut / (2 * std::numbers::pi);
  if (count.unstable) report.stable = *count.unstable == 0;
  report.modes = detail::rightmost_modes(characteristic, count, options.modes);
  if (count.unstable && response.longest_delay() > 0 &&
      response.size() <= kLargestForCriticalDelays) {
    report.critical_delays =
        std::isnan(response.common_delay())
            ? detail::critical_delays_tracked(response, options.max_delay_scale,
                                              options.max_frequency, options.max_evaluations)
            : detail::critical_delays_common(response, count, options.max_delay_scale);
    report.critical_delay_scale = first_change_above_one(report.critical_delays);
  }
  report.evaluations = count.evaluations + characteristic.evaluations();
  return report;
}

}  // namespace nuphi
