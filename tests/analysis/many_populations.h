#pragma once

#include <nuphi/core/units.h>
#include <nuphi/models/network.h>

#include <cstdint>
#include <random>
#include <string>

namespace nuphi::test {

/// Pairs of an excitatory and an inhibitory population of the neurons of Brunel (2000). Each
/// population receives his 1000 and 250 synapses from all of them, in shares that differ by up to
/// `spread`, as do the rates of its external input, eta times those that bring it to threshold.
/// Exponential synapses of 0.5 ms.
inline Network many_populations(int populations, double g, double eta, double spread = 0.2,
                                std::uint64_t seed = 1) {
  using namespace units;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> share(1 - spread, 1 + spread);
  Neuron neuron;
  neuron.model = NeuronModel::kLifExp;
  neuron.tau_syn_ex = neuron.tau_syn_in = 0.5 * ms;
  neuron.tau_m = 20 * ms;
  neuron.t_ref = 2 * ms;
  neuron.V_th = 20 * mV;
  neuron.V_reset = 10 * mV;
  const double J = 0.1 * mV, pairs = 0.5 * populations;
  Network network;
  network.correction = Correction::kShift;
  for (int i = 0; i < populations; ++i) {
    const auto kind = i % 2 == 0 ? PopulationKind::kExcitatory : PopulationKind::kInhibitory;
    network.populations.push_back({std::to_string(i), kind, 0, neuron});
    network.inputs.push_back(
        {i, PoissonInput{.indegree = 1000, .rate = eta * 10 * Hz * share(random), .weight = J}});
  }
  for (int target = 0; target < populations; ++target) {
    for (int source = 0; source < populations; ++source) {
      const bool excites = source % 2 == 0;
      network.projections.push_back({.source = source,
                                     .target = target,
                                     .indegree = (excites ? 1000 : 250) / pairs * share(random),
                                     .weight = excites ? J : -g * J,
                                     .delay = Delay{.mean = 1.5 * ms}});
    }
  }
  return network;
}

}  // namespace nuphi::test
