#include <fmt/format.h>
#include <nuphi/core/version.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <algorithm>
#include <map>

#include "commands.h"
#include "files.h"
#include "parameter_names.h"
#include "points_csv.h"
#include "printable.h"
#include "response_names.h"
#include "result_io.h"
#include "stop_on_interrupt.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

constexpr std::ptrdiff_t kAtATime = 1000;  // entries between two looks at signals

/// All at once: a look-up goes through the network.
std::map<std::string, NetworkEntry> entries_by_name(const Network& network) {
  const std::vector<NetworkEntry> entries = network_entries(network);
  const std::vector<std::string> names = entry_names(network, entries);
  std::map<std::string, NetworkEntry> result;
  for (std::size_t k = 0; k < entries.size(); ++k) result.emplace(names[k], entries[k]);
  return result;
}

/// In the order of the names, in blocks between which signals are looked at.
std::vector<ParameterSensitivity> sensitivities(const ModelFile& file, const Overrides& overrides,
                                                const Model& model,
                                                const std::vector<std::string>& names,
                                                const Eigen::VectorXd& rates) {
  std::vector<std::string> of_file;
  std::vector<NetworkEntry> entries;
  const std::map<std::string, NetworkEntry> known = entries_by_name(model.network);
  std::map<std::string, std::size_t> places;
  for (const std::string& name : names) {
    places.emplace(name, places.size());
    if (const auto entry = known.find(name); entry != known.end()) {
      entries.push_back(entry->second);
    } else {
      of_file.push_back(name);
    }
  }
  std::vector<ParameterSensitivity> result;
  // One at a time: each takes resolving the model again.
  for (const std::string& name : of_file) {
    if (interrupted()) break;
    result.push_back(parameter_sensitivities(file, overrides, {name}, rates).front());
  }
  for (auto from = entries.begin(); from != entries.end() && !interrupted();) {
    const auto to = from + std::min(kAtATime, entries.end() - from);
    std::vector<ParameterSensitivity> more = entry_sensitivities(model.network, rates, {from, to});
    std::move(more.begin(), more.end(), std::back_inserter(result));
    from = to;
  }
  std::sort(result.begin(), result.end(),
            [&](const auto& a, const auto& b) { return places.at(a.name) < places.at(b.name); });
  return result;
}

/// Hz per unit of the parameter.
std::string rate_unit(const std::string& unit) {
  if (unit == "1") return "Hz";
  return unit.find_first_of("/*") == std::string::npos ? "Hz/" + unit : "Hz/(" + unit + ")";
}

Json to_json(const Model& model, const StationaryResult& result,
             const std::vector<ParameterSensitivity>& rows) {
  Json json = result_header(model);
  json["summary"] = summary_json(result.summary);
  if (result.converged()) {
    json["rate"] = quantities("Hz", result.state.rates);
  } else {
    json["best_point"] = fixed_point(model, result.state, no_verdict(model.network, result.state));
  }
  json["sensitivities"] = Json::array();
  for (const ParameterSensitivity& s : rows) {
    json["sensitivities"].push_back({{"parameter", s.name},
                                     {"unit", s.unit},
                                     {"value", number(s.value)},
                                     {"drate", quantities(rate_unit(s.unit).c_str(), s.drate)},
                                     {"elasticity", quantities("1", s.elasticity)}});
  }
  return json;
}

std::string to_csv(const Model& model, const StationaryResult& result,
                   const std::vector<ParameterSensitivity>& rows) {
  std::string text = csv_metadata(model, result.summary);
  text += "parameter,unit,value,population,rate,drate,elasticity\n";
  for (const ParameterSensitivity& s : rows) {
    for (Eigen::Index i = 0; i < s.drate.size(); ++i) {
      text += fmt::format("{},{},{},{},{},{},{}\n", csv_field(s.name), s.unit, round_trip(s.value),
                          csv_field(model.network.populations[i].name),
                          round_trip(result.state.rates[i]), round_trip(s.drate[i]),
                          round_trip(s.elasticity[i]));
    }
  }
  return text;
}

std::vector<std::string> population_columns(const Model& model, std::vector<std::string> first) {
  for (const Population& p : model.network.populations) first.push_back(p.name);
  return first;
}

std::string to_table(const Model& model, const StationaryResult& result,
                     const std::vector<ParameterSensitivity>& rows) {
  std::string text = fmt::format("{}: {}\n", model.network.name, result.summary.brief_report());
  text += phrase(verdict_of(model.network, result.state)) + "\n\n";
  Table derivatives(population_columns(model, {"dν/dp", "p", "unit of p"}));
  Table elasticities(population_columns(model, {"dlnν/dlnp"}));
  for (const ParameterSensitivity& s : rows) {
    const DisplayUnit unit = display_unit(s.unit);
    std::vector<std::string> derivative{s.name, display(s.value / unit.size), unit.name};
    std::vector<std::string> elasticity{s.name};
    for (const double d : s.drate) derivative.push_back(fmt::format("{:.4g}", d * unit.size));
    for (const double e : s.elasticity) elasticity.push_back(fmt::format("{:.4g}", e));
    derivatives.add(std::move(derivative));
    elasticities.add(std::move(elasticity));
  }
  std::vector<std::string> rates{"ν (Hz)", "", ""};
  for (const double rate : result.state.rates) rates.push_back(display(rate));
  derivatives.add(std::move(rates));
  return text + "In Hz per unit of p:\n" + derivatives.text() +
         "\nRelative change of the rate per relative change of p:\n" + elasticities.text();
}

std::string text_of(Format format, const Model& model, const StationaryResult& result,
                    const std::vector<ParameterSensitivity>& rows, bool partial) {
  if (format == Format::kCsv) return to_csv(model, result, rows);
  if (format != Format::kJson) return rows.empty() ? "" : to_table(model, result, rows);
  Json json = to_json(model, result, rows);
  if (partial) json["partial"] = true;
  return dump(json);
}

}  // namespace

int run_sensitivity(const SensitivityArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv});
  const Overrides overrides = overrides_of(arguments.model);
  const std::shared_ptr<const ModelFile> opened = open(arguments.model);
  const ModelFile& file = *opened;
  Model model = resolve(file, overrides);
  model.network.response = chosen_response(model.network.response, arguments.model.response);
  const std::vector<std::string> names = parameter_names(model, arguments.parameters);
  SolveOptions options = model.solve;
  options.find = Find::kOne;
  if (!arguments.initial.empty())
    options.initial_rates = read_initial_rates(arguments.initial, model.network);
  OutputFile output(arguments.output);

  const MeanField field = mean_field(model.network);
  const StationaryResult result = solve_stationary(field, options, stop_on_signals());
  std::vector<ParameterSensitivity> rows;
  const bool singular = result.converged() && Sensitivity(field, result.state.rates).singular();
  if (result.converged() && !singular)
    rows = sensitivities(file, overrides, model, names, result.state.rates);

  const bool partial = result.summary.termination == Termination::kInterrupted ||
                       (result.converged() && !singular && rows.size() < names.size());
  const int code = finish(
      output, arguments.output,
      [&](bool so_far) { return text_of(format, model, result, rows, so_far); }, partial);
  if (code != kSuccess) return code;
  if (!result.converged()) {
    print_error(fmt::format("error: not converged: {}\n", result.summary.message));
    return kNotConverged;
  }
  if (singular) {
    print_error(
        "error: the state is a fold: the Jacobian is singular and the derivatives do not exist\n");
    return kNotConverged;
  }
  return code;
}

}  // namespace nuphi::runner
