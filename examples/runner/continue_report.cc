#include "continue_report.h"

#include <fmt/format.h>
#include <nuphi/rates/validity.h>

#include <algorithm>
#include <optional>

#include "continue_observed.h"

namespace nuphi::runner {

std::string VariedParameter::text(double value) const {
  return fmt::format("{:.10g}{}{}", value / factor, unit.empty() ? "" : " ", unit);
}

bool ContinuationReport::reports(std::string_view kind) const {
  return std::find(special.begin(), special.end(), kind) != special.end();
}

BranchDirection ContinuationReport::direction() const {
  return parameter.from < parameter.to ? BranchDirection::kIncreasing
                                       : BranchDirection::kDecreasing;
}

std::string ContinuationReport::termination() const {
  if (!first().start.converged()) return std::string(to_string(first().start.summary.termination));
  const std::string_view end = end_name(first().back, direction());
  return end == "reached" ? "left_at_to" : end == "turned" ? "left_at_from" : std::string(end);
}

std::string ContinuationReport::message() const {
  const std::string how = termination();
  const std::size_t points = first().points.size();
  if (!first().start.converged()) {
    return fmt::format("no stationary state at {} = {} to start from: {}", parameter.name,
                       parameter.text(parameter.from), first().start.summary.message);
  }
  const std::string last =
      points > 0 ? parameter.text(first().points.back().parameter) : std::string("the start");
  if (how == "left_at_to") return fmt::format("{} points, up to {}", points, last);
  if (how == "left_at_from") {
    return fmt::format(
        "{} points; the branch turned and left the interval where it began, at {}; it did not "
        "reach {}",
        points, last, parameter.text(parameter.to));
  }
  if (how == "closed") {
    return fmt::format("{} points; the branch is closed and did not reach {}", points,
                       parameter.text(parameter.to));
  }
  if (how == "max_points")
    return fmt::format("{} points, as many as asked for, up to {}", points, last);
  if (how == "interrupted") return fmt::format("{} points up to {}, interrupted", points, last);
  return fmt::format("{} points; no step succeeded beyond {}{}{}", points, last,
                     first().fault.empty() ? "" : ": ", first().fault);
}

namespace {

/// A point as a stationary state: what the branch knows of it, or all where a network is given.
StationaryState state_at(const DiagramState& point, const std::optional<Network>& network) {
  StationaryState state;
  if (network) state = evaluate_state(mean_field(*network), point.rates);
  state.rates = point.rates;
  if (point.residual) state.residual = *point.residual;
  if (point.leading_eigenvalue) state.leading_eigenvalue = point.leading_eigenvalue;
  if (point.rate_dynamics_stable) state.rate_dynamics_stable = point.rate_dynamics_stable;
  return state;
}

}  // namespace

void for_observables(const ContinuationReport& report, const DiagramState& point,
                     const std::vector<const char*>& usual, bool modes_counted,
                     const std::function<void(const Observable&, const ObservedState&)>& visit) {
  std::optional<Network> there;  // only to observe more of the state than the branch knows
  if (!report.observed.empty()) there = report.network(point.parameter);
  const Network& network = there ? *there : report.model.network;
  const StationaryState state = state_at(point, there);
  Verdict verdict;
  verdict.rate_dynamics_stable = state.rate_dynamics_stable;
  verdict.delays = {
      .delays_given = modes_counted, .unstable_modes = point.unstable_modes, .reason = {}};
  if (std::find(report.observed.begin(), report.observed.end(), "coupling_radius") !=
      report.observed.end())
    verdict.coupling = coupling_radius(network, state);
  const ObservedState observed{network, state, verdict};
  for (const char* name : usual) visit(find_observable(name, name), observed);
  for (const std::string& name : report.observed) {
    if (std::find(usual.begin(), usual.end(), name) == usual.end())
      visit(find_observable(name, name), observed);
  }
}

}  // namespace nuphi::runner
