#pragma once

#include <nuphi/models/yaml.h>

#include <span>
#include <string>
#include <vector>

#include "faults.h"
#include "plan.h"

namespace nuphi::loader {

/// A number with the node it came from.
struct Placed {
  double value = kUnknown;
  const YamlNode* node = nullptr;

  [[nodiscard]] bool given() const { return node != nullptr; }
};

/// Where the numbers of a projection or an input stand in the file.
struct Origin {
  const YamlNode* whole = nullptr;
  const YamlNode* count = nullptr;
  const YamlNode* weight = nullptr;
  const YamlNode* weight_cv = nullptr;
  const YamlNode* other = nullptr;  ///< delay; rate; mean or drive
  const YamlNode* sigma = nullptr;
  const YamlNode* tau_syn = nullptr;
};

/// A network under construction.
struct Builder {
  const Plan& plan;
  std::span<const double> formulas;
  const NeuronValues& given_neurons;
  Faults& faults;
  Network network;
  std::vector<Origin> projection_origins;
  std::vector<Origin> input_origins;

  [[nodiscard]] double value(const Value& v) const {
    return v.formula >= 0 ? formulas[v.formula] : v.number;
  }
  [[nodiscard]] double value_or(const Value& v, double fallback) const {
    return v.given() ? value(v) : fallback;
  }
  /// A parameter of the neurons of a population: what is given in place of the file's, or the
  /// file's.
  [[nodiscard]] Value neuron_value(std::size_t population, std::string_view name) const;
  [[nodiscard]] Placed placed(const Value& v) const { return {value(v), v.node}; }
  /// Value of a grid for a pair; absent entries of a sparse grid are 0. A list is indexed by `row`.
  Placed at(const Grid& grid, int row, int column = 0);

  /// Jump [V] from a weight or PSP onto a population.
  /// @param source   kUnspecified: the sign decides on τ_syn
  /// @param tau_syn  in place of the neuron's
  double jump(const WeightPlan& plan, const Placed& written, int target, PopulationKind source,
              std::optional<double> tau_syn = {});
};

void build_populations(Builder& builder);
void build_projections(Builder& builder);
void build_inputs(Builder& builder);
/// The rules of every network, reported at the numbers' places.
void check_built_network(Builder& builder);
SolveOptions build_solve(const Builder& builder);
std::vector<ExpectedFixedPoint> build_expect(Builder& builder);

}  // namespace nuphi::loader
