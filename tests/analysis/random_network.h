#pragma once

#include <nuphi/core/units.h>
#include <nuphi/models/network.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "support/random.h"

namespace nuphi::test {

using namespace units;

inline Delay random_delay(Random& random) {
  const double mean = random.uniform(0.5, 4) * ms;
  switch (random.below(4)) {
    case 0:
      return {.distribution = DelayDistribution::kUniform, .min = 0.5 * mean, .max = 1.5 * mean};
    case 1:
      return {.distribution = DelayDistribution::kTruncatedGaussian,
              .mean = mean,
              .sd = random.uniform(0.1, 0.5) * mean};
    default:
      return {.mean = mean};
  }
}

struct RandomNetwork {
  bool exponential = false;
  bool one_delay = false;
  bool several_times = false;  ///< τ_syn of inhibition is another than that of excitation
};

/// Populations that fire irregularly (a contour resolves no narrow resonances), all pairs coupled
/// with probability 0.8.
inline Network random_network(Random& random, int n, RandomNetwork kind) {
  Network network;
  const Delay common{.mean = random.uniform(0.5, 4) * ms};
  for (int i = 0; i < n; ++i) {
    Neuron neuron;
    neuron.model = kind.exponential ? NeuronModel::kLifExp : NeuronModel::kLifDelta;
    neuron.tau_m = random.uniform(8, 25) * ms;
    neuron.t_ref = random.uniform(0.5, 3) * ms;
    neuron.V_th = random.uniform(14, 22) * mV;
    neuron.V_reset = random.uniform(0, 8) * mV;
    if (kind.exponential) {
      neuron.C_m = 250 * pF;
      neuron.tau_syn_ex = neuron.tau_syn_in = random.uniform(0.3, 2) * ms;
      if (kind.several_times) neuron.tau_syn_in *= random.uniform(1.5, 5);
    }
    Population population;
    population.name = "P" + std::to_string(i);
    population.neuron = neuron;
    network.populations.push_back(population);
    network.inputs.push_back(
        {i, NoiseInput{random.uniform(8, 20) * mV, random.uniform(4, 9) * mV, {}}});
  }
  for (int source = 0; source < n; ++source) {
    const bool inhibitory = random.uniform(0, 1) < 0.5;
    for (int target = 0; target < n; ++target) {
      if (n > 1 && random.uniform(0, 1) > 0.8) continue;
      const double strength = random.uniform(0.02, 0.3) * mV * (inhibitory ? -2 : 1);
      const double indegree = std::floor(random.log_uniform(20, 800) / std::sqrt(n)) + 1;
      Projection p{.source = source, .target = target, .indegree = indegree, .weight = strength};
      p.delay = kind.one_delay ? common : random_delay(random);
      network.projections.push_back(p);
    }
  }
  return network;
}

/// The network whose parts do not see each other, its populations in random order.
inline Network side_by_side(const std::vector<Network>& parts, Random& random) {
  int n = 0;
  for (const Network& part : parts) n += static_cast<int>(part.populations.size());
  std::vector<int> place(static_cast<std::size_t>(n));
  std::iota(place.begin(), place.end(), 0);
  for (int i = n - 1; i > 0; --i)
    std::swap(place[static_cast<std::size_t>(i)],
              place[static_cast<std::size_t>(random.below(i + 1))]);
  Network all;
  all.populations.resize(static_cast<std::size_t>(n));
  std::size_t first = 0;
  for (const Network& part : parts) {
    const auto at = [&](int i) { return place[first + static_cast<std::size_t>(i)]; };
    for (std::size_t i = 0; i < part.populations.size(); ++i) {
      Population& population = all.populations[static_cast<std::size_t>(at(static_cast<int>(i)))];
      population = part.populations[i];
      population.name = "P" + std::to_string(first + i);
    }
    for (Projection p : part.projections) {
      p.source = at(p.source);
      p.target = at(p.target);
      all.projections.push_back(p);
    }
    for (ExternalInput input : part.inputs) {
      input.target = at(input.target);
      all.inputs.push_back(input);
    }
    first += part.populations.size();
  }
  return all;
}

}  // namespace nuphi::test
