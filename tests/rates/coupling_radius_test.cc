#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/validity.h>

#include <cmath>
#include <stdexcept>

namespace nuphi {
namespace {

using namespace units;

/// Ostojic (2014), Nat. Neurosci. 17:594: 800 excitatory and 200 inhibitory synapses a neuron.
/// @param parts  populations that each of the two is cut into, which changes nothing
Network ostojic2014(double J, int parts = 1) {
  const double g = 5;
  Network network;
  const Neuron neuron{.tau_m = 20 * ms, .t_ref = 0.5 * ms, .V_th = 20 * mV, .V_reset = 10 * mV};
  for (int i = 0; i < 2 * parts; ++i) {
    network.populations.push_back({.name = std::to_string(i), .neuron = neuron});
    network.inputs.push_back({i, DcInput{24 * mV}});
    for (int j = 0; j < 2 * parts; ++j) {
      const bool excitatory = j < parts;
      network.projections.push_back({.source = j,
                                     .target = i,
                                     .indegree = (excitatory ? 800.0 : 200.0) / parts,
                                     .weight = excitatory ? J : -g * J});
    }
  }
  return network;
}

double radius(const Network& network) {
  const StationaryResult result = solve_stationary(network);
  EXPECT_TRUE(result.converged());
  return coupling_radius(network, result.state).value.value();
}

// Simulated rates of this network leave theory near R = 1: 58 % above it at J = 0.5 mV, 250 % at
// 0.8 mV; at 0.2 mV they agree.
TEST(CouplingRadius, OstojicsNetworkReachesOneAtHalfAMillivolt) {
  EXPECT_NEAR(radius(ostojic2014(0.5 * mV)), 1.00, 0.005);
  EXPECT_NEAR(radius(ostojic2014(0.8 * mV)), 1.16, 0.005);
}

TEST(CouplingRadius, IsTheRootOfTheSquaredEffectsOfSingleSynapses) {
  const double J = 0.3 * mV;
  const Network network = ostojic2014(J);
  const StationaryResult result = solve_stationary(network);
  const LifParameters neuron{20 * ms, 0.5 * ms, 20 * mV, 10 * mV};
  const auto rate = [&](double mu, double variance) {
    return siegert(mu, std::sqrt(variance), neuron).rate;
  };
  // The effect of one more spike a second through a synapse, by central differences of Φ.
  const auto effect = [&](double weight) {
    const double mu = result.state.mean_input[0], variance = std::pow(result.state.std_input[0], 2);
    const double step = 1e-3;  // [Hz]: truncation 1e-9, rounding 1e-11
    const auto at = [&](double nu) {
      return rate(mu + 20 * ms * weight * nu, variance + 20 * ms * weight * weight * nu);
    };
    return (at(step) - at(-step)) / (2 * step);
  };
  const double square = 800 * std::pow(effect(J), 2) + 200 * std::pow(effect(-5 * J), 2);
  EXPECT_NEAR(radius(network), std::sqrt(square), 1e-7);
}

TEST(CouplingRadius, DoesNotDependOnHowPopulationsAreCut) {
  const double whole = radius(ostojic2014(0.5 * mV));
  EXPECT_NEAR(radius(ostojic2014(0.5 * mV, 20)), whole, 1e-9);
  EXPECT_NEAR(radius(ostojic2014(0.5 * mV, 80)), whole, 1e-8);  // 160 populations: iterated
}

TEST(CouplingRadius, SpreadOfWeightsCountsAsSynapsesOfThoseWeights) {
  Network spread = ostojic2014(0.3 * mV);
  const StationaryResult result = solve_stationary(spread);
  const double without = coupling_radius(spread, result.state).value.value();
  const double cv = 0.5;
  Network split = spread;
  split.projections.clear();
  for (Projection& p : spread.projections) {
    p.weight_cv = cv;
    // Three points that have the first five moments of the normal distribution.
    const double nodes[] = {-std::sqrt(3), 0, std::sqrt(3)};
    const double shares[] = {1.0 / 6, 2.0 / 3, 1.0 / 6};
    for (int k = 0; k < 3; ++k) {
      split.projections.push_back({.source = p.source,
                                   .target = p.target,
                                   .indegree = p.indegree * shares[k],
                                   .weight = p.weight * (1 + cv * nodes[k])});
    }
  }
  const double with = coupling_radius(spread, result.state).value.value();
  EXPECT_NEAR(with, coupling_radius(split, result.state).value.value(), 1e-12);
  EXPECT_GT(with, 1.05 * without);
}

TEST(CouplingRadius, WithoutConnectionsItIsZero) {
  Network network = ostojic2014(0.3 * mV);
  network.projections.clear();
  EXPECT_EQ(radius(network), 0);
}

TEST(CouplingRadius, RefusesTheStateOfAnotherNetwork) {
  const StationaryResult result = solve_stationary(ostojic2014(0.3 * mV));
  EXPECT_THROW((void)coupling_radius(potjans_diesmann2014(), result.state), std::invalid_argument);
}

TEST(CouplingRadius, NotesWarnFromTheThresholdOn) {
  const auto codes = [](double J) {
    const Network network = ostojic2014(J);
    std::string text;
    for (const Note& note : validity_notes(network, solve_stationary(network).state))
      text += note.code + ": " + note.message + "\n";
    return text;
  };
  EXPECT_EQ(codes(0.2 * mV), "");
  EXPECT_EQ(codes(0.3 * mV), "");
  EXPECT_NE(codes(0.5 * mV).find("strong-coupling: the coupling radius R = 1"), std::string::npos);
  EXPECT_NE(codes(0.8 * mV).find("R = 1.16"), std::string::npos) << codes(0.8 * mV);
}

}  // namespace
}  // namespace nuphi
