#include <nuphi/models/neuron_parameters.h>

#include <algorithm>
#include <array>
#include <numbers>
#include <utility>

namespace nuphi {
namespace {

using R = ParameterRange;

constexpr NeuronParameter kTauM = {.name = "tau_m",
                                   .unit = "s",
                                   .shown_unit = "ms",
                                   .range = R::kPositive,
                                   .doc = "membrane time constant",
                                   .in = [](Neuron& n) -> double& { return n.tau_m; }};
constexpr NeuronParameter kTRef = {.name = "t_ref",
                                   .unit = "s",
                                   .shown_unit = "ms",
                                   .range = R::kNotNegative,
                                   .doc = "absolute refractory time",
                                   .in = [](Neuron& n) -> double& { return n.t_ref; }};
constexpr NeuronParameter kRest = {.name = "E_L",
                                   .unit = "V",
                                   .shown_unit = "mV",
                                   .fallback = 0,
                                   .fallback_text = "0 mV",
                                   .doc = "resting potential; subtracted from the other potentials",
                                   .in = [](Neuron& n) -> double& { return n.E_L; }};
constexpr NeuronParameter kThreshold = {.name = "V_th",
                                        .unit = "V",
                                        .shown_unit = "mV",
                                        .is_potential = true,
                                        .doc = "threshold, on the scale of E_L",
                                        .in = [](Neuron& n) -> double& { return n.V_th; }};
constexpr NeuronParameter kReset = {.name = "V_reset",
                                    .unit = "V",
                                    .shown_unit = "mV",
                                    .is_potential = true,
                                    .doc = "reset, on the scale of E_L, below V_th",
                                    .in = [](Neuron& n) -> double& { return n.V_reset; }};
constexpr NeuronParameter kCapacitance = {
    .name = "C_m",
    .unit = "F",
    .shown_unit = "pF",
    .range = R::kNotNegative,
    .fallback = 0,
    .doc = "membrane capacitance; needed for weights and currents in pA",
    .in = [](Neuron& n) -> double& { return n.C_m; }};
constexpr NeuronParameter kExcitatoryTime = {
    .name = "tau_syn_ex",
    .unit = "s",
    .shown_unit = "ms",
    .range = R::kPositive,
    .doc = "time constant of excitatory synapses; needed by lif_exp",
    .in = [](Neuron& n) -> double& { return n.tau_syn_ex; }};
constexpr NeuronParameter kInhibitoryTime = {
    .name = "tau_syn_in",
    .unit = "s",
    .shown_unit = "ms",
    .range = R::kPositive,
    .doc = "time constant of inhibitory synapses; needed by lif_exp",
    .in = [](Neuron& n) -> double& { return n.tau_syn_in; }};

/// Without use, and 0 unless given.
constexpr NeuronParameter unused(NeuronParameter parameter) {
  parameter.range = R::kAny;
  parameter.fallback = 0;
  return parameter;
}

constexpr std::array kLifExp = {kTauM,  kTRef,        kRest,           kThreshold,
                                kReset, kCapacitance, kExcitatoryTime, kInhibitoryTime};
constexpr std::array kLifDelta = {kTauM,
                                  kTRef,
                                  kRest,
                                  kThreshold,
                                  kReset,
                                  kCapacitance,
                                  unused(kExcitatoryTime),
                                  unused(kInhibitoryTime)};
constexpr std::array kPowerLaw = {
    NeuronParameter{.name = "rate",
                    .unit = "Hz",
                    .shown_unit = "Hz",
                    .range = R::kNotNegative,
                    .doc = "rate at theta + `at` without noise",
                    .in = [](Neuron& n) -> double& { return n.power_law.rate; }},
    NeuronParameter{.name = "at",
                    .unit = "V",
                    .shown_unit = "mV",
                    .range = R::kPositive,
                    .doc = "where the rate is `rate`, above theta",
                    .in = [](Neuron& n) -> double& { return n.power_law.at; }},
    NeuronParameter{.name = "theta",
                    .unit = "V",
                    .shown_unit = "mV",
                    .is_potential = true,
                    .fallback = 0,
                    .doc = "threshold, on the scale of E_L; E_L unless given",
                    .in = [](Neuron& n) -> double& { return n.power_law.theta; }},
    NeuronParameter{.name = "exponent",
                    .unit = "1",
                    .range = R::kPositive,
                    .fallback = 2,
                    .fallback_text = "2",
                    .doc = "positive",
                    .in = [](Neuron& n) -> double& { return n.power_law.exponent; }},
    NeuronParameter{.name = "spread",
                    .unit = "1",
                    .range = R::kNotNegative,
                    .fallback = 1 / std::numbers::sqrt2,
                    .fallback_text = "0.7071",
                    .doc = "standard deviation of its input over sigma; sqrt(1/2), that of the "
                           "free membrane, unless given",
                    .in = [](Neuron& n) -> double& { return n.power_law.spread; }},
    NeuronParameter{.name = "tau_m",
                    .unit = "s",
                    .shown_unit = "ms",
                    .range = R::kNotNegative,
                    .fallback = 0,
                    .doc = "needed where it has synapses, mu = tau_m K J nu",
                    .in = [](Neuron& n) -> double& { return n.tau_m; }},
    NeuronParameter{.name = "E_L",
                    .unit = "V",
                    .shown_unit = "mV",
                    .fallback = 0,
                    .fallback_text = "0 mV",
                    .doc = "resting potential; subtracted from theta",
                    .in = [](Neuron& n) -> double& { return n.E_L; }}};

constexpr std::array<std::pair<std::string_view, NeuronModel>, 3> kNames = {{
    {"lif_delta", NeuronModel::kLifDelta},
    {"lif_exp", NeuronModel::kLifExp},
    {"power_law", NeuronModel::kPowerLaw},
}};

}  // namespace

std::span<const NeuronParameter> neuron_parameters(NeuronModel model) {
  switch (model) {
    case NeuronModel::kLifDelta:
      return kLifDelta;
    case NeuronModel::kLifExp:
      return kLifExp;
    case NeuronModel::kPowerLaw:
      return kPowerLaw;
  }
  return {};
}

const NeuronParameter* neuron_parameter(NeuronModel model, std::string_view name) {
  for (const NeuronParameter& parameter : neuron_parameters(model))
    if (parameter.name == name) return &parameter;
  return nullptr;
}

std::string_view neuron_model_name(NeuronModel model) {
  return std::find_if(kNames.begin(), kNames.end(),
                      [&](const auto& n) { return n.second == model; })
      ->first;
}

std::optional<NeuronModel> neuron_model_of(std::string_view name) {
  for (const auto& [known, model] : kNames)
    if (known == name) return model;
  return std::nullopt;
}

}  // namespace nuphi
