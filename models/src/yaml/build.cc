#include "build.h"

#include <cmath>

#include "../network_rules.h"
#include "../synapses.h"
#include "builder.h"

namespace nuphi::loader {

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
  if (!population.neuron.C_m.given()) {
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

void build_power_law(Builder& builder, const NeuronPlan& from, Neuron& neuron) {
  PowerLawTransfer& unit = neuron.power_law;
  neuron.tau_m = builder.value_or(from.tau_m, 0);
  unit.rate = builder.value(from.rate);
  unit.at = builder.value(from.at);
  unit.theta = builder.value_or(from.theta, neuron.E_L) - neuron.E_L;
  unit.exponent = builder.value_or(from.exponent, unit.exponent);
  unit.spread = builder.value_or(from.spread, unit.spread);
}

}  // namespace

void build_populations(Builder& builder) {
  for (const PopulationPlan& plan : builder.plan.populations) {
    const NeuronPlan& from = plan.neuron;
    Population population;
    population.name = plan.name;
    population.kind = plan.kind;
    population.size = builder.value_or(plan.size, 0);
    Neuron& neuron = population.neuron;
    neuron.model = from.model.value_or(NeuronModel::kLifDelta);
    neuron.E_L = builder.value_or(from.E_L, 0);
    if (neuron.model == NeuronModel::kPowerLaw) {
      build_power_law(builder, from, neuron);
      builder.network.populations.push_back(std::move(population));
      continue;
    }
    neuron.tau_m = builder.value(from.tau_m);
    neuron.t_ref = builder.value(from.t_ref);
    neuron.V_th = builder.value(from.V_th) - neuron.E_L;
    neuron.V_reset = builder.value(from.V_reset) - neuron.E_L;
    neuron.C_m = builder.value_or(from.C_m, 0);
    // A lif_exp neuron without them has been reported.
    const double no_synapse_time = from.model == NeuronModel::kLifDelta ? 0 : kUnknown;
    neuron.tau_syn_ex = builder.value_or(from.tau_syn_ex, no_synapse_time);
    neuron.tau_syn_in = builder.value_or(from.tau_syn_in, no_synapse_time);
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
  for (const PopulationPlan& p : builder.plan.populations) {
    positive(p.size, "size");
    positive(p.neuron.C_m, "C_m");
  }
}

const YamlNode* population_node(const PopulationPlan& p, std::string_view field) {
  const NeuronPlan& n = p.neuron;
  const Value* value = field == "size"         ? &p.size
                       : field == "tau_m"      ? &n.tau_m
                       : field == "t_ref"      ? &n.t_ref
                       : field == "E_L"        ? &n.E_L
                       : field == "V_th"       ? &n.V_th
                       : field == "V_reset"    ? &n.V_reset
                       : field == "C_m"        ? &n.C_m
                       : field == "tau_syn_ex" ? &n.tau_syn_ex
                       : field == "tau_syn_in" ? &n.tau_syn_in
                       : field == "rate"       ? &n.rate
                       : field == "at"         ? &n.at
                       : field == "theta"      ? &n.theta
                       : field == "exponent"   ? &n.exponent
                       : field == "spread"     ? &n.spread
                                               : nullptr;
  return value != nullptr && value->given() ? value->node : p.node;
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

Model build_model(const Plan& plan, std::span<const double> formulas, Faults& faults) {
  Builder builder{plan, formulas, faults, {}, {}, {}};
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
