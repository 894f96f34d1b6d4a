#include <fmt/format.h>
#include <nuphi/analysis/stability.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "critical_delays.h"
#include "loop_matrix.h"
#include "mode_count.h"
#include "modes.h"
#include "state_check.h"

namespace nuphi {
namespace {

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

void contradict(StabilityReport& report, std::string reason) {
  report.unstable_modes.reset();
  report.reason = std::move(reason);
}

using Stage = StabilityProgress::Stage;

detail::CountLimits limits_of(const StabilityOptions& options, const StabilityControl& control) {
  return {.max_frequency = options.max_frequency,
          .max_evaluations = options.max_evaluations,
          .stop = control.stop};
}

void begin(Stage stage, const StabilityControl& control, detail::CountLimits& limits) {
  if (!control.progress) return;
  limits.progress = [&control, stage](double share) { control.progress({stage, share}); };
}

/// The list, which also checks the count.
void add_modes(detail::LoopMatrix& matrix, const detail::ModeCount& count,
               const detail::CountLimits& limits, const StabilityOptions& options,
               StabilityReport& report) {
  detail::ModeList list = detail::list_modes(matrix, count, limits, options.modes);
  report.modes = std::move(list.modes);
  report.unlisted_modes = list.unlisted;
  report.evaluations += matrix.evaluations();
  if (list.uncounted > 0)
    contradict(report, fmt::format("two ways of counting disagree: {} modes by the winding number, "
                                   "and {} more were found",
                                   *count.unstable, list.uncounted));
}

/// A mode that was found is one, whatever remains undecided.
void add_modes_found(StabilityReport& report) {
  int unstable = 0;
  for (const Mode& m : report.modes)
    if (m.growth_rate() > 0) unstable += m.eigenvalue.imag() > 0 ? 2 : 1;
  if (report.unstable_modes || unstable == 0) return;
  report.reason += fmt::format("; at least {} unstable mode{} found: the state is unstable",
                               unstable, unstable == 1 ? " was" : "s were");
}

void add_critical_delays(const NetworkResponse& response, const detail::ModeCount& count,
                         const detail::CountLimits& limits, const StabilityOptions& options,
                         StabilityReport& report) {
  if (!count.unstable || !(response.longest_delay() > 0) || !(options.max_delay_scale > 0) ||
      response.size() > kLargestForCriticalDelays)
    return;
  detail::CriticalDelays critical =
      std::isnan(response.common_delay())
          ? detail::critical_delays_tracked(response, count, options.max_delay_scale, limits)
          : detail::critical_delays_common(response, count, options.max_delay_scale, limits);
  report.critical_delays = std::move(critical.found);
  report.critical_delays_from = critical.from;
  report.critical_delays_to = critical.to;
  report.critical_delay_scale = first_change_above_one(report.critical_delays);
}

}  // namespace

std::string unknown_stability(const Network& network, const ResponseOptions& options) {
  for (const Projection& projection : network.projections) {
    if (!projection.delay) return "a connection has no delay";
    if (!is_causal(*projection.delay)) return "a gaussian delay has no stability";
  }
  if (network.projections.empty()) return "the network has no connections";
  return unknown_modes(network, options);
}

double Mode::frequency() const { return eigenvalue.imag() / (2 * std::numbers::pi); }

StabilityReport stability(const Network& network, const StationaryState& state,
                          const StabilityOptions& options, const StabilityControl& control) {
  NetworkResponse response(network, state, options.response);
  detail::require_state_of(mean_field(network), state);
  check_causal(response);
  if (options.delay_of &&
      !response.scale_delays_of(options.delay_of->target, options.delay_of->source))
    throw std::invalid_argument("stability: there is no connection with the delay to be scaled");
  detail::LoopMatrix matrix(response, 1);
  detail::CountLimits limits = limits_of(options, control);
  begin(Stage::kCount, control, limits);
  if (!options.only_count) limits.at_least = detail::frequency_of_damped_modes(matrix);
  const detail::ModeCount count = detail::count_unstable_modes(matrix, limits);
  StabilityReport report;
  report.unstable_modes = count.unstable;
  report.reason = count.reason;
  report.cut_frequency = count.cut / (2 * std::numbers::pi);
  report.evaluations = count.evaluations;
  if (!options.only_count) {
    begin(Stage::kModes, control, limits);
    add_modes(matrix, count, limits, options, report);
    add_modes_found(report);
    begin(Stage::kCriticalDelays, control, limits);
    add_critical_delays(response, count, limits, options, report);
  }
  report.interrupted = control.stop.stop_requested();
  if (report.unstable_modes) report.stable = *report.unstable_modes == 0;
  return report;
}

}  // namespace nuphi
