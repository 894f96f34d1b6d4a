#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "../network_rules.h"
#include "../synapses.h"
#include "builder.h"

namespace nuphi::loader {
namespace {

/// Projections of one connection.
class ConnectionBuilder {
 public:
  ConnectionBuilder(Builder& builder, const ConnectionPlan& plan)
      : builder_(builder), plan_(plan) {}

  void build() {
    for (const ExceptPlan& exception : plan_.exceptions) {
      for (const int target : exception.targets) {
        for (const int source : exception.sources) {
          exceptions_[{target, source}].push_back(&exception.synapses);
        }
      }
    }
    if (plan_.synapses.count.grid.shape == Grid::Shape::kSparse) {
      for (const auto& [target, source] : sparse_pairs()) pair(target, source);
      return;
    }
    for (const int target : plan_.targets) {
      for (const int source : plan_.sources) pair(target, source);
    }
  }

 private:
  using Pair = std::pair<int, int>;  // target, source

  /// The entries of a sparse matrix and the pairs that exceptions may add, in order.
  std::vector<Pair> sparse_pairs() const {
    std::vector<Pair> pairs;
    for (const Grid::Entry& e : plan_.synapses.count.grid.entries)
      pairs.emplace_back(e.row, e.column);
    for (const auto& [pair, synapses] : exceptions_) pairs.push_back(pair);
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    return pairs;
  }

  /// What holds for the pair: the last exception that names it and gives the field, else the
  /// connection.
  template <class Field>
  const SynapsePlan& holder(const std::vector<const SynapsePlan*>* exceptions,
                            const Field& given) const {
    if (exceptions != nullptr) {
      for (auto e = exceptions->rbegin(); e != exceptions->rend(); ++e) {
        if (given(**e)) return **e;
      }
    }
    return plan_.synapses;
  }

  void pair(int target, int source) {
    const auto has_count = [](const SynapsePlan& s) { return s.count.grid.given(); };
    const auto has_weight = [](const SynapsePlan& s) { return s.weight.grid.given(); };
    const auto has_cv = [](const SynapsePlan& s) { return s.weight_cv.given(); };
    const auto has_delay = [](const SynapsePlan& s) { return s.delay.node != nullptr; };

    const auto found = exceptions_.find({target, source});
    const auto* exceptions = found == exceptions_.end() ? nullptr : &found->second;
    const CountPlan& count = holder(exceptions, has_count).count;
    const WeightPlan& weight = holder(exceptions, has_weight).weight;
    const Grid& cv = holder(exceptions, has_cv).weight_cv;
    const DelayPlan& delay = holder(exceptions, has_delay).delay;

    Projection p;
    p.source = source;
    p.target = target;
    const Placed written_count = builder_.at(count.grid, target, source);
    p.indegree = indegree(count.rule, written_count, target, source);
    if (plan_.is_matrix && p.indegree == 0) return;
    p.indegree_distribution = count.distribution;
    const Placed written_weight = builder_.at(weight.grid, target, source);
    p.weight =
        builder_.jump(weight, written_weight, target, builder_.plan.populations[source].kind);
    const Placed written_cv = builder_.at(cv, target, source);
    p.weight_cv = cv.given() ? written_cv.value : 0;
    if (delay.node != nullptr) p.delay = this->delay(delay, target, source);
    builder_.network.projections.push_back(std::move(p));
    builder_.projection_origins.push_back({plan_.node, written_count.node, written_weight.node,
                                           written_cv.node, delay.node, nullptr});
  }

  double indegree(CountRule rule, const Placed& written, int target, int source) {
    if (rule == CountRule::kIndegree) return written.value;
    if (rule != CountRule::kSynapses && !is_probability(rule, written, target, source))
      return kUnknown;
    if (rule == CountRule::kSynapses && written.value < 0) {
      builder_.faults.add_once("out-of-range", *written.node, "the number of synapses is negative");
      return kUnknown;
    }
    const double target_size = builder_.network.populations[target].size;
    const double source_size = builder_.network.populations[source].size;
    const bool needs_source = rule != CountRule::kSynapses;
    const bool needs_target = rule != CountRule::kPairwise;
    const bool source_is_sized = !needs_source || has_size(source, written);
    const bool target_is_sized = !needs_target || has_size(target, written);
    if (!source_is_sized || !target_is_sized) return kUnknown;
    switch (rule) {
      case CountRule::kPairwise:
        return written.value * source_size;
      case CountRule::kMultapse:
        if (has_one_pair(written, source, target)) return kUnknown;
        return multapse_indegree(written.value, source_size, target_size);
      default:
        return written.value / target_size;
    }
  }

  bool is_probability(CountRule rule, const Placed& written, int target, int source) {
    if (written.value < 0 || written.value > 1) {
      builder_.faults.add_once("out-of-range", *written.node,
                               "the probability " + display(written.value, "") +
                                   " is outside [0, 1] (from " +
                                   cited(builder_.plan.populations[source].name) + " to " +
                                   cited(builder_.plan.populations[target].name) + ")");
      return false;
    }
    if (rule == CountRule::kMultapse && written.value == 1) {
      builder_.faults.add_once(
          "out-of-range", *written.node,
          "`rule: multapse` needs a probability below 1: for 1 the number of synapses is infinite",
          "use `rule: pairwise`");
      return false;
    }
    return true;
  }

  /// Between single neurons every synapse is that of the one pair: the probability is 0 without
  /// synapses and 1 with any.
  bool has_one_pair(const Placed& written, int source, int target) {
    const auto& populations = builder_.network.populations;
    const bool one = populations[source].size * populations[target].size <= 1;
    if (!one || written.value == 0) return false;
    builder_.faults.add_once(
        "out-of-range", *written.node,
        "`rule: multapse` between single neurons, from " +
            cited(builder_.plan.populations[source].name) + " to " +
            cited(builder_.plan.populations[target].name) +
            ": any synapse connects the one pair, so that no number of synapses has the "
            "probability " +
            display(written.value, ""),
        "give the number of synapses: `synapses` or `indegree`");
    return true;
  }

  /// Reported at the first number that needs the size.
  bool has_size(int population, const Placed& written) {
    const PopulationPlan& p = builder_.plan.populations[population];
    if (p.size.given()) return true;
    if (written.node != nullptr &&
        std::find(unsized_.begin(), unsized_.end(), population) == unsized_.end()) {
      unsized_.push_back(population);
      builder_.faults.add_once(
          "missing-size", *written.node, "this needs the size of the population " + cited(p.name),
          "give `size` under `populations`, or the in-degree itself: `indegree`");
    }
    return false;
  }

  std::optional<Delay> delay(const DelayPlan& plan, int target, int source) {
    const PopulationKind kind = builder_.plan.populations[source].kind;
    if (plan.faulty) return std::nullopt;
    if (plan.by_kind && kind == PopulationKind::kUnspecified) {
      builder_.faults.add_once(
          "missing-kind", *plan.node,
          "values by kind need the `kind` of " + cited(builder_.plan.populations[source].name));
      return std::nullopt;
    }
    const DelayCase& from = plan.cases[plan.by_kind && kind == PopulationKind::kInhibitory ? 1 : 0];
    const auto number = [&](const Grid& grid) {
      return grid.given() ? builder_.at(grid, target, source).value : 0.0;
    };
    return Delay{from.distribution, number(from.mean), number(from.sd), number(from.min),
                 number(from.max)};
  }

  Builder& builder_;
  const ConnectionPlan& plan_;
  std::map<Pair, std::vector<const SynapsePlan*>> exceptions_;
  std::vector<int> unsized_;
};

}  // namespace

void build_projections(Builder& builder) {
  for (const ConnectionPlan& plan : builder.plan.connections)
    ConnectionBuilder(builder, plan).build();
}

}  // namespace nuphi::loader
