#include <fmt/format.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/models/find_population.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "commands.h"
#include "ending.h"
#include "files.h"
#include "progress.h"
#include "response_names.h"
#include "result_io.h"
#include "stop_on_interrupt.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kMostCritical = 12;  // in the table for people

Json mode_json(const Mode& mode) {
  return {{"growth_rate", quantity("1/s", mode.growth_rate())},
          {"frequency", quantity("Hz", mode.frequency())},
          {"residual", quantity("1", mode.residual)},
          {"participation", quantities("1", mode.participation)}};
}

Json to_json(const Model& model, const StabilityArguments& arguments, const StationaryState& state,
             const StabilityReport& report, const Verdict& verdict) {
  Json json = result_header(model);
  json["format"] = "nuphi-stability/1";
  json["settings"] = {
      {"synaptic_filter", !arguments.no_synaptic_filter},
      {"delay_of", arguments.delay_of.empty() ? Json(nullptr) : Json(arguments.delay_of)}};
  add_response(json["settings"], model.network.response);
  json["rate"] = quantities("Hz", state.rates);
  if (report.interrupted) json["partial"] = true;
  add_verdict(json, verdict);
  if (report.interrupted) json["reason"] = "interrupted";
  json["unlisted_modes"] = report.unlisted_modes;
  json["eigenvalues"] = Json::array();
  for (const Mode& mode : report.modes) json["eigenvalues"].push_back(mode_json(mode));
  json["critical_delay_scale"] =
      report.critical_delay_scale ? number(*report.critical_delay_scale) : Json(nullptr);
  json["critical_delays_between"] = {number(report.critical_delays_from),
                                     number(report.critical_delays_to)};
  json["critical_delays"] = Json::array();
  for (const CriticalDelay& delay : report.critical_delays) {
    json["critical_delays"].push_back({{"scale", number(delay.scale)},
                                       {"frequency", quantity("Hz", delay.frequency)},
                                       {"destabilizing", delay.destabilizing}});
  }
  json["cut_frequency"] = quantity("Hz", report.cut_frequency);
  return json;
}

std::string most_active(const Model& model, const Mode& mode) {
  Eigen::Index largest = 0;
  const double share = mode.participation.maxCoeff(&largest);
  return fmt::format("{} {:.0f} %", model.network.populations[largest].name, 100 * share);
}

std::string critical_table(const StabilityArguments& arguments, const StabilityReport& report) {
  if (report.critical_delays.empty()) return "";
  Table table({arguments.delay_of.empty() ? "all delays times"
                                          : "delay of " + arguments.delay_of + " times",
               "a mode of (Hz)", "becomes"});
  for (std::size_t k = 0; k < std::min(kMostCritical, report.critical_delays.size()); ++k) {
    const CriticalDelay& delay = report.critical_delays[k];
    table.add({display(delay.scale), display(delay.frequency),
               delay.destabilizing ? "unstable" : "stable"});
  }
  std::string text = "\n" + table.text();
  if (report.critical_delays.size() > kMostCritical)
    text +=
        fmt::format("and {} more, see --output\n", report.critical_delays.size() - kMostCritical);
  return text;
}

std::string to_text(const Model& model, const StabilityArguments& arguments,
                    const StabilityReport& report, const Verdict& verdict) {
  std::string text = report.interrupted ? "partial: interrupted\n" : "";
  text += fmt::format("{}: {}\n", model.network.name, phrase(verdict));
  if (!report.modes.empty()) {
    Table table({"mode", "growth rate (1/s)", "frequency (Hz)", "most active"});
    for (std::size_t k = 0; k < report.modes.size(); ++k) {
      const Mode& mode = report.modes[k];
      table.add({std::to_string(k + 1), display(mode.growth_rate()), display(mode.frequency()),
                 most_active(model, mode)});
    }
    text += "\n" + table.text();
  }
  const bool has_damped = !report.modes.empty() && !(report.modes.back().growth_rate() > 0);
  if (has_damped)
    text +=
        fmt::format("damped modes were looked for up to {} Hz; faster ones may be less damped\n",
                    display(report.cut_frequency));
  if (report.unlisted_modes > 0)
    text += fmt::format("\nnote: {} of the unstable modes {}\n", report.unlisted_modes,
                        report.interrupted ? "are not in the list" : "could not be located");
  if (report.unstable_modes && !report.reason.empty()) text += "\nnote: " + report.reason + "\n";
  text += critical_table(arguments, report);
  if (report.unstable_modes && model.network.populations.size() > kLargestForCriticalDelays)
    text += fmt::format("\nnote: critical delays are looked for up to {} populations\n",
                        kLargestForCriticalDelays);
  if (!verdict.notes.empty()) text += "\n" + notes_text(verdict.notes);
  return text;
}

StabilityOptions options_of(const StabilityArguments& arguments) {
  StabilityOptions options;
  options.response.synaptic_filter = !arguments.no_synaptic_filter;
  return options;
}

Eigen::Index population(const Model& model, const std::string& name) {
  if (const auto found = find_population(model.network, name))
    return static_cast<Eigen::Index>(*found);
  throw UsageError(fmt::format("--delay-of: the model has no population \"{}\"", name));
}

/// "TARGET<-SOURCE", as entries of the network are named elsewhere.
std::optional<Connection> connection_of(const Model& model, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t arrow = text.find("<-");
  if (arrow == std::string::npos)
    throw UsageError(fmt::format("--delay-of \"{}\": write TARGET<-SOURCE, e.g. \"E<-I\"", text));
  const Connection found{population(model, text.substr(0, arrow)),
                         population(model, text.substr(arrow + 2))};
  for (const Projection& p : model.network.projections)
    if (p.target == found.target && p.source == found.source && p.indegree * p.weight != 0)
      return found;
  throw UsageError(fmt::format("--delay-of \"{}\": the model has no such connection", text));
}

/// Without a single delay there is nothing to decide from; a projection here and there without one
/// is a fault.
bool has_no_delays(const Network& network) {
  for (const Projection& p : network.projections) {
    if (p.delay) return false;
  }
  return !network.projections.empty();
}

std::string_view doing(StabilityProgress::Stage stage) {
  switch (stage) {
    case StabilityProgress::Stage::kCount:
      return "counting unstable modes";
    case StabilityProgress::Stage::kModes:
      return "locating the modes";
    default:
      return "critical delays";
  }
}

StabilityReport find_modes(const Network& network, const StationaryState& state,
                           const StabilityOptions& options) {
  ProgressBar bar("stability");
  StabilityControl control;
  control.stop = stop_requested();
  control.progress = [&](const StabilityProgress& p) {
    bar.update(p.share, std::string(doing(p.stage)));
  };
  return stability(network, state, options, control);
}

/// The stationary state without its count of modes.
std::string so_far(const Model& model, const StationaryState& state, Format format) {
  if (format != Format::kJson)
    return "partial: interrupted before the modes were counted\n" + state_table(model, state);
  Json json = state_so_far(model, state, "nuphi-stability/1");
  json["unstable_modes"] = json["stable"] = nullptr;
  json["eigenvalues"] = Json::array();
  return dump(json);
}

}  // namespace

int run_stability(const StabilityArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson});
  StabilityOptions options = options_of(arguments);
  const Model model = load(arguments.model);
  options.delay_of = connection_of(model, arguments.delay_of);
  OutputFile file(arguments.output);
  SolveOptions solve = model.solve;
  solve.find = Find::kOne;
  if (!arguments.initial.empty())
    solve.initial_rates = read_initial_rates(arguments.initial, model.network);
  const StationaryResult result = solve_stationary(model.network, solve, stop_on_signals());
  if (!result.converged()) return no_state(result.summary, "to judge");
  keep_so_far(arguments.output, so_far(model, result.state, format));
  StabilityReport report;
  if (has_no_delays(model.network)) {
    report.reason =
        "the model has no delays; true stability depends on them (give each connection a delay)";
  } else {
    report = find_modes(model.network, result.state, options);
  }
  const Verdict verdict = verdict_of(model.network, result.state, report);
  return finish(file,
                format == Format::kJson
                    ? dump(to_json(model, arguments, result.state, report, verdict))
                    : to_text(model, arguments, report, verdict),
                report.interrupted);
}

}  // namespace nuphi::runner
