#include "observables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "commands.h"
#include "files.h"
#include "points_csv.h"

namespace nuphi::runner {
namespace {

Observation array(const Eigen::VectorXd& values) {
  return values.size() > 0 ? Observation(values) : Observation();
}

template <class T>
Observation known(const std::optional<T>& value) {
  return value ? Observation(*value) : Observation(nullptr);
}

Observation largest_error(const ObservedState& s) {
  const Eigen::VectorXd& errors = s.state.error_estimate;
  return errors.size() > 0 ? errors.maxCoeff() : std::numeric_limits<double>::quiet_NaN();
}

Observation stable(const ObservedState& s) {
  const std::optional<int>& modes = s.verdict.delays.unstable_modes;
  return modes ? Observation(*modes == 0) : Observation(nullptr);
}

using S = ObservedState;

constexpr std::array kObservables = {
    Observable{"rate", "Hz", true, [](const S& s) { return array(s.state.rates); }},
    Observable{"mean_input", "V", true, [](const S& s) { return array(s.state.mean_input); }},
    Observable{"std_input", "V", true, [](const S& s) { return array(s.state.std_input); }},
    Observable{"cv", "1", true, [](const S& s) { return array(s.state.cv); }, why_no_cv},
    Observable{"log_rate", "1", true, [](const S& s) { return array(s.state.log_rates); }},
    Observable{"residual", "Hz", false, [](const S& s) { return Observation(s.state.residual); }},
    Observable{"error_estimate", "Hz", false, largest_error},
    Observable{"rate_error_estimate", "Hz", true,
               [](const S& s) { return array(s.state.error_estimate); }},
    Observable{"leading_eigenvalue", "1", false,
               [](const S& s) { return known(s.state.leading_eigenvalue); }},
    Observable{"unstable_directions", nullptr, false,
               [](const S& s) { return known(s.state.unstable_directions); }},
    Observable{
        "index", nullptr, false,
        [](const S& s) { return s.state.index ? Observation(*s.state.index) : Observation(); }},
    Observable{"rate_dynamics_stable", nullptr, false,
               [](const S& s) { return known(s.verdict.rate_dynamics_stable); }},
    Observable{"coupling_radius", "1", false,
               [](const S& s) { return known(s.verdict.coupling.value); }},
    Observable{"unstable_modes", nullptr, false,
               [](const S& s) {
                 return s.verdict.delays.delays_given ? known(s.verdict.delays.unstable_modes)
                                                      : Observation();
               }},
    Observable{
        "stable", nullptr, false,
        [](const S& s) { return s.verdict.delays.delays_given ? stable(s) : Observation(); }},
};

/// With why_unknown() what is NaN is null, and the reason is told.
Json array_json(const Observable& observable, const ObservedState& state,
                const Eigen::VectorXd& values) {
  Json json = quantities(observable.unit, values);
  const std::string reason = observable.why_unknown ? observable.why_unknown(state) : "";
  if (reason.empty()) return json;
  for (Json& value : json["values"]) {
    if (value == "nan") value = nullptr;
  }
  json["reason"] = reason;
  return json;
}

}  // namespace

std::span<const Observable> observables() { return kObservables; }

const Observable& find_observable(std::string_view name, std::string_view option) {
  std::vector<std::string_view> names;
  for (const Observable& observable : kObservables) {
    if (observable.name == name) return observable;
    names.push_back(observable.name);
  }
  throw UsageError(fmt::format("{}: nothing is called \"{}\"; there are {}", option, name,
                               fmt::join(names, ", ")));
}

void observe(Json& json, const Observable& observable, const ObservedState& state) {
  const std::string key(observable.name);
  const Observation value = observable.value(state);
  if (std::holds_alternative<std::nullptr_t>(value)) json[key] = nullptr;
  if (const auto* yes = std::get_if<bool>(&value)) json[key] = *yes;
  if (const auto* count = std::get_if<int>(&value)) json[key] = *count;
  if (const auto* number = std::get_if<double>(&value))
    json[key] = quantity(observable.unit, *number);
  if (const auto* values = std::get_if<Eigen::VectorXd>(&value))
    json[key] = array_json(observable, state, *values);
}

std::vector<std::string> csv_columns(const Observable& observable, const Network& network) {
  if (!observable.per_population) return {std::string(observable.name)};
  std::vector<std::string> names;
  for (const Population& p : network.populations)
    names.push_back(csv_field(fmt::format("{}_{}", observable.name, p.name)));
  return names;
}

std::vector<std::string> csv_cells(const Observable& observable, const ObservedState& state) {
  const Observation value = observable.value(state);
  std::vector<std::string> cells;
  if (const auto* values = std::get_if<Eigen::VectorXd>(&value)) {
    for (const double x : *values) cells.push_back(round_trip(x));
    return cells;
  }
  if (observable.per_population) {
    cells.resize(state.network.populations.size());
    return cells;
  }
  if (const auto* yes = std::get_if<bool>(&value)) return {*yes ? "true" : "false"};
  if (const auto* count = std::get_if<int>(&value)) return {std::to_string(*count)};
  if (const auto* number = std::get_if<double>(&value)) return {round_trip(*number)};
  return {""};
}

std::string why_no_cv(const ObservedState& s) {
  if (s.network.correction != Correction::kAdiabatic) return "";
  for (Eigen::Index i = 0; i < s.state.cv.size(); ++i) {
    const Population& p = s.network.populations[static_cast<std::size_t>(i)];
    if (std::isnan(s.state.cv[i]) && p.neuron.model == NeuronModel::kLifExp)
      return "the CV is not known with the correction adiabatic";
  }
  return "";
}

}  // namespace nuphi::runner
