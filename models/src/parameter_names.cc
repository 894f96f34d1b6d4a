#include "parameter_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/models/find_population.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <vector>

#include "yaml/suggestion.h"

namespace nuphi {
namespace {

constexpr std::string_view kNeuron = "neuron.";

/// As files state it.
double stated(const NeuronParameter& parameter, const Neuron& neuron) {
  return parameter.of(neuron) + (parameter.is_potential ? neuron.E_L : 0);
}

/// In which people write a number of this SI unit.
std::string_view usual_unit(std::string_view unit) {
  if (unit == "V") return "mV";
  if (unit == "s") return "ms";
  if (unit == "F") return "pF";
  return unit == "1" ? "" : unit;
}

std::vector<std::string> population_names(const Network& network) {
  std::vector<std::string> names;
  for (const Population& p : network.populations) names.push_back(p.name);
  return names;
}

std::vector<std::string> neuron_names(const Population& population) {
  std::vector<std::string> names;
  for (const NeuronParameter& p : neuron_parameters(population.neuron.model))
    names.push_back(fmt::format("{}{}[{}]", kNeuron, p.name, population.name));
  return names;
}

NameFault with_suggestion(std::string message, std::string_view name,
                          const std::vector<std::string>& known) {
  return {std::move(message), loader::did_you_mean(name, known)};
}

/// Of a name that starts with "neuron.".
NameFault neuron_fault(const Network& network, std::string_view name) {
  const std::optional<NeuronName> parts = neuron_name(name);
  if (!parts) {
    return {fmt::format("\"{}\" does not say of which population", name),
            fmt::format("write `{}[{}]`", name.substr(0, name.find('[')),
                        network.populations.empty() ? "E" : network.populations.front().name)};
  }
  const auto index = find_population(network, parts->population);
  if (!index) {
    const std::vector<std::string> names = population_names(network);
    return with_suggestion(
        fmt::format("\"{}\": there is no population \"{}\"", name, parts->population),
        parts->population, names);
  }
  const Population& population = network.populations[*index];
  std::vector<std::string> known;
  for (const NeuronParameter& p : neuron_parameters(population.neuron.model))
    known.emplace_back(p.name);
  return with_suggestion(
      fmt::format("\"{}\": the neurons of {} have no parameter \"{}\"; they have {}", name,
                  population.name, parts->parameter, fmt::join(known, ", ")),
      parts->parameter, known);
}

}  // namespace

std::optional<NeuronName> neuron_name(std::string_view name) {
  const std::size_t open = name.find('[');
  if (!name.starts_with(kNeuron) || open == std::string_view::npos || !name.ends_with(']'))
    return std::nullopt;
  return NeuronName{name.substr(kNeuron.size(), open - kNeuron.size()),
                    name.substr(open + 1, name.size() - open - 2)};
}

std::vector<std::string> neuron_parameter_names(const Network& network) {
  std::vector<std::string> names;
  for (const Population& population : network.populations) {
    for (std::string& name : neuron_names(population)) names.push_back(std::move(name));
  }
  return names;
}

std::optional<Parameter> find_parameter(const Model& model, std::string_view name) {
  for (const std::vector<Parameter>* list : {&model.parameters, &model.entries}) {
    const auto found = std::find_if(list->begin(), list->end(),
                                    [&](const Parameter& p) { return p.name == name; });
    if (found != list->end()) return *found;
  }
  const auto of_dimension = [&](std::string_view unit, double value) {
    return Parameter{.name = std::string(name),
                     .value = value,
                     .dimension = std::string(unit),
                     .unit = std::string(usual_unit(unit)),
                     .is_expression = false};
  };
  if (const auto parts = neuron_name(name)) {
    const auto index = find_population(model.network, parts->population);
    if (!index) return std::nullopt;
    const Neuron& neuron = model.network.populations[*index].neuron;
    const NeuronParameter* parameter = neuron_parameter(neuron.model, parts->parameter);
    if (parameter == nullptr) return std::nullopt;
    return of_dimension(parameter->unit, stated(*parameter, neuron));
  }
  const std::optional<NetworkEntry> entry = find_entry(model.network, name);
  if (!entry) return std::nullopt;
  return of_dimension(entry_unit(entry->kind), entry_value(model.network, *entry));
}

NameFault name_fault(const Model& model, std::string_view name) {
  if (name.starts_with(kNeuron)) return neuron_fault(model.network, name);
  if (std::string fault = entry_fault(model.network, name); !fault.empty()) {
    std::vector<std::string> names = entry_names(model.network, network_entries(model.network));
    const std::string of_neuron = fmt::format("{}{}", kNeuron, name);
    if (find_parameter(model, of_neuron)) return {fault, "did you mean `" + of_neuron + "`?"};
    return with_suggestion(std::move(fault), name, names);
  }
  std::vector<std::string> named;
  for (const Parameter& p : model.parameters) named.push_back(p.name);
  const std::vector<std::string> entries =
      entry_names(model.network, network_entries(model.network));
  return with_suggestion(
      fmt::format("the model has no parameter \"{}\"; its parameters are{}, and entries of the "
                  "network such as \"{}\" and \"neuron.tau_m[E]\"",
                  name, named.empty() ? " none" : fmt::format(": {}", fmt::join(named, ", ")),
                  entries.empty() ? "tau_m[E]" : entries.front()),
      name, named);
}

std::string parameter_fault(const Model& model, std::string_view name) {
  const NameFault fault = name_fault(model, name);
  return fault.hint.empty() ? fault.message : fault.message + "; " + fault.hint;
}

}  // namespace nuphi
