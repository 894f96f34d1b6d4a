#include <fmt/format.h>
#include <nuphi/models/find_population.h>
#include <nuphi/rates/inverse.h>

#include <cmath>
#include <stop_token>

#include "arguments.h"
#include "commands.h"
#include "files.h"
#include "logging.h"
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

Eigen::Index population_index(const PointsReader& reader, const Network& network) {
  const std::string& name = reader.text("population");
  if (const auto found = find_population(network, name)) return static_cast<Eigen::Index>(*found);
  reader.fail("population", "unknown-population",
              fmt::format("the model has no population \"{}\"", name));
}

double non_negative(const PointsReader& reader, const char* column) {
  const double value = reader.number(column);
  if (!(value >= 0) || std::isinf(value)) {
    reader.fail(
        column, std::string("bad-") + column,
        fmt::format("a {} is finite and not negative, found {}", column, reader.text(column)));
  }
  return value;
}

/// `population,rate[,weight]`; populations without a row are free.
FitTarget read_target(const std::string& path, const Network& network) {
  PointsReader reader(path, {"population", "rate"}, {"weight"});
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  FitTarget target{.rates = Eigen::VectorXd::Constant(n, std::nan("")),
                   .weights = Eigen::VectorXd::Zero(n),
                   .weights_are_inverse_variances = reader.has("weight")};
  bool any = false;
  while (reader.next()) {
    const Eigen::Index i = population_index(reader, network);
    if (!std::isnan(target.rates[i])) {
      reader.fail("population", "duplicate-population",
                  fmt::format("population \"{}\" is given twice", reader.text("population")));
    }
    target.rates[i] = non_negative(reader, "rate");
    target.weights[i] = reader.has("weight") ? non_negative(reader, "weight") : 1;
    any = any || target.weights[i] > 0;
  }
  if (!any) reader.fail("", "no-target", "no population has a target of positive weight");
  return target;
}

double bound(const std::string& text, const std::string& dimension, double open) {
  if (text.find_first_not_of(' ') == std::string::npos) return open;
  return parse_quantity(text, dimension);
}

/// "J=0.1 mV:0.3 mV" into the bounds of the parameter it names.
void add_bounds(const std::string& text, const ModelFamily& family,
                std::vector<FitBounds>& bounds) {
  const std::size_t equals = end_of_name(text);
  const std::size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || colon == std::string::npos)
    throw UsageError(fmt::format("--bounds \"{}\": write name=lower:upper", text));
  const std::string name = text.substr(0, equals);
  for (std::size_t k = 0; k < family.parameters.size(); ++k) {
    const ModelFamily::Parameter& p = family.parameters[k];
    if (p.name != name) continue;
    try {
      bounds[k] = {bound(text.substr(equals + 1, colon - equals - 1), p.unit, bounds[k].lower),
                   bound(text.substr(colon + 1), p.unit, bounds[k].upper)};
    } catch (const ModelError& error) {
      throw UsageError(fmt::format("--bounds \"{}\": {}", text, error.what()));
    }
    if (bounds[k].lower > bounds[k].upper)
      throw UsageError(fmt::format("--bounds \"{}\": the lower bound exceeds the upper", text));
    return;
  }
  throw UsageError(fmt::format("--bounds \"{}\": \"{}\" is not among --free", text, name));
}

/// The model with the fitted values in place: what the result file states.
Model fitted_model(const ModelFile& file, Overrides overrides, const FitResult& fit) {
  for (const FittedParameter& p : fit.parameters)
    overrides[p.name] = p.unit == "1" ? round_trip(p.value) : round_trip(p.value) + " " + p.unit;
  return file.resolve(overrides);
}

Json fitted_json(const FittedParameter& p) {
  return {{"unit", p.unit},
          {"value", number(p.value)},
          {"standard_error", number(p.standard_error)},
          {"initial", number(p.initial)},
          {"lower", number(p.bounds.lower)},
          {"upper", number(p.bounds.upper)},
          {"at_bound", p.at_bound},
          {"identifiable", p.identifiable}};
}

Json names_json(const FitResult& fit) {
  Json names = Json::array();
  for (const FittedParameter& p : fit.parameters) names.push_back(p.name);
  return names;
}

Json covariance_json(const FitResult& fit) {
  Json rows = Json::array();
  for (Eigen::Index k = 0; k < fit.covariance.rows(); ++k)
    rows.push_back(quantities("", fit.covariance.row(k).transpose())["values"]);
  return {{"parameters", names_json(fit)}, {"values", std::move(rows)}};
}

Json identifiability_json(const FitTarget& target, const FitResult& fit) {
  Json directions = Json::array();
  for (const NullDirection& d : fit.null_directions) {
    Json parts = Json::object();
    for (std::size_t k = 0; k < fit.parameters.size(); ++k)
      parts[fit.parameters[k].name] = number(d.direction[static_cast<Eigen::Index>(k)]);
    directions.push_back({{"relative_singular_value", number(d.relative_singular_value)},
                          {"direction", std::move(parts)},
                          {"text", d.text}});
  }
  return {{"rank", fit.rank},
          {"singular_values",
           quantities(target.weights_are_inverse_variances ? "1" : "Hz", fit.singular_values)},
          {"null_directions", std::move(directions)}};
}

Json to_json(const Model& model, const FitTarget& target, const FitResult& fit) {
  Json json = result_header(model);
  for (const FittedParameter& p : fit.parameters) json["parameters"][p.name] = fitted_json(p);
  json["free"] = names_json(fit);
  json["summary"] = summary_json(fit.summary);
  json["target"] = quantities("Hz", target.rates);
  json["weight"] = quantities("1/Hz^2", target.weights);
  json["rate"] = quantities("Hz", fit.state.rates);
  json["residual"] = quantities("Hz", fit.residuals);
  json["cost"] = number(fit.cost);
  json["targets_met"] = fit.targets_met;
  json["rate_dynamics_stable"] = nullptr;
  if (fit.state.rate_dynamics_stable)
    json["rate_dynamics_stable"] = *fit.state.rate_dynamics_stable;
  json["identifiable"] = fit.identifiable();
  json["identifiability"] = identifiability_json(target, fit);
  json["covariance"] = covariance_json(fit);
  return json;
}

std::string note_of(const FittedParameter& p) {
  if (!p.identifiable) return "not identifiable";
  return p.at_bound ? "at its bound" : "";
}

std::string parameters_table(const FitResult& fit) {
  Table table({"parameter", "unit", "start", "fitted", "standard error", ""});
  for (const FittedParameter& p : fit.parameters) {
    const DisplayUnit unit = display_unit(p.unit);
    table.add({p.name, unit.name, display(p.initial / unit.size), display(p.value / unit.size),
               display(p.standard_error / unit.size), note_of(p)});
  }
  return table.text();
}

std::string rates_table(const Model& model, const FitTarget& target, const FitResult& fit) {
  Table table({"population", "target (Hz)", "rate (Hz)", "difference (Hz)"});
  for (Eigen::Index i = 0; i < target.rates.size(); ++i) {
    table.add({model.network.populations[i].name, display(target.rates[i]),
               display(fit.state.rates[i]),
               std::isnan(fit.residuals[i]) ? "–" : fmt::format("{:.3g}", fit.residuals[i])});
  }
  return table.text();
}

std::string directions_text(const FitResult& fit) {
  std::string text;
  for (const NullDirection& d : fit.null_directions) {
    const bool is_null = &d - fit.null_directions.data() >=
                         static_cast<std::ptrdiff_t>(fit.null_directions.size()) -
                             (static_cast<std::ptrdiff_t>(fit.parameters.size()) - fit.rank);
    text +=
        fmt::format("{} (relative changes; singular value {:.2g} of the largest): {}\n",
                    is_null ? "the targets do not change along" : "the targets hardly change along",
                    d.relative_singular_value, d.text);
  }
  return text.empty() ? "" : "\n" + text;
}

std::string to_table(const Model& model, const FitTarget& target, const FitResult& fit) {
  std::string text = fmt::format("{}: {}, {}\n", model.network.name,
                                 to_string(fit.summary.termination), fit.summary.message);
  std::vector<Note> notes;
  if (fit.converged()) {
    Verdict verdict = verdict_of(model.network, fit.state);
    text += phrase(verdict) + "\n\n";
    notes = std::move(verdict.notes);
  } else {
    text += stability_phrase(fit.state) + "\n\n";
  }
  return text + parameters_table(fit) + "\n" + rates_table(model, target, fit) +
         directions_text(fit) + notes_text(notes);
}

}  // namespace

int run_fit(const FitArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson});
  const Overrides overrides = overrides_of(arguments.model);
  const std::shared_ptr<const ModelFile> opened = open(arguments.model);
  const ModelFile& file = *opened;
  Model model = resolve(file, overrides);
  model.network.response = chosen_response(model.network.response, arguments.model.response);
  const ModelFamily family = model_family(file, overrides, parameter_names(model, arguments.free));
  std::vector<FitBounds> bounds(family.parameters.size());
  for (const std::string& text : arguments.bounds) add_bounds(text, family, bounds);
  const FitTarget target = read_target(arguments.target, model.network);
  FitOptions options;
  options.solve = model.solve;
  if (!arguments.initial.empty())
    options.solve.initial_rates = read_initial_rates(arguments.initial, model.network);
  OutputFile output(arguments.output);

  const FitResult fit = fit_parameters(family, target, bounds, options, stop_on_signals());
  Model fitted = fitted_model(file, overrides, fit);
  fitted.network.response = model.network.response;
  const bool partial = fit.summary.termination == Termination::kInterrupted;
  const auto text = [&](bool so_far) {
    if (format != Format::kJson) return to_table(fitted, target, fit);
    Json json = to_json(fitted, target, fit);
    if (so_far) json["partial"] = true;
    return dump(json);
  };
  const int code = finish(output, arguments.output, text, partial);
  if (code != kSuccess || (fit.converged() && fit.targets_met)) return code;
  print_error(fmt::format("error: {}: {}\n", fit.converged() ? "targets missed" : "not converged",
                          fit.summary.message));
  return kNotConverged;
}

}  // namespace nuphi::runner
