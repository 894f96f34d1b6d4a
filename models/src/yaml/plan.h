#pragma once

#include <nuphi/models/network.h>
#include <nuphi/models/yaml.h>

#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml_tree.h"

/// A model file after reading, before its expressions have values: what ModelFile keeps, and
/// resolve() turns into a Model.
namespace nuphi::loader {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// One number of the file, in SI. NaN stands for one that was faulty: it has been reported, and no
/// rule reports it again.
struct Value {
  const YamlNode* node = nullptr;  ///< null: not given
  double number = kUnknown;
  int formula = -1;  ///< index into Plan::formulas; −1 for a constant

  [[nodiscard]] bool given() const { return node != nullptr; }
};

/// Values over the pairs (target, source) of a connection, or over the targets of an input.
struct Grid {
  enum class Shape { kNone, kOne, kByKind, kList, kMatrix, kSparse };
  struct Entry {
    int row = 0;
    int column = 0;
    Value value;
  };

  Shape shape = Shape::kNone;
  const YamlNode* node = nullptr;
  int columns = 0;
  std::vector<Value> values{};   ///< kByKind: excitatory, inhibitory; kMatrix: by rows
  std::vector<Entry> entries{};  ///< kSparse: sorted by row and column
  bool faulty = false;           ///< reported already; all its values are unknown

  [[nodiscard]] bool given() const { return node != nullptr; }
};

struct NeuronPlan {
  const YamlNode* node = nullptr;
  std::optional<NeuronModel> model;
  bool model_is_faulty = false;
  std::map<std::string_view, Value> given;  ///< by the names of its parameters

  /// Not given where there is none of that name.
  [[nodiscard]] Value value(std::string_view name) const {
    const auto at = given.find(name);
    return at != given.end() ? at->second : Value{};
  }
};

struct PopulationPlan {
  const YamlNode* node = nullptr;
  std::string name;
  PopulationKind kind = PopulationKind::kUnspecified;
  Value size;
  NeuronPlan neuron;
};

enum class CountRule { kIndegree, kPairwise, kMultapse, kSynapses };

struct CountPlan {
  CountRule rule = CountRule::kIndegree;
  Grid grid;
  IndegreeDistribution distribution = IndegreeDistribution::kFixed;
};

struct WeightPlan {
  Grid grid;
  bool is_psp = false;
};

struct DelayCase {
  const YamlNode* node = nullptr;
  DelayDistribution distribution = DelayDistribution::kConstant;
  Grid mean, sd, min, max;
};
struct DelayPlan {
  const YamlNode* node = nullptr;
  bool by_kind = false;
  std::array<DelayCase, 2> cases;  ///< excitatory, inhibitory; the first for all if not by kind
  bool faulty = false;
};

/// Number, strength and delay of synapses; what is not given comes from elsewhere (in `except:`),
/// or is missing.
struct SynapsePlan {
  CountPlan count;
  WeightPlan weight;
  Grid weight_cv;
  DelayPlan delay;
};

struct ExceptPlan {
  const YamlNode* node = nullptr;
  std::vector<int> sources, targets;
  SynapsePlan synapses;
};

struct ConnectionPlan {
  const YamlNode* node = nullptr;
  bool is_matrix = false;
  std::vector<int> sources{}, targets{};
  SynapsePlan synapses{};
  std::vector<ExceptPlan> exceptions{};
};

enum class InputKind { kPoisson, kDcDrive, kDcCurrent, kNoise };

struct InputPlan {
  const YamlNode* node = nullptr;
  InputKind kind = InputKind::kPoisson;
  std::vector<int> targets;
  Grid indegree, rate, weight_cv;  ///< poisson
  WeightPlan weight;               ///< poisson
  Grid mean, sigma;                ///< noise; dc keeps drive or current in `mean`
  Grid tau_syn;                    ///< poisson and noise
};

struct SolvePlan {
  SolveOptions options;  ///< its choices; the numbers below
  std::optional<Correction> correction;
  ResponseChoice response;
  Value tolerance, max_iterations, starts, seed, max_rate;
};

struct ExpectPlan {
  const YamlNode* node = nullptr;
  Grid rates;
  std::optional<bool> stable;
  Value rtol, atol;
};

/// An expression of the file and where it stands first.
struct Formula {
  std::string text;
  const YamlNode* node = nullptr;
};

struct Plan {
  std::string name, reference;
  std::vector<Formula> formulas;
  std::vector<PopulationPlan> populations;
  std::vector<ConnectionPlan> connections;
  std::vector<InputPlan> inputs;
  SolvePlan solve;
  std::vector<ExpectPlan> expect;
  std::vector<std::filesystem::path> matrix_files;  ///< that were read
};

/// Values [SI] of neuron parameters in place of the file's, by population and name of the parameter.
using NeuronValues = std::map<std::pair<std::size_t, std::string_view>, double>;

}  // namespace nuphi::loader
