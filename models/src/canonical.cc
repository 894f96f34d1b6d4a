#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <array>
#include <string>

#include "synapses.h"

namespace nuphi {
namespace {

using namespace units;

constexpr int kExcitatory = 0;
constexpr int kInhibitory = 1;

struct Layer {
  const char* name;
  double size;
  double external_indegree;
};
/// Potjans & Diesmann (2014), table 5: numbers of neurons, and of background synapses
/// (layer-specific).
constexpr std::array<Layer, 8> kLayers = {{{"23E", 20683, 1600},
                                           {"23I", 5834, 1500},
                                           {"4E", 21915, 2100},
                                           {"4I", 5479, 1900},
                                           {"5E", 4850, 2000},
                                           {"5I", 1065, 1900},
                                           {"6E", 14395, 2900},
                                           {"6I", 2948, 2100}}};
/// The same table: connection probabilities. Row = target, column = source.
constexpr std::array<std::array<double, 8>, 8> kProbability = {{
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000},
    {0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443},
}};
constexpr int k23E = 0;
constexpr int k4E = 2;

PopulationKind kind_of(int index) {
  return index % 2 == kExcitatory ? PopulationKind::kExcitatory : PopulationKind::kInhibitory;
}

/// lif_exp neuron of the microcircuit (table 5 of the paper).
Neuron microcircuit_neuron() {
  Neuron neuron;
  neuron.model = NeuronModel::kLifExp;
  neuron.tau_m = 10 * ms;
  neuron.t_ref = 2 * ms;
  neuron.E_L = -65 * mV;
  neuron.V_th = -50 * mV - neuron.E_L;
  neuron.V_reset = -65 * mV - neuron.E_L;
  neuron.C_m = 250e-12;
  neuron.tau_syn_ex = 0.5 * ms;
  neuron.tau_syn_in = 0.5 * ms;
  return neuron;
}

Projection microcircuit_projection(const PotjansDiesmann2014Parameters& p, const Neuron& neuron,
                                   int target, int source) {
  const bool inhibitory = kind_of(source) == PopulationKind::kInhibitory;
  const bool doubled = target == k23E && source == k4E;
  const double current = inhibitory ? -p.g * p.weight : (doubled ? 2 : 1) * p.weight;
  Projection projection;
  projection.source = source;
  projection.target = target;
  projection.indegree =
      multapse_indegree(kProbability[target][source], kLayers[source].size, kLayers[target].size);
  projection.weight = jump_from_current(current, neuron.tau_syn_ex, neuron.C_m);
  projection.delay = Delay{.distribution = DelayDistribution::kTruncatedGaussian,
                           .mean = inhibitory ? 0.75 * ms : 1.5 * ms,
                           .sd = inhibitory ? 0.375 * ms : 0.75 * ms};
  return projection;
}

}  // namespace

Network brunel2000(const Brunel2000Parameters& p) {
  Neuron neuron;
  neuron.tau_m = p.tau_m;
  neuron.t_ref = p.t_ref;
  neuron.V_th = p.V_th;
  neuron.V_reset = p.V_reset;

  Network network;
  network.name = "brunel2000";
  network.reference = "doi:10.1023/A:1008925309027";
  network.populations = {{"E", PopulationKind::kExcitatory, p.excitatory_size, neuron},
                         {"I", PopulationKind::kInhibitory, p.inhibitory_size, neuron}};
  const Delay delay{.mean = p.delay};
  for (const int source : {kExcitatory, kInhibitory}) {
    const bool inhibitory = source == kInhibitory;
    for (const int target : {kExcitatory, kInhibitory}) {
      network.projections.push_back({.source = source,
                                     .target = target,
                                     .indegree = inhibitory ? p.C_E / 4 : p.C_E,
                                     .weight = inhibitory ? -p.g * p.J : p.J,
                                     .delay = delay});
    }
  }
  const double threshold_rate = p.V_th / (p.C_E * p.J * p.tau_m);
  for (const int target : {kExcitatory, kInhibitory}) {
    network.inputs.push_back(
        {target, PoissonInput{.indegree = p.C_E, .rate = p.eta * threshold_rate, .weight = p.J}});
  }
  return network;
}

Network potjans_diesmann2014(const PotjansDiesmann2014Parameters& p) {
  const Neuron neuron = microcircuit_neuron();
  const int n = static_cast<int>(kLayers.size());
  Network network;
  network.name = "microcircuit";
  network.correction = Correction::kShift;  // that of the published mean-field rates
  network.reference = "doi:10.1093/cercor/bhs358";
  for (int i = 0; i < n; ++i) {
    network.populations.push_back({kLayers[i].name, kind_of(i), kLayers[i].size, neuron});
  }
  for (int target = 0; target < n; ++target) {
    for (int source = 0; source < n; ++source) {
      if (kProbability[target][source] == 0) continue;
      network.projections.push_back(microcircuit_projection(p, neuron, target, source));
    }
  }
  const double jump = jump_from_current(p.weight, neuron.tau_syn_ex, neuron.C_m);
  for (int target = 0; target < n; ++target) {
    network.inputs.push_back({target, PoissonInput{.indegree = kLayers[target].external_indegree,
                                                   .rate = p.external_rate,
                                                   .weight = jump}});
  }
  return network;
}

}  // namespace nuphi
