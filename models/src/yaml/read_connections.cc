#include <nuphi/models/words.h>

#include <algorithm>

#include "reader.h"

namespace nuphi::loader {
namespace {

constexpr Words<CountRule, 2> kProbabilityRules = {{
    {"pairwise", CountRule::kPairwise},
    {"multapse", CountRule::kMultapse},
}};

/// `indegree: {mean: …, distribution: …}`.
void read_distributed_indegree(Reader& reader, const YamlNode& node, const GridRules& rules,
                               CountPlan& count) {
  const MapView view(reader, node, "indegree");
  if (const YamlNode* mean = view.get("mean")) {
    count.grid = read_grid(reader, *mean, rules);
  } else {
    count.grid = {.node = &node, .faulty = true};
  }
  const auto distribution = from_word(kIndegreeDistributions, view.choice("distribution"));
  count.distribution = distribution.value_or(IndegreeDistribution::kFixed);
}

/// The one of `indegree`, `probability` and `synapses` that is given.
/// @param default_rule  what a probability means where no `rule` is given
CountPlan read_count(Reader& reader, const MapView& view, GridRules rules, CountRule default_rule) {
  CountPlan count;
  rules.due = kDimensionless;
  const YamlNode* first = nullptr;
  const auto rule = view.choice("rule");
  for (const std::string_view key : {"indegree", "probability", "synapses"}) {
    const YamlNode* node = view.find(key);
    if (node == nullptr) continue;
    if (first != nullptr) {
      reader.fault("conflicting-keys", *node,
                   "exactly one of `indegree`, `probability` and `synapses` is due");
      continue;
    }
    first = node;
    if (key == "indegree" && node->kind == YamlNode::Kind::kMap &&
        (node->find("mean") != nullptr || node->find("distribution") != nullptr)) {
      read_distributed_indegree(reader, *node, rules, count);
      continue;
    }
    count.grid = read_grid(reader, *node, rules);
    if (key == "synapses") count.rule = CountRule::kSynapses;
    if (key == "probability")
      count.rule = from_word(kProbabilityRules, rule).value_or(default_rule);
  }
  if (rule && view.node().find("probability") == nullptr) {
    reader.fault("conflicting-keys", *view.find("rule"),
                 "`rule` belongs to `probability`, which is not given");
  }
  return count;
}

void require_count(Reader& reader, const MapView& view) {
  if (!view.is_map()) return;
  for (const std::string_view key : {"indegree", "probability", "synapses"}) {
    if (view.node().find(key) != nullptr) return;
  }
  reader.fault(
      "missing-key", view.node(),
      "the number of synapses is missing: one of `indegree`, `probability` and `synapses` is due");
}

void check_delay_keys(Reader& reader, const MapView& view, DelayDistribution distribution) {
  const bool range = distribution == DelayDistribution::kUniform;
  const bool spread = !range && distribution != DelayDistribution::kConstant &&
                      distribution != DelayDistribution::kExponential;
  const auto check = [&](std::string_view key, bool due) {
    const YamlNode* node = view.node().find(key);
    const std::string name = *view.choice("distribution");
    if (due && node == nullptr) {
      reader.fault("missing-key", view.node(),
                   "a delay of distribution " + cited(name) + " needs the key " + cited(key));
    } else if (!due && node != nullptr) {
      reader.fault("conflicting-keys", *node,
                   "a delay of distribution " + cited(name) + " has no " + cited(key));
    }
  };
  check("mean", !range);
  check("sd", spread);
  check("min", range);
  check("max", range);
}

DelayCase read_delay_case(Reader& reader, const YamlNode& node, GridRules rules) {
  DelayCase delay;
  delay.node = &node;
  rules.due = kTime;
  const bool is_distribution = node.kind == YamlNode::Kind::kMap && node.find("val") == nullptr &&
                               node.find("file") == nullptr;
  if (!is_distribution) {
    delay.mean = read_grid(reader, node, rules);
    return delay;
  }
  const MapView view(reader, node, "delay");
  const auto name = view.choice("distribution");
  if (view.node().find("distribution") == nullptr) view.report_missing("distribution");
  delay.distribution = from_word(kDelayDistributions, name).value_or(DelayDistribution::kConstant);
  if (name) check_delay_keys(reader, view, delay.distribution);
  const auto read = [&](std::string_view key) {
    const YamlNode* value = view.find(key);
    return value == nullptr ? Grid{} : read_grid(reader, *value, rules);
  };
  delay.mean = read("mean");
  delay.sd = read("sd");
  delay.min = read("min");
  delay.max = read("max");
  return delay;
}

DelayPlan read_delay(Reader& reader, const YamlNode& node, const GridRules& rules) {
  DelayPlan delay;
  delay.node = &node;
  delay.by_kind = node.kind == YamlNode::Kind::kMap &&
                  (node.find("excitatory") != nullptr || node.find("inhibitory") != nullptr);
  if (!delay.by_kind) {
    delay.cases[0] = read_delay_case(reader, node, rules);
    return delay;
  }
  const MapView view(reader, node, "by kind");
  const YamlNode* ex = view.get("excitatory");
  const YamlNode* in = view.get("inhibitory");
  GridRules inner = rules;
  inner.by_kind = false;
  if (ex != nullptr) delay.cases[0] = read_delay_case(reader, *ex, inner);
  if (in != nullptr) delay.cases[1] = read_delay_case(reader, *in, inner);
  delay.faulty = ex == nullptr || in == nullptr;
  return delay;
}

/// Weight, spread of weights and delay: what stands beside `matrix:` or in a rule.
void read_strength(Reader& reader, const MapView& view, const GridRules& rules,
                   const std::vector<int>& targets, SynapsePlan& synapses) {
  synapses.weight = read_weight(reader, view, rules, targets);
  if (const YamlNode* cv = view.find("weight_cv")) {
    GridRules plain = rules;
    plain.due = kDimensionless;
    synapses.weight_cv = read_grid(reader, *cv, plain);
  }
  if (const YamlNode* delay = view.find("delay"))
    synapses.delay = read_delay(reader, *delay, rules);
}

std::vector<int> names_of(Reader& reader, const MapView& view, std::string_view key) {
  const YamlNode* node = view.find(key);
  return node == nullptr ? std::vector<int>() : population_names(reader, *node);
}

/// Which populations a connection holds, by index.
struct Members {
  std::vector<bool> sources, targets;
};

std::vector<bool> members_of(const std::vector<int>& indices, std::size_t count) {
  std::vector<bool> members(count, false);
  for (const int i : indices) members[i] = true;
  return members;
}

ExceptPlan read_exception(Reader& reader, const YamlNode& node, const ConnectionPlan& connection,
                          const Members& members) {
  const MapView view(reader, node, "connections[].except[]");
  ExceptPlan exception;
  exception.node = &node;
  if (!view.is_map()) return exception;
  for (const std::string_view key : {"from", "to"}) {
    if (node.find(key) == nullptr) view.report_missing(key);
  }
  exception.sources = names_of(reader, view, "from");
  exception.targets = names_of(reader, view, "to");
  const bool multapse = connection.synapses.count.rule == CountRule::kMultapse;
  exception.synapses.count = read_count(reader, view, {.columns = 1},
                                        multapse ? CountRule::kMultapse : CountRule::kPairwise);
  read_strength(reader, view, {.columns = 1}, exception.targets, exception.synapses);

  const auto outside = [](const std::vector<int>& names, const std::vector<bool>& all) {
    return std::any_of(names.begin(), names.end(), [&](int i) { return !all[i]; });
  };
  if (outside(exception.sources, members.sources) || outside(exception.targets, members.targets)) {
    reader.fault("bad-exception", node,
                 "this exception names a pair that the connection does not hold");
  }
  return exception;
}

void read_pairs(Reader& reader, const MapView& view, ConnectionPlan& connection) {
  const YamlNode* matrix = view.node().find("matrix");
  connection.is_matrix = matrix != nullptr;
  for (const std::string_view key : {"from", "to"}) {
    const YamlNode* node = view.node().find(key);
    if (matrix == nullptr && node == nullptr) view.report_missing(key);
    if (matrix != nullptr && node != nullptr) {
      reader.fault("conflicting-keys", *node,
                   cited(key) + " beside `matrix`, which holds all populations");
    }
  }
  if (matrix == nullptr) {
    connection.sources = names_of(reader, view, "from");
    connection.targets = names_of(reader, view, "to");
    return;
  }
  for (std::size_t i = 0; i < reader.plan.populations.size(); ++i) {
    connection.sources.push_back(static_cast<int>(i));
  }
  connection.targets = connection.sources;
  for (const std::string_view key : {"indegree", "probability", "synapses", "rule"}) {
    if (const YamlNode* node = view.node().find(key)) {
      reader.fault("conflicting-keys", *node, cited(key) + " belongs inside `matrix`");
    }
  }
}

double pair_count(const ConnectionPlan& connection) {
  const auto product = [](const auto& c) {
    return static_cast<double>(c.sources.size()) * static_cast<double>(c.targets.size());
  };
  const Grid& grid = connection.synapses.count.grid;
  double count = grid.shape == Grid::Shape::kSparse ? static_cast<double>(grid.entries.size())
                                                    : product(connection);
  for (const ExceptPlan& exception : connection.exceptions) count += product(exception);
  return count;
}

ConnectionPlan read_connection(Reader& reader, const YamlNode& node) {
  const MapView view(reader, node, "connections[]");
  ConnectionPlan connection;
  connection.node = &node;
  if (!view.is_map()) return connection;
  read_pairs(reader, view, connection);
  const int n = static_cast<int>(reader.plan.populations.size());
  const GridRules rules{.rows = n, .columns = n, .matrix = connection.is_matrix, .by_kind = true};
  if (!connection.is_matrix) {
    connection.synapses.count = read_count(reader, view, rules, CountRule::kPairwise);
    require_count(reader, view);
  } else if (const YamlNode* matrix = view.find("matrix")) {
    const MapView inside(reader, *matrix, "connections[].matrix");
    connection.synapses.count = read_count(reader, inside, rules, CountRule::kPairwise);
    require_count(reader, inside);
  }
  read_strength(reader, view, rules, connection.targets, connection.synapses);
  if (node.find("weight") == nullptr && node.find("psp") == nullptr) {
    reader.fault("missing-key", node,
                 "the strength of the synapses is missing: `weight` or `psp` is due");
  }
  if (const YamlNode* exceptions = view.find("except")) {
    const auto count = static_cast<std::size_t>(n);
    const Members members{members_of(connection.sources, count),
                          members_of(connection.targets, count)};
    for (const YamlNode& entry : list_items(reader, *exceptions, "except")) {
      connection.exceptions.push_back(read_exception(reader, entry, connection, members));
    }
  }
  if (!reader.count_elements(node, pair_count(connection))) connection = {.node = &node};
  return connection;
}

}  // namespace

std::optional<Dimension> weight_dimension(const Plan& plan, std::span<const int> targets) {
  std::optional<bool> current;
  for (const int target : targets) {
    const std::optional<NeuronModel>& own = plan.populations[target].neuron.model;
    if (!own || (current && *current != (*own == NeuronModel::kLifExp))) return std::nullopt;
    current = *own == NeuronModel::kLifExp;
  }
  if (!current) return std::nullopt;
  return *current ? kCurrent : kVoltage;
}

namespace {

constexpr std::string_view kJumpHelp =
    "with lif_delta, `weight` is the jump of the membrane, in mV; one in pA needs `model: lif_exp`";
constexpr std::string_view kCurrentHelp =
    "with lif_exp, `weight` is the peak of the postsynaptic current, in pA; the peak of the "
    "potential, in "
    "mV, is `psp`";

bool mixes_models(const Plan& plan, std::span<const int> targets) {
  return !targets.empty() && std::all_of(targets.begin(), targets.end(), [&](int i) {
    return plan.populations[i].neuron.model.has_value();
  });
}

}  // namespace

WeightPlan read_weight(Reader& reader, const MapView& view, const GridRules& shape,
                       std::span<const int> targets) {
  WeightPlan plan;
  GridRules rules = shape;
  const YamlNode* weight = view.find("weight");
  const YamlNode* psp = view.find("psp");
  if (weight != nullptr && psp != nullptr) {
    reader.fault("conflicting-keys", *psp, "`psp` stands in place of `weight`: give one of them");
  }
  if (weight == nullptr) {
    rules.due = kVoltage;
    plan.is_psp = true;
    if (psp != nullptr) plan.grid = read_grid(reader, *psp, rules);
    return plan;
  }
  const std::optional<Dimension> due = weight_dimension(reader.plan, targets);
  if (!due) {
    if (mixes_models(reader.plan, targets)) {
      reader.fault("mixed-models", *weight,
                   "the targets mix lif_delta and lif_exp, whose weights have different units",
                   "write one entry for each model, or give the strength as `psp`");
    }
    plan.grid = {.node = weight, .faulty = true};
    return plan;
  }
  rules.help = *due == kVoltage ? kJumpHelp : kCurrentHelp;
  rules.due = *due;
  plan.grid = read_grid(reader, *weight, rules);
  return plan;
}

void read_connections(Reader& reader, const MapView& model) {
  const YamlNode* list = model.find("connections");
  if (list == nullptr) return;
  for (const YamlNode& node : list_items(reader, *list, "connections")) {
    reader.plan.connections.push_back(read_connection(reader, node));
  }
}

}  // namespace nuphi::loader
