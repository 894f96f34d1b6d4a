// The number of unstable modes of random networks against counts that know nothing of its bounds.
#include <gtest/gtest.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/units.h>
#include <nuphi/solver/stationary.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "contour.h"
#include "support/random.h"

namespace nuphi::test {
namespace {

using namespace units;

Delay random_delay(Random& random) {
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
};

/// Populations that fire irregularly (a contour resolves no narrow resonances), all pairs coupled
/// with probability 0.8.
Network random_network(Random& random, int n, RandomNetwork kind) {
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
Network side_by_side(const std::vector<Network>& parts, Random& random) {
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

StabilityReport count_only(const Network& network, const StationaryState& state) {
  StabilityOptions options;
  options.only_count = true;
  return stability(network, state, options);
}

/// By the contour, up to the frequency where the count was closed; the right-hand side lies where
/// delays of half a millisecond have left e^−10 of any gain.
std::optional<int> by_contour(const Network& network, const StationaryState& state, double top,
                              double spacing) {
  const NetworkResponse response(network, state);
  return Contour(response).zeros(4e4, top, spacing);
}

void expect_contour_agrees(const Network& network, double spacing, const std::string& name) {
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged()) << name;
  const StabilityReport report = count_only(network, result.state);
  ASSERT_TRUE(report.unstable_modes.has_value()) << name << ": " << report.reason;
  const double top = 2 * M_PI * report.cut_frequency;
  EXPECT_EQ(by_contour(network, result.state, top, spacing), report.unstable_modes) << name;
}

TEST(ModeCount, OfRandomNetworksIsThatAlongAFineContour) {
  int unstable = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    Random random(seed);
    const int n = 1 + random.below(12);
    const Network network =
        random_network(random, n, {.exponential = seed % 3 == 0, .one_delay = seed % 5 == 0});
    const StationaryResult result = solve_stationary(network);
    ASSERT_TRUE(result.converged()) << seed;
    const StabilityReport report = count_only(network, result.state);
    ASSERT_TRUE(report.unstable_modes.has_value()) << seed << ": " << report.reason;
    const double top = std::max(2 * M_PI * report.cut_frequency, 100.0);
    EXPECT_EQ(by_contour(network, result.state, top, 4), report.unstable_modes) << seed;
    if (*report.unstable_modes > 0) ++unstable;
  }
  // The ensemble holds both kinds.
  EXPECT_GT(unstable, 3);
  EXPECT_LT(unstable, 21);
}

TEST(ModeCount, OfFiftyCoupledPopulationsIsThatAlongAFineContour) {
  for (const bool one_delay : {true, false}) {
    Random random(one_delay ? 71 : 72);
    expect_contour_agrees(random_network(random, 50, {.exponential = true, .one_delay = one_delay}),
                          8, one_delay ? "one delay" : "many delays");
  }
}

/// Sum of the counts of the parts, and what the network of all of them counts.
void expect_sum_of_parts(int parts, RandomNetwork kind, std::uint64_t seed) {
  Random random(seed);
  std::vector<Network> networks;
  int sum = 0;
  while (static_cast<int>(networks.size()) < parts) {
    const Network part = random_network(random, 2, kind);
    const StationaryResult result = solve_stationary(part);
    ASSERT_TRUE(result.converged());
    const StabilityReport report = count_only(part, result.state);
    if (!report.unstable_modes) continue;  // its gain stays too close to 1
    sum += *report.unstable_modes;
    networks.push_back(part);
  }
  ASSERT_GT(sum, 0);
  const Network all = side_by_side(networks, random);
  const StationaryResult result = solve_stationary(all);
  ASSERT_TRUE(result.converged());
  const StabilityReport report = count_only(all, result.state);
  EXPECT_EQ(report.unstable_modes, sum) << seed << ": " << report.reason;
}

TEST(ModeCount, OfIndependentNetworksIsTheSumOfTheirs) {
  expect_sum_of_parts(25, {.exponential = true, .one_delay = true}, 2);
  expect_sum_of_parts(25, {.exponential = true}, 3);
}

}  // namespace
}  // namespace nuphi::test
