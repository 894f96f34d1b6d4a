#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/analysis/diagram.h>
#include <nuphi/models/model_family.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "commands.h"
#include "continue_notes.h"
#include "continue_report.h"
#include "files.h"
#include "logging.h"
#include "observables.h"
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

/// The model over one parameter or two, with the response that is asked for.
ModelFamily varied_model(const ModelFile& file, const Overrides& fixed,
                         const ContinuationReport& report) {
  std::vector<std::string> names = {report.parameter.name};
  for (const VariedParameter& second : report.second) names.push_back(second.name);
  ModelFamily family = model_family(file, fixed, names);
  family.network = [network = family.network,
                    response = report.model.network.response](const Eigen::VectorXd& values) {
    Network result = network(values);
    result.response = response;
    return result;
  };
  return family;
}

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
  if (!arguments.observe.empty()) report.observed = split(arguments.observe);
  for (const std::string& name : report.observed) (void)find_observable(name, "--observe");
  return report;
}

ContinuationOptions options_of(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  ContinuationOptions options = branch_steps(p.from, p.to, report.step / std::abs(p.to - p.from));
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

/// What the bars on the terminal say.
class DiagramBars {
 public:
  DiagramBars(const VariedParameter& p, const std::vector<VariedParameter>& second)
      : p_(p), second_(second) {}

  void update(const DiagramProgress& now) {
    if (!bar_ || stage_ != now.stage) {
      stage_ = now.stage;
      bar_.reset();
      bar_.emplace(label());
    }
    bar_->update(part(now), text(now));
  }

 private:
  using Stage = DiagramProgress::Stage;

  [[nodiscard]] std::string label() const {
    switch (stage_) {
      case Stage::kBranches:
        return "branch";
      case Stage::kHopf:
        return "hopf";
      case Stage::kFoldCurves:
        return "folds";
      case Stage::kHopfCurves:
        return "hopf curves";
    }
    return "";
  }
  [[nodiscard]] double part(const DiagramProgress& now) const {
    if (stage_ == Stage::kBranches) return fraction(p_, now.parameter);
    if (stage_ == Stage::kHopf) return static_cast<double>(now.points) / now.of;
    return fraction(second_.front(), now.second);
  }
  [[nodiscard]] std::string text(const DiagramProgress& now) const {
    if (stage_ == Stage::kHopf) return fmt::format("{} of {} states", now.points, now.of);
    std::string text =
        fmt::format("{} points, {} = {}", now.points, p_.name, p_.text(now.parameter));
    if (stage_ == Stage::kBranches) return text;
    const VariedParameter& q = second_.front();
    text += fmt::format(", {} = {}", q.name, q.text(now.second));
    if (stage_ == Stage::kHopfCurves) text += fmt::format(", {:.4g} Hz", now.frequency);
    return text;
  }

  const VariedParameter& p_;
  const std::vector<VariedParameter>& second_;
  Stage stage_ = Stage::kBranches;
  std::optional<ProgressBar> bar_;
};

DiagramOptions diagram_options(const ContinueArguments& arguments,
                               const ContinuationReport& report) {
  DiagramOptions options{.steps = options_of(report),
                         .search = {.all = arguments.all, .switching = arguments.switching},
                         .solve = report.model.solve,
                         .hopf = report.reports("hopf")};
  if (!arguments.initial.empty())
    options.solve.initial_rates = read_initial_rates(arguments.initial, report.model.network);
  for (const VariedParameter& q : report.second) {
    options.second_lower = std::min(q.from, q.to);
    options.second_upper = std::max(q.from, q.to);
  }
  return options;
}

void find_diagram(const ModelFamily& family, const ContinueArguments& arguments,
                  ContinuationReport& report) {
  const DiagramOptions options = diagram_options(arguments, report);
  DiagramBars bars(report.parameter, report.second);
  const DiagramControl control{.stop = stop_requested(),
                               .progress = [&](const auto& now) { bars.update(now); }};
  report.diagram = diagram(family, options, control);
  report.network = [&family](double p) {
    Eigen::VectorXd values = family.values();
    values[0] = p;
    return family.network(values);
  };
  // What was stopped is written at once.
  if (interrupted()) return;
  report.notes = branch_notes(report, options.search.max_branches);
  if (options.hopf && !report.diagram.no_hopf.empty())
    report.notes.push_back(
        {"no-hopf", "Hopf points were not looked for: " + report.diagram.no_hopf, {}});
}

/// Folds are looked for where their curve is asked for; who did not ask for them sees none.
void drop_unwanted_folds(ContinuationReport& report) {
  if (report.reports("fold")) return;
  for (DiagramBranch& branch : report.diagram.branches) {
    std::erase_if(branch.special_points,
                  [](const DiagramPoint& point) { return point.kind == Bifurcation::kFold; });
  }
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
  const DiagramBranch& first = report.first();
  if (!first.start.converged() || first.back == BranchEnd::kStalled ||
      first.back == BranchEnd::kNoStart) {
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
  const ModelFamily family = varied_model(*model, fixed, report);
  if (!arguments.initial.empty()) note_input(arguments.initial);  // it is read later
  OutputFile file(arguments.output);
  find_diagram(family, arguments, report);
  drop_unwanted_folds(report);
  const bool partial = interrupted();
  begin_ending();
  const int code = finish(file, text_of(arguments.output, format, report, partial), partial);
  return partial ? code : exit_code(report);
}

}  // namespace nuphi::runner
