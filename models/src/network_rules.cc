#include "network_rules.h"

#include <fmt/format.h>
#include <nuphi/models/neuron_parameters.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

namespace nuphi {
namespace {

using Part = NetworkPlace::Part;

/// The rules of one network; each member checks one kind of element.
class Rules {
 public:
  Rules(const Network& network, const NetworkReport& report) : network_(network), report_(report) {}

  void check() {
    if (network_.populations.empty()) fault("no-population", "", "the network has no population");
    part_ = Part::kPopulation;
    for (index_ = 0; index_ < count(network_.populations); ++index_) {
      population(network_.populations[index_]);
    }
    part_ = Part::kProjection;
    for (index_ = 0; index_ < count(network_.projections); ++index_) {
      projection(network_.projections[index_]);
    }
    part_ = Part::kInput;
    for (index_ = 0; index_ < count(network_.inputs); ++index_) input(network_.inputs[index_]);
    if (indices_are_sound_) synapse_times(effective_correction(network_));
  }

 private:
  template <class T>
  static int count(const std::vector<T>& list) {
    return static_cast<int>(list.size());
  }

  void fault(std::string code, std::string_view field, std::string message, std::string hint = {}) {
    report_({part_, index_, field}, std::move(code), message + pair(), std::move(hint));
  }
  /// " (from `E` to `I`)" for the projection that is being checked.
  std::string pair() const {
    if (part_ != Part::kProjection) return {};
    const Projection& p = network_.projections[index_];
    const auto known = [&](int i) { return i >= 0 && i < count(network_.populations); };
    if (!known(p.source) || !known(p.target)) return {};
    return fmt::format(" (from `{}` to `{}`)", network_.populations[p.source].name,
                       network_.populations[p.target].name);
  }
  /// NaN passes the comparisons of the other rules: it is reported here alone.
  void finite(std::string_view field, double value) {
    if (!std::isfinite(value)) fault("non-finite", field, fmt::format("{} is {}", field, value));
  }
  void positive(std::string_view field, double value, std::string_view unit) {
    finite(field, value);
    if (value <= 0) {
      fault("out-of-range", field,
            fmt::format("{} is {}; it must be positive", field, display(value, unit)));
    }
  }
  void not_negative(std::string_view field, double value, std::string_view unit) {
    finite(field, value);
    if (value < 0) {
      fault("out-of-range", field,
            fmt::format("{} is {}; it must not be negative", field, display(value, unit)));
    }
  }

  void population(const Population& p) {
    if (p.name.empty()) fault("bad-name", "name", "a population has no name");
    if (!p.name.empty() && !names_.insert(p.name).second) {
      fault("duplicate-name", "name", fmt::format("two populations are called `{}`", p.name));
    }
    not_negative("size", p.size, "");
    neuron(p.neuron);
  }

  /// Spikes move such a unit by τ_m K J ν.
  void time_constant(const Population& target) {
    if (is_lif(target.neuron) || target.neuron.tau_m != 0) return;
    fault("missing-key", "weight",
          fmt::format("synapses need the `tau_m` of `{}`: mu = tau_m K J nu", target.name),
          "give `tau_m` under `neuron`");
  }

  void neuron(const Neuron& n) {
    for (const NeuronParameter& parameter : neuron_parameters(n.model)) {
      const double value = parameter.of(n);
      if (parameter.range == ParameterRange::kPositive)
        positive(parameter.name, value, parameter.shown_unit);
      else if (parameter.range == ParameterRange::kNotNegative)
        not_negative(parameter.name, value, parameter.shown_unit);
      else
        finite(parameter.name, value);
    }
    if (is_lif(n) && n.V_reset >= n.V_th) {
      fault("reset-above-threshold", "V_reset",
            fmt::format("V_reset ({}) must lie below V_th ({})", display(n.V_reset + n.E_L, "mV"),
                        display(n.V_th + n.E_L, "mV")));
    }
  }

  bool is_population(std::string_view field, int index) {
    if (index >= 0 && index < count(network_.populations)) return true;
    indices_are_sound_ = false;
    fault("bad-index", field, fmt::format("there is no population {}", index));
    return false;
  }

  void projection(const Projection& p) {
    const bool source_is_known = is_population("source", p.source);
    if (is_population("target", p.target)) time_constant(network_.populations[p.target]);
    not_negative("indegree", p.indegree, "");
    finite("weight", p.weight);
    not_negative("weight_cv", p.weight_cv, "");
    if (source_is_known) {
      sign(p, network_.populations[p.source]);
      indegrees(p, network_.populations[p.source]);
    }
    if (p.delay) delay(*p.delay);
  }

  void sign(const Projection& p, const Population& source) {
    const bool excitatory = source.kind == PopulationKind::kExcitatory;
    const bool inhibitory = source.kind == PopulationKind::kInhibitory;
    if ((excitatory && p.weight < 0) || (inhibitory && p.weight > 0)) {
      fault("wrong-sign", "weight",
            fmt::format("the weight is {}, but `{}` is {}", p.weight < 0 ? "negative" : "positive",
                        source.name, excitatory ? "excitatory" : "inhibitory"),
            signs_follow_targets() ? "the signs are those of the targets: the matrix looks "
                                     "transposed; rows are targets, columns are sources"
            : excitatory           ? "excitatory weights are positive"
                                   : "inhibitory weights are negative");
    }
  }

  /// Whether every weight has the sign of its target's kind, from excitatory to inhibitory and
  /// back: a matrix with rows and columns exchanged.
  bool signs_follow_targets() {
    if (signs_follow_targets_) return *signs_follow_targets_;
    bool to_excitatory = false, to_inhibitory = false;
    const auto follows = [&](const Projection& p) {
      const int n = count(network_.populations);
      if (p.weight == 0) return true;
      if (p.source < 0 || p.source >= n || p.target < 0 || p.target >= n) return false;
      const PopulationKind source = network_.populations[p.source].kind;
      const PopulationKind target = network_.populations[p.target].kind;
      if (source == PopulationKind::kUnspecified || target == PopulationKind::kUnspecified)
        return false;
      const bool excitatory = target == PopulationKind::kExcitatory;
      if (source != target) (excitatory ? to_excitatory : to_inhibitory) = true;
      return excitatory == (p.weight > 0);
    };
    const bool all = std::all_of(network_.projections.begin(), network_.projections.end(), follows);
    signs_follow_targets_ = all && to_excitatory && to_inhibitory;
    return *signs_follow_targets_;
  }

  void indegrees(const Projection& p, const Population& source) {
    if (p.indegree_distribution != IndegreeDistribution::kBinomial) return;
    if (source.size == 0) {
      fault("missing-size", "indegree",
            fmt::format("a binomial in-degree needs the size of `{}`", source.name));
    } else if (p.indegree > source.size) {
      fault("out-of-range", "indegree",
            fmt::format("a binomial in-degree of mean {} from {} neurons is not possible",
                        p.indegree, source.size));
    }
  }

  void delay(const Delay& d) {
    switch (d.distribution) {
      case DelayDistribution::kConstant:
        delay_not_negative("mean", d.mean);
        break;
      case DelayDistribution::kUniform:
        delay_not_negative("min", d.min);
        finite("delay", d.max);
        if (d.min > d.max) {
          fault("out-of-range", "delay",
                fmt::format("min ({}) of the delay is above max ({})", display(d.min, "ms"),
                            display(d.max, "ms")));
        }
        break;
      case DelayDistribution::kExponential:
        delay_positive("mean", d.mean);
        break;
      default:
        delay_positive("mean", d.mean);
        delay_not_negative("sd", d.sd);
    }
  }
  void delay_not_negative(std::string_view field, double value) {
    finite("delay", value);
    if (value < 0) {
      fault("out-of-range", "delay",
            fmt::format("{} of the delay is {}; it must not be negative", field,
                        display(value, "ms")));
    }
  }
  void delay_positive(std::string_view field, double value) {
    finite("delay", value);
    if (value <= 0) {
      fault("out-of-range", "delay",
            fmt::format("{} of the delay is {}; it must be positive", field, display(value, "ms")));
    }
  }

  void input(const ExternalInput& input) {
    const bool known = is_population("target", input.target);
    if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
      if (known) time_constant(network_.populations[input.target]);
      not_negative("indegree", poisson->indegree, "");
      not_negative("rate", poisson->rate, "Hz");
      finite("weight", poisson->weight);
      not_negative("weight_cv", poisson->weight_cv, "");
      input_time(input, poisson->tau_syn);
    } else if (const auto* dc = std::get_if<DcInput>(&input.source)) {
      finite("drive", dc->drive);
    } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
      finite("mean", noise->mean);
      not_negative("sigma", noise->sigma, "mV");
      input_time(input, noise->tau_syn);
    }
  }

  void input_time(const ExternalInput& input, std::optional<double> tau_syn) {
    if (!tau_syn) return;
    not_negative("tau_syn", *tau_syn, "ms");
    const bool known = input.target >= 0 && input.target < count(network_.populations);
    if (known && network_.populations[input.target].neuron.model != NeuronModel::kLifExp) {
      fault("wrong-model", "tau_syn",
            fmt::format("`{}` has delta synapses, which have no tau_syn",
                        network_.populations[input.target].name),
            "leave tau_syn out, or use `model: lif_exp`");
    }
  }

  /// Where synapses of several time constants meet, not every correction has an effective one.
  void synapse_times(Correction correction) {
    const std::vector<SynapticTimes> times = synaptic_times(network_);
    part_ = Part::kPopulation;
    for (index_ = 0; index_ < count(network_.populations); ++index_) {
      if (!times[index_].differ()) continue;
      const std::string found = fmt::format(
          "synapses of `{}` differ in tau_syn, from {} to {}", network_.populations[index_].name,
          display(times[index_].shortest, "ms"), display(times[index_].longest, "ms"));
      if (correction == Correction::kShiftRefractory) {
        fault("unequal-tau-syn", "tau_syn_in",
              found + "; the correction shift_refractory knows one",
              "make them equal, or use `solve: {correction: shift}`");
      } else if (correction == Correction::kAdiabatic && times[index_].shortest == 0) {
        fault("unequal-tau-syn", "tau_syn_in",
              found + "; the correction adiabatic needs a positive one of all noise",
              "give a positive tau_syn, or use `solve: {correction: shift}`");
      }
    }
  }

  const Network& network_;
  const NetworkReport& report_;
  Part part_ = Part::kNetwork;
  int index_ = 0;
  bool indices_are_sound_ = true;
  std::optional<bool> signs_follow_targets_;  ///< worked out at the first wrong sign
  std::set<std::string_view> names_;
};

}  // namespace

void check_network(const Network& network, const NetworkReport& report) {
  Rules(network, report).check();
}

Correction effective_correction(const Network& network) {
  if (network.correction) return *network.correction;
  const bool colored =
      std::any_of(network.populations.begin(), network.populations.end(),
                  [](const auto& p) { return p.neuron.model == NeuronModel::kLifExp; });
  return colored ? Correction::kUniform : Correction::kNone;
}

double synaptic_time(const Network& network, const Projection& p) {
  const Neuron& target = network.populations[p.target].neuron;
  if (target.model != NeuronModel::kLifExp) return 0;
  const bool inhibitory = p.weight < 0 || (p.weight == 0 && network.populations[p.source].kind ==
                                                                PopulationKind::kInhibitory);
  return inhibitory ? target.tau_syn_in : target.tau_syn_ex;
}

std::optional<double> own_tau_syn(const ExternalInput& input) {
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) return poisson->tau_syn;
  const auto* noise = std::get_if<NoiseInput>(&input.source);
  return noise != nullptr ? noise->tau_syn : std::nullopt;
}

std::optional<double> synaptic_time(const Network& network, const ExternalInput& input) {
  if (std::holds_alternative<DcInput>(input.source)) return std::nullopt;
  const Neuron& target = network.populations[input.target].neuron;
  if (target.model != NeuronModel::kLifExp) return 0;
  const auto* poisson = std::get_if<PoissonInput>(&input.source);
  const bool inhibitory = poisson != nullptr && poisson->weight < 0;
  return own_tau_syn(input).value_or(inhibitory ? target.tau_syn_in : target.tau_syn_ex);
}

namespace {

/// Whatever its rate: that may be a parameter.
bool brings_noise(const ExternalInput& input) {
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    return poisson->indegree != 0 && poisson->weight != 0;
  }
  const auto* noise = std::get_if<NoiseInput>(&input.source);
  return noise != nullptr && noise->sigma != 0;
}

}  // namespace

std::vector<SynapticTimes> synaptic_times(const Network& network) {
  std::vector<SynapticTimes> times(network.populations.size());
  const auto add = [&](int target, double tau_syn) {
    SynapticTimes& t = times[target];
    if (std::isnan(tau_syn)) return;
    t.shortest = std::min(t.shortest, tau_syn);
    t.longest = std::max(t.longest, tau_syn);
  };
  for (const Projection& p : network.projections) {
    if (p.indegree != 0 && p.weight != 0) add(p.target, synaptic_time(network, p));
  }
  for (const ExternalInput& input : network.inputs) {
    if (brings_noise(input)) add(input.target, synaptic_time(network, input).value_or(0));
  }
  return times;
}

std::string display(double value, std::string_view unit) {
  double scale = 1;
  if (unit == "mV" || unit == "ms") scale = 1e3;
  if (unit == "pA" || unit == "pF") scale = 1e12;
  return fmt::format("{:.6g}{}{}", value * scale, unit.empty() ? "" : " ", unit);
}

std::vector<Diagnostic> validate(const Network& network) {
  std::vector<Diagnostic> list;
  check_network(network, [&](const NetworkPlace& place, std::string code, std::string message,
                             std::string hint) {
    Diagnostic d;
    d.code = std::move(code);
    d.message = std::move(message);
    d.hint = std::move(hint);
    switch (place.part) {
      case Part::kNetwork:
        break;
      case Part::kPopulation:
        d.path = fmt::format("populations[{}].{}", place.index, place.field);
        break;
      case Part::kProjection:
        d.path = fmt::format("projections[{}].{}", place.index, place.field);
        break;
      case Part::kInput:
        d.path = fmt::format("inputs[{}].{}", place.index, place.field);
        break;
    }
    list.push_back(std::move(d));
  });
  return list;
}

}  // namespace nuphi
