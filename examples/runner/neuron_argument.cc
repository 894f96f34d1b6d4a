#include "neuron_argument.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/core/error.h>
#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "commands.h"

namespace nuphi::runner {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

[[noreturn]] void refuse(const std::string& what) { throw UsageError("--neuron: " + what); }

/// What may be given: the parameters of a LIF neuron, of whose synapses one τ_syn counts.
std::vector<NeuronParameter> parameters() {
  std::vector<NeuronParameter> list;
  for (const NeuronParameter& p : neuron_parameters(NeuronModel::kLifExp)) {
    if (p.name == "tau_syn_in") continue;
    list.push_back(p);
    if (p.name == "tau_syn_ex") list.back().name = "tau_syn";
  }
  return list;
}

void check(const NeuronParameter& p, double value) {
  if (p.name == "tau_syn") {
    if (value < 0) refuse("tau_syn is negative");  // 0: delta synapses
  } else if (p.range == ParameterRange::kPositive && !(value > 0)) {
    refuse(fmt::format("{} must be above 0", p.name));
  } else if (p.range == ParameterRange::kNotNegative && value < 0) {
    refuse(fmt::format("{} is negative", p.name));
  }
}

}  // namespace

double option_quantity(const std::string& option, const std::string& text,
                       const std::string& unit) {
  try {
    return parse_quantity(text, unit);
  } catch (const ModelError& error) {
    const Diagnostic& d = error.diagnostics().front();
    throw UsageError(fmt::format("{} \"{}\": {}{}", option, text, d.message,
                                 d.hint.empty() ? "" : "; " + d.hint));
  }
}

std::vector<double> option_quantities(const std::string& option, const std::string& text,
                                      const std::string& unit) {
  std::vector<double> values;
  for (const std::string& part : split(text)) values.push_back(option_quantity(option, part, unit));
  return values;
}

NeuronArgument parse_neuron(const std::string& text) {
  const LifParameters defaults;
  Neuron neuron{.model = NeuronModel::kLifExp,
                .tau_m = defaults.tau_m,
                .t_ref = defaults.t_ref,
                .V_th = defaults.V_th,
                .V_reset = defaults.V_reset,
                .tau_syn_ex = defaults.tau_syn};
  const std::vector<NeuronParameter> known = parameters();
  std::set<std::string, std::less<>> given;
  for (const std::string& part : trimmed(text).empty() ? std::vector<std::string>{} : split(text)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      refuse(fmt::format("\"{}\": write name=value, e.g. \"tau_m=10 ms, V_th=15 mV\"", part));
    const std::string name = trimmed(part.substr(0, equals));
    const auto p = std::find_if(known.begin(), known.end(),
                                [&](const NeuronParameter& each) { return each.name == name; });
    if (p == known.end()) {
      std::vector<std::string_view> names;
      for (const NeuronParameter& each : known) names.push_back(each.name);
      refuse(fmt::format("unknown parameter \"{}\"; allowed are {}", name, fmt::join(names, ", ")));
    }
    if (!given.insert(name).second) refuse(fmt::format("{} is given twice", name));
    p->in(neuron) =
        option_quantity("--neuron " + name, part.substr(equals + 1), std::string(p->unit));
  }
  if (given.contains("E_L")) {
    if (!given.contains("V_th") || !given.contains("V_reset"))
      refuse("with E_L, V_th and V_reset are absolute: give both");
    for (const NeuronParameter& p : known)
      if (p.is_potential) p.in(neuron) -= neuron.E_L;
  }
  for (const NeuronParameter& p : known) check(p, p.of(neuron));
  if (neuron.V_reset >= neuron.V_th) refuse("V_reset is not below V_th");
  return {.neuron = {.tau_m = neuron.tau_m,
                     .t_ref = neuron.t_ref,
                     .V_th = neuron.V_th,
                     .V_reset = neuron.V_reset,
                     .tau_syn = neuron.tau_syn_ex},
          .C_m = neuron.C_m};
}

}  // namespace nuphi::runner
