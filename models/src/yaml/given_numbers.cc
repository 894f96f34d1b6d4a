#include "given_numbers.h"

#include <nuphi/models/network_entries.h>
#include <nuphi/models/neuron_parameters.h>

#include <cmath>

#include "../parameter_names.h"
#include "../synapses.h"
#include "parameters.h"
#include "quantity.h"

namespace nuphi::loader {
namespace {

/// Of a weight in pA onto neurons whose synapses are given so, the jump of the membrane [V]; empty
/// for any other.
std::optional<double> jump_of_current(const Network& network, const NetworkEntry& entry,
                                      const GivenNumber& given) {
  const bool is_weight = entry.kind == EntryKind::kWeight || entry.kind == EntryKind::kInputWeight;
  const Neuron& neuron = network.populations[entry_population(network, entry)].neuron;
  if (!given.text || !is_weight || neuron.model != NeuronModel::kLifExp || !(neuron.C_m > 0))
    return std::nullopt;
  const Outcome<WrittenQuantity> current = read_quantity(*given.text);
  if (!current.value || current.value->dimension != parse_unit("A").value().dimension)
    return std::nullopt;
  Network changed = network;  // the sign chooses the synapses
  set_entry_value(changed, entry, current.value->value);
  const double tau_syn = entry.kind == EntryKind::kWeight
                             ? synaptic_time(changed, changed.projections[entry.index])
                             : synaptic_time(changed, changed.inputs[entry.index]).value();
  return jump_from_current(current.value->value, tau_syn, neuron.C_m);
}

struct FoundNeuron {
  std::size_t population;
  const NeuronParameter* parameter;
};

std::optional<FoundNeuron> find_neuron(const Plan& plan, std::string_view name) {
  const std::optional<NeuronName> parts = neuron_name(name);
  if (!parts) return std::nullopt;
  for (std::size_t i = 0; i < plan.populations.size(); ++i) {
    const PopulationPlan& p = plan.populations[i];
    if (p.name != parts->population || !p.neuron.model) continue;
    const NeuronParameter* parameter = neuron_parameter(*p.neuron.model, parts->parameter);
    return parameter != nullptr ? std::optional(FoundNeuron{i, parameter}) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Parameter GivenNumber::read(std::string_view unit, Faults& faults) const {
  Parameter p{.name = name,
              .value = value,
              .dimension = std::string(unit),
              .unit = {},
              .is_expression = false};
  const auto refuse = [&](const TextFault& fault) {
    faults.add_outside(fault.code, name, fault.message, fault.hint);
    p.value = kUnknown;
    return p;
  };
  if (!text) {
    if (std::isfinite(value)) return p;
    return refuse({"non-finite", "the value of the parameter is not finite", ""});
  }
  if (expression_text(*text)) {
    return refuse({"no-expression", cited(name) + " takes a number, not an expression",
                   "name a parameter in the file (parameters: …) and write = NAME where it is "
                   "used"});
  }
  const Outcome<WrittenQuantity> quantity =
      read_quantity(*text, parse_unit(p.dimension).value().dimension, false);
  if (!quantity.value) return refuse(quantity.fault);
  p.value = quantity.value->value;
  p.unit = quantity.value->unit;
  return p;
}

GivenNeurons::GivenNeurons(const Plan& plan, const std::vector<GivenNumber>& given,
                           Faults& faults) {
  for (const GivenNumber& number : given) {
    const std::optional<FoundNeuron> found = find_neuron(plan, number.name);
    if (!found) {
      others.push_back(number);
      continue;
    }
    parameters.push_back(number.read(found->parameter->unit, faults));
    values[{found->population, found->parameter->name}] = parameters.back().value;
  }
}

void set_entries(Model& model, const std::vector<GivenNumber>& numbers, Faults& faults) {
  for (const GivenNumber& number : numbers) {
    const std::optional<NetworkEntry> entry = find_entry(model.network, number.name);
    if (!entry) {
      const NameFault fault = name_fault(model, number.name);
      faults.add_outside("unknown-parameter", number.name, fault.message, fault.hint);
      continue;
    }
    Parameter p;
    if (const auto jump = jump_of_current(model.network, *entry, number)) {
      p = GivenNumber{.name = number.name, .text = {}, .value = *jump}.read("V", faults);
    } else {
      p = number.read(entry_unit(entry->kind), faults);
    }
    if (std::isnan(p.value)) continue;
    set_entry_value(model.network, *entry, p.value);
    model.entries.push_back(std::move(p));
  }
  if (numbers.empty() || !faults.empty()) return;
  for (const Diagnostic& d : validate(model.network))
    faults.add_outside(d.code, model.entries.back().name, d.message, d.hint);
}

}  // namespace nuphi::loader
