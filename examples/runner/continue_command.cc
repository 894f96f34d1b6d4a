#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/models/model_family.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/solver/continuation.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stop_token>
#include <utility>

#include "commands.h"
#include "continue_notes.h"
#include "continue_report.h"
#include "files.h"
#include "logging.h"
#include "modes.h"
#include "printable.h"
#include "progress.h"
#include "response_names.h"
#include "signals.h"

namespace nuphi::runner {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"fold", "hopf", "branch_point", "cusp"};
constexpr double kDefaultStep = 0.02;  // of the interval

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// The network over one parameter or two, with the response that is asked for.
class VariedNetwork {
 public:
  VariedNetwork(const ModelFile& file, const Overrides& fixed, const ContinuationReport& report)
      : line_(model_family(file, fixed, {report.parameter.name})),
        response_(report.model.network.response) {
    for (const VariedParameter& second : report.second)
      plane_ = model_family(file, fixed, {report.parameter.name, second.name});
  }

  [[nodiscard]] Network at(double p) const { return with_response(line_, Vector1(p)); }
  [[nodiscard]] Network at(double p, double q) const {
    return with_response(plane_, Eigen::Vector2d(p, q));
  }

 private:
  using Vector1 = Eigen::Matrix<double, 1, 1>;

  [[nodiscard]] Network with_response(const ModelFamily& family, const Eigen::VectorXd& x) const {
    Network network = family.network(x);
    network.response = response_;
    return network;
  }

  ModelFamily line_, plane_;
  ResponseChoice response_;
};

Parameter parameter_of(const Model& model, const std::string& name, const char* option) {
  const std::optional<Parameter> found = find_parameter(model, name);
  if (!found) throw UsageError(fmt::format("{}: {}", option, parameter_fault(model, name)));
  return *found;
}

double value_of(const std::string& text, const Parameter& parameter, const char* option) {
  try {
    return parse_quantity(text, parameter.dimension);
  } catch (const ModelError& error) {
    const Diagnostic& fault = error.diagnostics().front();
    throw UsageError(fmt::format("{} \"{}\": {}{}{}", option, text, fault.message,
                                 fault.hint.empty() ? "" : "; ", fault.hint));
  }
}

VariedParameter varied(const Parameter& parameter, double from, double to) {
  VariedParameter result{.name = parameter.name,
                         .dimension = parameter.dimension,
                         .unit = parameter.unit,
                         .from = from,
                         .to = to};
  if (result.unit.empty() && result.dimension != "1") result.unit = result.dimension;
  if (!result.unit.empty()) result.factor = parse_quantity("1 " + result.unit, result.dimension);
  if (!std::isfinite(from) || !std::isfinite(to) || from == to) {
    throw UsageError(fmt::format("the interval of {} is empty: {} to {}", result.name,
                                 result.text(from), result.text(to)));
  }
  return result;
}

std::vector<std::string> kinds_of(const std::string& special) {
  if (special.empty()) return {kKinds.begin(), kKinds.end()};
  std::vector<std::string> kinds = split(special);
  for (const std::string& kind : kinds) {
    if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
      throw UsageError(
          fmt::format("--special \"{}\": allowed are {}", kind, fmt::join(kKinds, ", ")));
    }
  }
  return kinds;
}

// The one of the two names that is not --parameter.
std::vector<VariedParameter> second_of(const ContinueArguments& arguments, const Model& model) {
  if (arguments.two_parameter.empty()) return {};
  const std::vector<std::string> names = split(arguments.two_parameter);
  const bool first = names[0] == arguments.parameter;
  if (names.size() != 2 || names[0] == names[1] || (!first && names[1] != arguments.parameter)) {
    throw UsageError(fmt::format(
        "--two-parameter \"{}\": give two names, one of them that of --parameter, e.g. {},eta",
        arguments.two_parameter, arguments.parameter));
  }
  const Parameter parameter = parameter_of(model, names[first ? 1 : 0], "--two-parameter");
  const bool given = !arguments.second_from.empty() && !arguments.second_to.empty();
  if (!given &&
      (arguments.second_from.empty() != arguments.second_to.empty() || parameter.value == 0)) {
    throw UsageError(
        fmt::format("give the interval of {} by --second-from and --second-to", parameter.name));
  }
  const double from = given ? value_of(arguments.second_from, parameter, "--second-from") : 0;
  const double to =
      given ? value_of(arguments.second_to, parameter, "--second-to") : 2 * parameter.value;
  if (!(std::min(from, to) <= parameter.value && parameter.value <= std::max(from, to))) {
    throw UsageError(
        fmt::format("the interval of {} must hold its value in the model", parameter.name));
  }
  return {varied(parameter, from, to)};
}

ContinuationReport prepared(const ContinueArguments& arguments, const Model& model) {
  const Parameter parameter = parameter_of(model, arguments.parameter, "--parameter");
  ContinuationReport report;
  report.model = model;
  report.parameter = varied(parameter, value_of(arguments.from, parameter, "--from"),
                            value_of(arguments.to, parameter, "--to"));
  report.second = second_of(arguments, model);
  report.special = kinds_of(arguments.special);
  const double width = std::abs(report.parameter.to - report.parameter.from);
  report.step =
      arguments.step.empty() ? kDefaultStep * width : value_of(arguments.step, parameter, "--step");
  if (!(report.step > 0)) throw UsageError("--step must be positive");
  if (arguments.max_points <= 0) throw UsageError("--max-points must be positive");
  report.max_points = arguments.max_points;
  report.several = arguments.all || arguments.switching;
  return report;
}

ContinuationOptions options_of(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  ContinuationOptions options;
  options.lower = std::min(p.from, p.to);
  options.upper = std::max(p.from, p.to);
  options.direction = p.from < p.to ? BranchDirection::kIncreasing : BranchDirection::kDecreasing;
  options.max_step = report.step / (options.upper - options.lower);
  options.initial_step = std::min(options.initial_step, options.max_step);
  options.min_step = std::min(options.min_step, options.max_step);
  options.max_points = report.max_points;
  options.tolerance = report.model.solve.tolerance;
  // Folds are needed where their curve is asked for, reported or not.
  options.folds = report.reports("fold") || !report.second.empty();
  options.branch_points = report.reports("branch_point");
  return options;
}

double fraction(const VariedParameter& p, double value) {
  return (value - p.from) / (p.to - p.from);
}

void find_branches(const VariedNetwork& network, const ContinueArguments& arguments,
                   ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  ProgressBar bar("branch");
  int points = 0;
  ContinuationControl control;
  control.stop = stop_requested();
  control.progress = [&](const BranchPoint& point) {
    bar.update(fraction(p, point.parameter),
               fmt::format("{} points, {} = {}", ++points, p.name, p.text(point.parameter)));
  };
  SolveOptions solve = report.model.solve;
  solve.find = Find::kOne;
  if (!arguments.initial.empty())
    solve.initial_rates = read_initial_rates(arguments.initial, report.model.network);
  const BranchSearch search{.all = arguments.all, .switching = arguments.switching};
  std::vector<StationaryBranch> found =
      continue_all_stationary([&](double value) { return mean_field(network.at(value)); },
                              options_of(report), search, solve, control);
  for (StationaryBranch& branch : found) report.branches.push_back({.found = std::move(branch)});
  // What was stopped is written at once.
  if (interrupted()) return;
  report.notes =
      branch_notes(report, search.max_branches, [&](double value) { return network.at(value); });
}

/// Hopf points, and the verdict with delays beside that of the rate dynamics.
void find_hopf(const VariedNetwork& network, FoundBranch& branch) {
  std::vector<ParameterState> states;
  for (const BranchPoint& point : branch.found.branch.points)
    states.push_back({point.parameter, point.x});
  ProgressBar bar("hopf");
  std::size_t looked_at = 0;
  const auto stop = [&] {
    bar.update(static_cast<double>(looked_at) / static_cast<double>(states.size()),
               fmt::format("{} of {} states", looked_at, states.size()));
    ++looked_at;
    return interrupted();
  };
  HopfSearch search =
      search_hopf_points([&](double value) { return network.at(value); }, states, {}, stop);
  branch.hopf = std::move(search.points);
  branch.unstable_modes = std::move(search.unstable_modes);
}

void look_at_delays(const VariedNetwork& network, ContinuationReport& report) {
  const std::string why = why_no_modes(report.model.network);
  if (!why.empty()) {
    report.notes.push_back({"no-hopf", "Hopf points were not looked for: " + why, {}});
    return;
  }
  for (FoundBranch& branch : report.branches) {
    if (interrupted()) return;
    find_hopf(network, branch);
  }
}

void find_fold_curves(const VariedNetwork& network, ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  const VariedParameter& q = report.second[0];
  ProgressBar bar("folds");
  int points = 0;
  FoldCurveControl control;
  control.stop = stop_requested();
  control.progress = [&](const FoldCurvePoint& point) {
    bar.update(fraction(q, point.second_parameter),
               fmt::format("{} points, {} = {}, {} = {}", ++points, p.name, p.text(point.parameter),
                           q.name, q.text(point.second_parameter)));
  };
  const FoldCurveOptions options{.steps = options_of(report),
                                 .second_lower = std::min(q.from, q.to),
                                 .second_upper = std::max(q.from, q.to)};
  const double at = parameter_of(report.model, q.name, "--two-parameter").value;
  RateFamily plane(
      [&](double first, double second) { return mean_field(network.at(first, second)); },
      {options.steps.lower, options.second_lower}, {options.steps.upper, options.second_upper},
      {p.from, at});
  report.fold_curves =
      continue_folds(plane, report.first().branch.special_points, at, options, control);
}

void find_hopf_curves(const VariedNetwork& network, ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  const VariedParameter& q = report.second[0];
  ProgressBar bar("hopf curves");
  int points = 0;
  HopfCurveControl control;
  control.stop = stop_requested();
  control.progress = [&](const HopfCurvePoint& point) {
    bar.update(fraction(q, point.second_parameter),
               fmt::format("{} points, {} = {}, {} = {}, {:.4g} Hz", ++points, p.name,
                           p.text(point.parameter), q.name, q.text(point.second_parameter),
                           point.frequency));
  };
  HopfCurveOptions options;
  options.lower = {std::min(p.from, p.to), std::min(q.from, q.to)};
  options.upper = {std::max(p.from, p.to), std::max(q.from, q.to)};
  options.max_step = options_of(report).max_step;
  options.max_points = report.max_points;
  options.count_modes = true;
  const double at = parameter_of(report.model, q.name, "--two-parameter").value;
  report.hopf_curves =
      continue_hopf_points([&](double first, double second) { return network.at(first, second); },
                           report.branches.front().hopf, at, options, control);
}

std::string text_of(const std::string& output, Format format, const ContinuationReport& report,
                    bool partial) {
  if (format == Format::kJson) {
    Json json = to_json(report);
    if (partial) json["partial"] = true;
    return dump(json);
  }
  if (format != Format::kCsv) return to_text(report);
  if (!report.second.empty()) {
    print_error(fmt::format(
        "note: {} holds the branch; fold and Hopf curves are part of the JSON only\n", output));
  }
  return to_csv(report);
}

int exit_code(const ContinuationReport& report) {
  const StationaryBranch& first = report.first();
  if (!first.start.converged() || first.branch.back == BranchEnd::kStalled ||
      first.branch.back == BranchEnd::kNoStart) {
    print_error(fmt::format("error: not converged: {}\n", report.message()));
    return kNotConverged;
  }
  return kSuccess;
}

}  // namespace

int run_continue(const ContinueArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv});
  const std::shared_ptr<const ModelFile> model = open(arguments.model);
  const Overrides fixed = overrides_of(arguments.model);
  Model base = resolve(*model, fixed);
  base.network.response = chosen_response(base.network.response, arguments.model.response);
  ContinuationReport report = prepared(arguments, base);
  const VariedNetwork network(*model, fixed, report);
  if (!arguments.initial.empty()) note_input(arguments.initial);  // it is read later
  OutputFile file(arguments.output);
  find_branches(network, arguments, report);
  if (report.reports("hopf") && !interrupted()) look_at_delays(network, report);
  if (!report.second.empty() && !interrupted()) find_fold_curves(network, report);
  if (!report.second.empty() && !report.branches.front().hopf.empty() && !interrupted())
    find_hopf_curves(network, report);
  if (!report.reports("fold")) {
    for (FoundBranch& branch : report.branches) {
      std::erase_if(branch.found.branch.special_points, [](const SpecialPoint& special) {
        return special.kind == SpecialPointKind::kFold;
      });
    }
  }
  const bool partial = interrupted();
  begin_ending();
  const int code = finish(file, text_of(arguments.output, format, report, partial), partial);
  return partial ? code : exit_code(report);
}

}  // namespace nuphi::runner
