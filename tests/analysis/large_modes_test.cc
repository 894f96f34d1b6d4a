// The list of modes of networks so large that several are found from one factorisation.
#include <gtest/gtest.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include "many_populations.h"
#include "random_network.h"

namespace nuphi::test {
namespace {

StabilityReport modes_of(const Network& network, const StabilityControl& control = {}) {
  StabilityOptions options;
  options.max_delay_scale = 0;                             // no critical delays
  options.response.colour = ColourResponse::kQuasiStatic;  // their figures were made with it
  return stability(network, solve_stationary(network).state, options, control);
}

double distance_to_nearest(const std::vector<Mode>& modes, std::complex<double> z) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const Mode& m : modes) nearest = std::min(nearest, std::abs(m.eigenvalue - z));
  return nearest;
}

int listed_unstable(const StabilityReport& report) {
  int listed = 0;
  for (const Mode& m : report.modes)
    if (m.growth_rate() > 0) listed += m.eigenvalue.imag() > 0 ? 2 : 1;
  return listed;
}

/// Networks side by side have the modes of each.
void expect_modes_of_parts(int parts, RandomNetwork kind, std::uint64_t seed) {
  Random random(seed);
  std::vector<Network> networks;
  std::vector<Mode> unstable;
  double rightmost_damped = -std::numeric_limits<double>::infinity();
  while (static_cast<int>(networks.size()) < parts) {
    const Network part = random_network(random, 2, kind);
    const StabilityReport report = modes_of(part);
    if (!report.unstable_modes) continue;  // its gain stays too close to 1
    networks.push_back(part);
    for (const Mode& m : report.modes) {
      if (m.growth_rate() > 0) unstable.push_back(m);
      if (m.growth_rate() < 0) rightmost_damped = std::max(rightmost_damped, m.growth_rate());
    }
  }
  ASSERT_GT(unstable.size(), 0U);
  const StabilityReport all = modes_of(side_by_side(networks, random));
  EXPECT_EQ(all.unlisted_modes, 0) << seed;
  EXPECT_EQ(listed_unstable(all), all.unstable_modes) << seed;
  // Rates of the parts and of the whole are solved each to 1e-10 Hz.
  for (const Mode& m : unstable)
    EXPECT_LE(distance_to_nearest(all.modes, m.eigenvalue), 1e-7 * std::abs(m.eigenvalue)) << seed;
  for (const Mode& m : all.modes) {
    EXPECT_LE(m.residual, 1e-8) << seed;
    EXPECT_NEAR(m.participation.sum(), 1, 1e-12) << seed;
  }
  const auto damped = std::find_if(all.modes.begin(), all.modes.end(),
                                   [](const Mode& m) { return m.growth_rate() < 0; });
  ASSERT_NE(damped, all.modes.end());
  EXPECT_NEAR(damped->growth_rate(), rightmost_damped, 1e-7 * std::abs(rightmost_damped)) << seed;
}

TEST(LargeModes, OfIndependentNetworksAreThoseOfEach) {
  expect_modes_of_parts(25, {.exponential = true, .one_delay = true}, 2);
  expect_modes_of_parts(25, {.exponential = true}, 3);
}

/// `n` equal populations that inhibit themselves more than each other.
Network equal_populations(int n) {
  Network network;
  Neuron neuron;
  neuron.model = NeuronModel::kLifDelta;
  neuron.tau_m = 20 * ms;
  neuron.t_ref = 2 * ms;
  neuron.V_th = 20 * mV;
  neuron.V_reset = 10 * mV;
  for (int i = 0; i < n; ++i) {
    Population population;
    population.name = "P" + std::to_string(i);
    population.neuron = neuron;
    network.populations.push_back(population);
    network.inputs.push_back({i, NoiseInput{80 * mV, 3 * mV, {}}});
  }
  for (int target = 0; target < n; ++target)
    for (int source = 0; source < n; ++source) {
      Projection p{.source = source,
                   .target = target,
                   .indegree = source == target ? 400.0 : 60.0 / (n - 1),
                   .weight = -0.5 * mV};
      p.delay = Delay{.mean = 1.5 * ms};
      network.projections.push_back(p);
    }
  return network;
}

TEST(LargeModes, ThoseThatCoincideAreListedAsOftenAsTheyAreCounted) {
  const int n = 60;
  const StabilityReport two = modes_of(equal_populations(2)), all = modes_of(equal_populations(n));
  ASSERT_TRUE(two.unstable_modes.has_value());
  ASSERT_TRUE(all.unstable_modes.has_value()) << all.reason;
  EXPECT_EQ(all.unlisted_modes, 0);
  EXPECT_EQ(listed_unstable(all), all.unstable_modes);
  // Differences of populations stand for n − 1 modes each, with equal shares for all.
  int common = 0, of_differences = 0;
  for (const Mode& m : all.modes) {
    if (m.growth_rate() < 0) continue;
    const auto times = std::count_if(all.modes.begin(), all.modes.end(), [&](const Mode& other) {
      return std::abs(other.eigenvalue - m.eigenvalue) < 1e-6 * std::abs(m.eigenvalue);
    });
    EXPECT_TRUE(times == 1 || times == n - 1) << times;
    ++(times == 1 ? common : of_differences);
    EXPECT_LE((m.participation.array() - 1.0 / n).abs().maxCoeff(), 1e-6);
  }
  EXPECT_GT(common, 0);
  EXPECT_GT(of_differences, 0);
}

TEST(LargeModes, DampedOnesOfEqualPairsBeginWithTheLeadingOneOfOnePair) {
  const auto pairs = [](int populations) {
    Network network = many_populations(populations, 4.5, 2, 0);
    for (Projection& p : network.projections) p.delay->mean = 1 * ms;
    return modes_of(network);
  };
  const StabilityReport one = pairs(2), thirty = pairs(60);
  EXPECT_EQ(thirty.unstable_modes, 0);
  ASSERT_FALSE(one.modes.empty());
  ASSERT_FALSE(thirty.modes.empty());
  EXPECT_NEAR(one.modes[0].growth_rate(), -125.655, 1e-3);
  EXPECT_LE(std::abs(thirty.modes[0].eigenvalue - one.modes[0].eigenvalue),
            1e-7 * std::abs(one.modes[0].eigenvalue));
}

/// No two rows are alike, and rows are not those of one delay.
TEST(LargeModes, TheLeadingDampedModeIsFoundWhereEachConnectionHasItsOwnDelay) {
  Network network = many_populations(60, 4.5, 2, 0.05);
  int k = 0;
  for (Projection& p : network.projections) p.delay->mean = (1 + (37 * k++ % 101) / 50.0) * ms;
  const StabilityReport report = modes_of(network);
  EXPECT_EQ(report.unstable_modes, 0);
  ASSERT_FALSE(report.modes.empty());
  // Near the leading mode of one pair whose synapses have all these delays: shares differ by 5 %.
  Network alike = many_populations(2, 4.5, 2, 0);
  for (Projection& p : alike.projections)
    p.delay = Delay{.distribution = DelayDistribution::kUniform, .min = 1 * ms, .max = 3 * ms};
  const Mode leading = modes_of(alike).modes.at(0);
  EXPECT_NEAR(report.modes[0].frequency(), leading.frequency(), 0.05 * leading.frequency());
  EXPECT_NEAR(report.modes[0].growth_rate(), leading.growth_rate(),
              0.05 * std::abs(leading.eigenvalue));
}

/// Equal populations on a ring, each inhibited by itself and by one neighbour. The state does not
/// depend on their number, and the modes of two are among those of every even number.
Network ring(int n) {
  Network network = equal_populations(n);
  network.projections.clear();
  for (ExternalInput& input : network.inputs) input.source = NoiseInput{25 * mV, 5 * mV, {}};
  for (int i = 0; i < n; ++i)
    for (const int source : {i, (i + 1) % n})
      network.projections.push_back({.source = source,
                                     .target = i,
                                     .indegree = 100,
                                     .weight = source == i ? -0.1 * mV : -0.02 * mV,
                                     .delay = Delay{.mean = 1 * ms}});
  return network;
}

TEST(DampedModes, OfARingBeginWithTheLeadingOneOfTwoPopulations) {
  const std::vector<Mode> two = modes_of(ring(2)).modes;
  ASSERT_FALSE(two.empty());
  EXPECT_NEAR(two[0].growth_rate(), -230.489, 1e-3);
  for (const int n : {4, 6, 24, 48})
    EXPECT_LE(distance_to_nearest(modes_of(ring(n)).modes, two[0].eigenvalue),
              1e-7 * std::abs(two[0].eigenvalue))
        << n;
}

/// Two real modes 9/s apart, of populations of a working-memory network (Mongillo, Barak & Tsodyks
/// 2008, without plasticity): where a fit on the axis sees one, neither is far off.
TEST(DampedModes, RealOnesNextToEachOtherAreFound) {
  const Model model = load_model(std::string(NUPHI_SOURCE_DIR) + "/tests/data/mongillo2008.yaml");
  const std::vector<Mode> modes = modes_of(model.network).modes;
  // Where det(1 − M), evaluated by itself, changes its sign.
  for (const double x : {-55.1136, -64.4229}) EXPECT_LE(distance_to_nearest(modes, x), 1e-3) << x;
}

TEST(LargeModes, AnInterruptedReportHoldsWhatWasFound) {
  const Network network = equal_populations(60);
  std::stop_source stop;
  StabilityControl control;
  control.stop = stop.get_token();
  control.progress = [&](const StabilityProgress& p) {
    EXPECT_EQ(p.stage, StabilityProgress::Stage::kCount);
    if (p.share > 0.1) stop.request_stop();
  };
  const StabilityReport uncounted = modes_of(network, control);
  EXPECT_TRUE(uncounted.interrupted);
  EXPECT_FALSE(uncounted.unstable_modes.has_value());
  EXPECT_NE(uncounted.reason.find("interrupted"), std::string::npos);

  stop = std::stop_source();
  control.stop = stop.get_token();
  control.progress = [&](const StabilityProgress& p) {
    if (p.stage == StabilityProgress::Stage::kModes) stop.request_stop();
  };
  const StabilityReport counted = modes_of(network, control);
  EXPECT_TRUE(counted.interrupted);
  ASSERT_TRUE(counted.unstable_modes.has_value());
  EXPECT_EQ(listed_unstable(counted) + counted.unlisted_modes, counted.unstable_modes);
  EXPECT_GT(counted.unlisted_modes, 0);
}

}  // namespace
}  // namespace nuphi::test
