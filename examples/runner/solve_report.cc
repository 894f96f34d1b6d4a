#include "solve_report.h"

#include <fmt/format.h>

#include "files.h"
#include "printable.h"
#include "response_names.h"
#include "result_io.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

// Populations by name, unit by unit.
Json units_json(const Model& model, const Exchangeable& group) {
  Json units = Json::array();
  for (const auto& unit : group.units) {
    Json names = Json::array();
    for (const Eigen::Index i : unit) names.push_back(model.network.populations[i].name);
    units.push_back(std::move(names));
  }
  return units;
}

void add_classes(const Model& model, const StateClasses& found, Json& json) {
  json["classes"] = Json::array();
  for (const StateClass& c : found.classes) {
    // Whole numbers as such, up to where a double holds them.
    const Json size = c.size < 0x1p53 ? Json(static_cast<std::uint64_t>(c.size)) : Json(c.size);
    json["classes"].push_back({{"size", size}, {"members", c.members}});
  }
  json["exchangeable"] = Json::array();
  for (const Exchangeable& group : found.groups)
    json["exchangeable"].push_back(units_json(model, group));
}

Json to_json(const Model& model, const SolveArguments& arguments, const SolveOptions& options,
             const StateClasses& found, const StationaryState& best, bool partial) {
  const StationarySet& set = found.set;
  Json json = result_header(model);
  json["settings"] = {{"find", options.find == Find::kAll ? "all" : "one"},
                      {"method", to_string(options.method)},
                      {"tolerance", quantity("Hz", options.tolerance)},
                      {"max_iterations", options.max_iterations},
                      {"starts", options.starts},
                      {"seed", options.seed}};
  add_response(json["settings"], model.network.response);
  if (!arguments.polish.empty()) json["settings"]["polish"] = arguments.polish;
  if (partial) json["partial"] = true;
  json["summary"] = summary_json(set.summary);
  json["fixed_points"] = Json::array();
  for (const StationaryState& state : set.states)
    json["fixed_points"].push_back(fixed_point(model, state, verdict_of(model.network, state)));
  if (set.states.empty() && best.rates.size() > 0)
    json["best_point"] = fixed_point(model, best, no_verdict(model.network, best));
  json["notes"] = notes_json(network_notes(model.network));
  if (options.find == Find::kAll) {
    if (set.index_sum) json["index_sum"] = *set.index_sum;
    json["missing_states"] = set.missing_states ? Json(*set.missing_states) : Json(nullptr);
  }
  if (!found.classes.empty()) add_classes(model, found, json);
  return json;
}

std::string title(const StateClasses& found, std::size_t k) {
  const std::string number = fmt::format("fixed point {}", k + 1);
  if (k >= found.classes.size() || found.classes[k].size == 1) return number;
  return fmt::format("{}, one of {:.15g} that are the same up to permutation", number,
                     found.classes[k].size);
}

std::string to_table(const Model& model, const SolveOptions& options, const StateClasses& found,
                     const StationaryState& best) {
  const StationarySet& set = found.set;
  std::string text = fmt::format("{}: {}\n", model.network.name, set.summary.brief_report());
  if (options.find == Find::kAll) text += set.summary.message + "\n";
  for (std::size_t k = 0; k < set.states.size(); ++k) {
    const StationaryState& state = set.states[k];
    const Verdict verdict = verdict_of(model.network, state);
    const bool several = set.states.size() > 1 || (k < found.classes.size());
    text += several ? fmt::format("\n{}: {}\n", title(found, k), phrase(verdict))
                    : phrase(verdict) + "\n";
    text += "\n" + state_table(model, state) + notes_text(verdict.notes);
  }
  if (set.states.empty() && best.rates.size() > 0)
    text += "\nbest point found:\n\n" + state_table(model, best) +
            notes_text(network_notes(model.network));
  return text;
}

std::string text_of(const SolveArguments& arguments, const Model& model,
                    const SolveOptions& options, const StateClasses& found,
                    const StationaryState& best, bool partial) {
  switch (format_of(arguments.output, kSolveFormats)) {
    case Format::kJson:
      return dump(to_json(model, arguments, options, found, best, partial));
    case Format::kCsv:
      return csv_metadata(model, found.set.summary) + states_csv(model, found.set.states);
    default:
      return to_table(model, options, found, best);
  }
}

}  // namespace

SolveOptions solve_options(const SolveArguments& arguments, const Model& model) {
  SolveOptions options = model.solve;
  if (arguments.all) options.find = Find::kAll;
  if (!arguments.method.empty()) {
    const std::optional<Method> method = method_from_string(arguments.method);
    if (!method) {
      throw UsageError(
          fmt::format("--method \"{}\": allowed are auto, newton, ceres, anderson, relaxation",
                      arguments.method));
    }
    options.method = *method;
    options.find = arguments.all ? Find::kAll : Find::kOne;
  }
  if (!arguments.initial.empty()) {
    if (arguments.all)
      throw UsageError(
          "--initial starts one solve and --all looks from many starts: give one of them");
    options.initial_rates = read_initial_rates(arguments.initial, model.network);
    options.find = Find::kOne;
  }
  return options;
}

int report_solve(const SolveArguments& arguments, const Model& model, const SolveOptions& options,
                 const StationarySet& set, const StationaryState& best, OutputFile& file) {
  StateClasses found;
  found.set = set;
  return report_solve(arguments, model, options, found, best, file);
}

int report_solve(const SolveArguments& arguments, const Model& model, const SolveOptions& options,
                 const StateClasses& found, const StationaryState& best, OutputFile& file) {
  const StationarySet& set = found.set;
  if (arguments.verbose) print_error(set.summary.full_report() + "\n");

  const bool partial = set.summary.termination == Termination::kInterrupted;
  const int code = finish(
      file, arguments.output,
      [&](bool so_far) { return text_of(arguments, model, options, found, best, so_far); },
      partial);
  if (code != kSuccess || set.converged()) return code;
  print_error(fmt::format("error: not converged: {}\n", set.summary.message));
  return kNotConverged;
}

}  // namespace nuphi::runner
