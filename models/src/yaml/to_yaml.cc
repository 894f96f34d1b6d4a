#include <fmt/format.h>
#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/words.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "../synapses.h"
#include "quantity.h"

namespace nuphi {
namespace {

using loader::decimal_text;

std::string time_text(double value) { return decimal_text(value, -3) + " ms"; }
std::string voltage_text(double value) { return decimal_text(value, -3) + " mV"; }
std::string rate_text(double value) { return decimal_text(value, 0) + " Hz"; }
std::string number_text(double value) { return decimal_text(value, 0); }

/// Plain where no YAML reader can take it for something else, otherwise in double quotes.
std::string string_text(const std::string& text) {
  const auto is_word_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), is_word_char) &&
                     text != "null" && text != "Null" && text != "NULL";
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

/// The number next to `guess` that the loader turns into exactly `target`; `guess` if there is none
/// within 8 steps, which happens only for values that were never loaded from a file.
std::optional<double> written_form(double guess, double target,
                                   const std::function<double(double)>& loaded) {
  double up = guess;
  double down = guess;
  constexpr int kSteps = 8;
  for (int k = 0; k <= kSteps; ++k) {
    if (loaded(up) == target) return up;
    if (loaded(down) == target) return down;
    up = std::nextafter(up, HUGE_VAL);
    down = std::nextafter(down, -HUGE_VAL);
  }
  return std::nullopt;
}

std::string absolute_voltage(double relative, double E_L) {
  const double guess = relative + E_L;
  const auto loaded = [&](double v) { return v - E_L; };
  return voltage_text(written_form(guess, relative, loaded).value_or(guess));
}

std::string parameter_text(const NeuronParameter& parameter, double value, double E_L) {
  if (parameter.is_potential) return absolute_voltage(value, E_L);
  if (parameter.unit == "s") return time_text(value);
  if (parameter.unit == "V") return voltage_text(value);
  if (parameter.unit == "Hz") return rate_text(value);
  return parameter.unit == "F" ? decimal_text(value, -12) + " pF" : number_text(value);
}

std::string neuron_text(const Neuron& n) {
  std::string text = fmt::format("{{model: {}", neuron_model_name(n.model));
  for (const NeuronParameter& parameter : neuron_parameters(n.model)) {
    if (parameter.is_left_out(n)) continue;
    text +=
        fmt::format(", {}: {}", parameter.name, parameter_text(parameter, parameter.of(n), n.E_L));
  }
  return text + "}";
}

/// `weight: …`, or `psp: …` where that alone gives the jump exactly.
std::string weight_text(double jump, const Neuron& neuron, double tau_syn) {
  if (neuron.model != NeuronModel::kLifExp) return "weight: " + voltage_text(jump);
  const double current = neuron.C_m > 0 && tau_syn > 0 ? jump * neuron.C_m / tau_syn : 0;
  const auto from_current = [&](double w) { return jump_from_current(w, tau_syn, neuron.C_m); };
  const double psp = jump / jump_from_psp(1, tau_syn, neuron.tau_m);
  const auto from_psp = [&](double v) { return jump_from_psp(v, tau_syn, neuron.tau_m); };
  if (neuron.C_m > 0 && tau_syn > 0) {
    if (const auto exact = written_form(current, jump, from_current)) {
      return fmt::format("weight: {} pA", decimal_text(*exact, -12));
    }
  }
  if (const auto exact = written_form(psp, jump, from_psp)) return "psp: " + voltage_text(*exact);
  if (neuron.C_m > 0 && tau_syn > 0)
    return fmt::format("weight: {} pA", decimal_text(current, -12));
  return "psp: " + voltage_text(psp);
}

std::string cv_text(double cv) {
  return cv == 0 ? std::string() : ", weight_cv: " + number_text(cv);
}

std::string tau_syn_text(const std::optional<double>& tau_syn) {
  return tau_syn ? ", tau_syn: " + time_text(*tau_syn) : std::string();
}

std::string delay_text(const Delay& d) {
  const std::string_view name = to_word(kDelayDistributions, d.distribution);
  switch (d.distribution) {
    case DelayDistribution::kConstant:
      return time_text(d.mean);
    case DelayDistribution::kUniform:
      return fmt::format("{{min: {}, max: {}, distribution: {}}}", time_text(d.min),
                         time_text(d.max), name);
    case DelayDistribution::kExponential:
      return fmt::format("{{mean: {}, distribution: {}}}", time_text(d.mean), name);
    default:
      return fmt::format("{{mean: {}, sd: {}, distribution: {}}}", time_text(d.mean),
                         time_text(d.sd), name);
  }
}

std::string projection_text(const Network& network, const Projection& p) {
  const Population& source = network.populations[p.source];
  const Population& target = network.populations[p.target];
  std::string indegree = number_text(p.indegree);
  if (p.indegree_distribution != IndegreeDistribution::kFixed) {
    indegree = fmt::format("{{mean: {}, distribution: {}}}", indegree,
                           to_word(kIndegreeDistributions, p.indegree_distribution));
  }
  const std::string delay = p.delay ? ", delay: " + delay_text(*p.delay) : "";
  return fmt::format("  - {{from: {}, to: {}, indegree: {}, {}{}{}}}\n", string_text(source.name),
                     string_text(target.name), indegree,
                     weight_text(p.weight, target.neuron, synaptic_time(network, p)),
                     cv_text(p.weight_cv), delay);
}

std::string input_text(const Network& network, const ExternalInput& input) {
  const Population& target = network.populations[input.target];
  std::string source;
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    source = fmt::format(
        "poisson: {{indegree: {}, rate: {}, {}{}{}}}", number_text(poisson->indegree),
        rate_text(poisson->rate),
        weight_text(poisson->weight, target.neuron, synaptic_time(network, input).value_or(0)),
        cv_text(poisson->weight_cv), tau_syn_text(poisson->tau_syn));
  } else if (const auto* dc = std::get_if<DcInput>(&input.source)) {
    source = fmt::format("dc: {{drive: {}}}", voltage_text(dc->drive));
  } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
    source = fmt::format("noise: {{mean: {}, sigma: {}{}}}", voltage_text(noise->mean),
                         voltage_text(noise->sigma), tau_syn_text(noise->tau_syn));
  }
  return fmt::format("  - {{to: {}, {}}}\n", string_text(target.name), source);
}

std::string populations_text(const Network& network) {
  const std::vector<Population>& populations = network.populations;
  const bool same = std::all_of(populations.begin(), populations.end(), [&](const Population& p) {
    return p.neuron == populations.front().neuron;
  });
  std::string text;
  if (same && !populations.empty()) {
    text += fmt::format("neuron: {}\n\n", neuron_text(populations.front().neuron));
  }
  text += "populations:\n";
  for (const Population& p : populations) {
    text += fmt::format("  - {{name: {}", string_text(p.name));
    if (p.kind != PopulationKind::kUnspecified) {
      text += fmt::format(", kind: {}", to_word(kPopulationKinds, p.kind));
    }
    if (p.size != 0) text += fmt::format(", size: {}", number_text(p.size));
    if (!same) text += fmt::format(", neuron: {}", neuron_text(p.neuron));
    text += "}\n";
  }
  return text;
}

std::string response_text(const ResponseChoice& choice) {
  std::vector<std::string> parts;
  if (choice.colour)
    parts.push_back(fmt::format("colour: {}", to_word(kColourResponses, *choice.colour)));
  if (choice.refractoriness)
    parts.push_back(
        fmt::format("refractoriness: {}", to_word(kRefractorinesses, *choice.refractoriness)));
  if (choice.variance) parts.push_back(fmt::format("variance: {}", *choice.variance));
  return parts.empty() ? "" : fmt::format(", response: {{{}}}", fmt::join(parts, ", "));
}

std::string solve_text(const Model& model) {
  const SolveOptions& o = model.solve;
  std::string text = fmt::format("\nsolve: {{find: {}, method: {}",
                                 o.find == Find::kAll ? "all" : "one", to_string(o.method));
  if (model.network.correction) {
    text += fmt::format(", correction: {}", to_word(kCorrections, *model.network.correction));
  }
  text += response_text(model.network.response);
  text += fmt::format(", tolerance: {}, max_iterations: {}, starts: {}, seed: {}",
                      rate_text(o.tolerance), o.max_iterations, o.starts, o.seed);
  if (o.max_rate > 0) text += fmt::format(", max_rate: {}", rate_text(o.max_rate));
  return text + "}\n";
}

std::string expect_text(const std::vector<ExpectedFixedPoint>& expect) {
  std::string text = expect.empty() ? "" : "\nexpect:\n  fixed_points:\n";
  for (const ExpectedFixedPoint& point : expect) {
    std::string rates;
    for (const double rate : point.rates) rates += (rates.empty() ? "" : ", ") + number_text(rate);
    text += fmt::format("    - {{rates: {{val: [{}], unit: Hz}}", rates);
    if (point.stable) text += fmt::format(", stable: {}", *point.stable);
    text += fmt::format(", rtol: {}, atol: {}}}\n", number_text(point.rtol), rate_text(point.atol));
  }
  return text;
}

}  // namespace

std::string to_yaml(const Model& model) {
  const Network& network = model.network;
  std::string text = "schema: nuphi/1\n";
  if (!network.name.empty()) text += fmt::format("name: {}\n", string_text(network.name));
  if (!network.reference.empty()) {
    text += fmt::format("reference: {}\n", string_text(network.reference));
  }
  text += '\n' + populations_text(network);
  if (!network.projections.empty()) text += "\nconnections:\n";
  for (const Projection& p : network.projections) text += projection_text(network, p);
  if (!network.inputs.empty()) text += "\ninputs:\n";
  for (const ExternalInput& input : network.inputs) text += input_text(network, input);
  return text + solve_text(model) + expect_text(model.expect);
}

}  // namespace nuphi
