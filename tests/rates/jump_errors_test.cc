#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/validity.h>

#include <stdexcept>

namespace nuphi {
namespace {

using namespace nuphi::units;

/// A neuron at mean μ and noise σ, all of whose noise comes in jumps of one size.
Network neuron_with_jumps(double mu, double sigma, double jump) {
  const double tau_m = 20 * ms, rate = sigma * sigma / (tau_m * jump * jump);
  Network network;
  network.populations.push_back(
      {.name = "A",
       .neuron = {.tau_m = tau_m, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV}});
  network.inputs.push_back({0, PoissonInput{.rate = rate, .weight = jump}});
  network.inputs.push_back({0, DcInput{mu - tau_m * rate * jump}});
  return network;
}

struct Estimate {
  double error = 0;
  std::vector<Note> notes;
};
Estimate estimate(const Network& network) {
  const StationaryResult result = solve_stationary(network);
  EXPECT_TRUE(result.converged());
  return {jump_errors(network, result.state)[0], validity_notes(network, result.state)};
}

// Exact simulations: tests/data/poisson_jumps.csv.
TEST(JumpErrors, SmallJumpsMatterFarBelowThreshold) {
  const Estimate low = estimate(neuron_with_jumps(12 * mV, 3 * mV, 0.1 * mV));
  EXPECT_NEAR(low.error, 0.23, 0.03);
  ASSERT_EQ(low.notes.size(), 1U);
  EXPECT_EQ(low.notes[0].code, "large-jumps");
  EXPECT_EQ(low.notes[0].populations, std::vector<std::string>{"A"});
  EXPECT_NE(low.notes[0].message.find("about 23 % above"), std::string::npos)
      << low.notes[0].message;
  const Estimate strong = estimate(neuron_with_jumps(12 * mV, 3 * mV, 0.5 * mV));
  EXPECT_NE(strong.notes.at(0).message.find("more than twice"), std::string::npos);
  const Estimate inhibitory = estimate(neuron_with_jumps(12 * mV, 3 * mV, -0.1 * mV));
  EXPECT_NE(inhibitory.notes.at(0).message.find("below"), std::string::npos);
}

TEST(JumpErrors, LargeOnesDoNotNearIt) {
  const Estimate near = estimate(neuron_with_jumps(16.3 * mV, 4 * mV, 4 * mV));
  EXPECT_LT(std::abs(near.error), 0.03);
  EXPECT_TRUE(near.notes.empty());
}

TEST(JumpErrors, GaussianNoiseHasNone) {
  Network network = neuron_with_jumps(12 * mV, 3 * mV, 0.1 * mV);
  network.inputs = {{0, NoiseInput{.mean = 12 * mV, .sigma = 3 * mV}}};
  const Estimate found = estimate(network);
  EXPECT_EQ(found.error, 0);
  EXPECT_TRUE(found.notes.empty());
}

TEST(JumpErrors, SpreadOfWeightsIsThreeSizes) {
  Network spread = neuron_with_jumps(14 * mV, 3 * mV, 0.2 * mV);
  auto& poisson = std::get<PoissonInput>(spread.inputs[0].source);
  poisson.weight_cv = 0.4;
  Network split = spread;
  split.inputs.erase(split.inputs.begin());
  const double nodes[] = {-std::sqrt(3), 0, std::sqrt(3)}, shares[] = {1.0 / 6, 2.0 / 3, 1.0 / 6};
  for (int k = 0; k < 3; ++k) {
    split.inputs.push_back({0, PoissonInput{.rate = poisson.rate * shares[k],
                                            .weight = poisson.weight * (1 + 0.4 * nodes[k])}});
  }
  EXPECT_NEAR(estimate(spread).error, estimate(split).error, 1e-10);
}

/// Inhibition takes back what a single neuron gains: of 13.4 % that one of Brunel's neurons would
/// lose at the given input, the network loses less.
TEST(JumpErrors, FeedbackOfTheNetworkCounts) {
  const Network network = brunel2000({.J = 0.3e-3});
  const StationaryResult result = solve_stationary(network);
  const double recurrent = jump_errors(network, result.state)[0];
  Network open = network;  // the same input from outside
  open.projections.clear();
  for (const Projection& p : network.projections) {
    open.inputs.push_back({p.target, PoissonInput{.indegree = p.indegree,
                                                  .rate = result.state.rates[p.source],
                                                  .weight = p.weight}});
  }
  const double alone = jump_errors(open, solve_stationary(open).state)[0];
  EXPECT_LT(alone, -0.03);
  EXPECT_LT(recurrent, 0);
  EXPECT_LT(std::abs(recurrent), 0.7 * std::abs(alone));
}

TEST(JumpErrors, RefusesTheStateOfAnotherNetwork) {
  const StationaryResult result = solve_stationary(brunel2000());
  EXPECT_THROW((void)jump_errors(potjans_diesmann2014(), result.state), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
