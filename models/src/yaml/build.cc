#include "build.h"

#include <nuphi/models/neuron_parameters.h>

#include <cmath>

#include "../network_rules.h"
#include "../synapses.h"
#include "builder.h"

namespace nuphi::loader {

Value Builder::neuron_value(std::size_t population, std::string_view name) const {
  const PopulationPlan& from = plan.populations[population];
  Value value = from.neuron.value(name);
  const auto given = given_neurons.find({population, name});
  if (given == given_neurons.end()) return value;
  return {.node = value.given() ? value.node : from.node, .number = given->second};
}

Placed Builder::at(const Grid& grid, int row, int column) {
  if (grid.faulty || !grid.given()) return {kUnknown, grid.node};
  switch (grid.shape) {
    case Grid::Shape::kOne:
      return placed(grid.values[0]);
    case Grid::Shape::kList:
      return placed(grid.values[row]);
    case Grid::Shape::kMatrix:
      return placed(grid.values[static_cast<std::size_t>(row) * grid.columns + column]);
    case Grid::Shape::kByKind: {
      const PopulationKind kind = plan.populations[column].kind;
      if (kind != PopulationKind::kUnspecified) {
        return placed(grid.values[kind == PopulationKind::kExcitatory ? 0 : 1]);
      }
      faults.add_once("missing-kind", *grid.node,
                      "values by kind need the `kind` of " + cited(plan.populations[column].name));
      return {kUnknown, grid.node};
    }
    case Grid::Shape::kSparse: {
      const auto found =
          std::lower_bound(grid.entries.begin(), grid.entries.end(), std::pair(row, column),
                           [](const Grid::Entry& e, const std::pair<int, int>& place) {
                             return std::pair(e.row, e.column) < place;
                           });
      const bool present =
          found != grid.entries.end() && found->row == row && found->column == column;
      return {present ? value(found->value) : 0.0, grid.node};
    }
    case Grid::Shape::kNone:
      break;
  }
  return {kUnknown, grid.node};
}

double Builder::jump(const WeightPlan& weight, const Placed& written, int target,
                     PopulationKind source, std::optional<double> given_tau_syn) {
  const PopulationPlan& population = plan.populations[target];
  const Neuron& neuron = network.populations[target].neuron;
  if (!population.neuron.model) return kUnknown;
  if (*population.neuron.model != NeuronModel::kLifExp) return written.value;
  const bool inhibitory = source == PopulationKind::kInhibitory ||
                          (source == PopulationKind::kUnspecified && written.value < 0);
  const double tau_syn = given_tau_syn.value_or(inhibitory ? neuron.tau_syn_in : neuron.tau_syn_ex);
  if (weight.is_psp) return jump_from_psp(written.value, tau_syn, neuron.tau_m);
  if (!neuron_value(static_cast<std::size_t>(target), "C_m").given()) {
    if (written.node != nullptr) {
      faults.add_once("missing-key", *written.node,
                      "a current needs the capacitance `C_m` of " + cited(population.name),
                      "give `C_m` under `neuron`, or the weight as `psp` in mV");
    }
    return kUnknown;
  }
  if (tau_syn == 0 && written.node != nullptr) {
    faults.add_once("out-of-range", *written.node,
                    "a current through synapses of tau_syn = 0 has no effect",
                    "give the weight as `psp` in mV, the jump of the membrane");
  }
  return jump_from_current(written.value, tau_syn, neuron.C_m);
}

namespace {

/// What is not given, and was reported where it has to be, is unknown.
Neuron build_neuron(Builder& builder, std::size_t population) {
  Neuron neuron;
  neuron.model = builder.plan.populations[population].neuron.model.value_or(NeuronModel::kLifDelta);
  const double E_L = builder.value_or(builder.neuron_value(population, "E_L"), 0);
  for (const NeuronParameter& parameter : neuron_parameters(neuron.model)) {
    const Value value = builder.neuron_value(population, parameter.name);
    double& number = parameter.in(neuron);
    number = value.given() ? builder.value(value) : parameter.fallback.value_or(kUnknown);
    if (parameter.is_potential && value.given()) number -= E_L;
  }
  return neuron;
}

}  // namespace

void build_populations(Builder& builder) {
  for (const PopulationPlan& plan : builder.plan.populations) {
    Population population;
    population.name = plan.name;
    population.kind = plan.kind;
    population.size = builder.value_or(plan.size, 0);
    population.neuron = build_neuron(builder, builder.network.populations.size());
    builder.network.populations.push_back(std::move(population));
  }
}

namespace {

/// Numbers that are allowed to be absent, but not to be zero when given.
void check_given_numbers(Builder& builder) {
  const auto positive = [&](const Value& v, const char* what) {
    if (v.given() && builder.value(v) == 0) {
      builder.faults.add_once("out-of-range", *v.node,
                              std::string(what) + " is 0; it must be positive");
    }
  };
  const std::vector<PopulationPlan>& populations = builder.plan.populations;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    positive(populations[i].size, "size");
    positive(builder.neuron_value(i, "C_m"), "C_m");
  }
}

const YamlNode* population_node(const PopulationPlan& p, std::string_view field) {
  const Value value = field == "size" ? p.size : p.neuron.value(field);
  return value.given() ? value.node : p.node;
}

/// The name by which a neuron parameter of the population was given outside the file, the faulty one
/// first; empty where none was.
std::string given_for(const Builder& builder, const NetworkPlace& place) {
  const auto i = static_cast<std::size_t>(place.index);
  std::string name;
  for (const auto& [key, value] : builder.given_neurons) {
    if (key.first != i || (!name.empty() && key.second != place.field)) continue;
    name = "neuron." + std::string(key.second) + "[" + builder.plan.populations[i].name + "]";
  }
  return name;
}

const YamlNode* origin_node(const Origin& origin, std::string_view field) {
  const YamlNode* node = field == "indegree"    ? origin.count
                         : field == "weight"    ? origin.weight
                         : field == "weight_cv" ? origin.weight_cv
                         : field == "sigma"     ? origin.sigma
                         : field == "tau_syn"   ? origin.tau_syn
                                                : origin.other;
  return node != nullptr ? node : origin.whole;
}

}  // namespace

void check_built_network(Builder& builder) {
  check_given_numbers(builder);
  const bool has_unknowns = !builder.faults.empty();
  check_network(builder.network, [&](const NetworkPlace& place, std::string code,
                                     std::string message, std::string hint) {
    // Names have been checked where they stand. A number that could not be read is NaN, and was
    // reported.
    if (code == "bad-name" || code == "duplicate-name" || code == "no-population") return;
    if (code == "non-finite" && has_unknowns) return;
    const YamlNode* node = nullptr;
    switch (place.part) {
      case NetworkPlace::Part::kPopulation:
        if (const std::string given = given_for(builder, place); !given.empty())
          return builder.faults.add_outside(std::move(code), given, std::move(message),
                                            std::move(hint));
        node = population_node(builder.plan.populations[place.index], place.field);
        break;
      case NetworkPlace::Part::kProjection:
        node = origin_node(builder.projection_origins[place.index], place.field);
        break;
      case NetworkPlace::Part::kInput:
        node = origin_node(builder.input_origins[place.index], place.field);
        break;
      case NetworkPlace::Part::kNetwork:
        break;
    }
    if (node == nullptr) {
      builder.faults.add_outside(std::move(code), "", std::move(message), std::move(hint));
    } else {
      builder.faults.add_once(std::move(code), *node, std::move(message), std::move(hint));
    }
  });
}

Model build_model(const Plan& plan, std::span<const double> formulas, const NeuronValues& neurons,
                  Faults& faults) {
  Builder builder{plan, formulas, neurons, faults, {}, {}, {}};
  builder.network.name = plan.name;
  builder.network.reference = plan.reference;
  builder.network.correction = plan.solve.correction;
  builder.network.response = plan.solve.response;
  build_populations(builder);
  build_projections(builder);
  build_inputs(builder);
  check_built_network(builder);
  Model model;
  model.solve = build_solve(builder);
  model.expect = build_expect(builder);
  model.network = std::move(builder.network);
  return model;
}

}  // namespace nuphi::loader
