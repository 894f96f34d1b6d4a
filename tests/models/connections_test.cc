#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

using test::codes_of;
using test::parse_model;
using test::Sections;

std::vector<Projection> projections(const std::string& connections, const Sections& base = {}) {
  Sections sections = base;
  sections.connections = "connections:\n" + connections;
  return parse_model(sections).network.projections;
}

Sections exponential() {
  Sections sections;
  sections.neuron = test::kExponentialNeuron;
  sections.inputs.clear();
  return sections;
}

TEST(Connections, ARuleHoldsForEveryPairOfItsNames) {
  const auto list = projections("  - {from: [I, E], to: all, indegree: 8, weight: 0 mV}\n");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].source, 1);
  EXPECT_EQ(list[0].target, 0);
  EXPECT_EQ(list[3].source, 0);
  EXPECT_EQ(list[3].target, 1);
}

TEST(Connections, ProbabilityAndSynapsesGiveTheInDegree) {
  const auto list = projections(
      "  - {from: I, to: E, probability: 0.1, weight: -1 mV}\n"
      "  - {from: I, to: E, probability: 0.1, rule: pairwise, weight: -1 mV}\n"
      "  - {from: I, to: E, probability: 0.1, rule: multapse, weight: -1 mV}\n"
      "  - {from: I, to: E, synapses: 1600, weight: -1 mV}\n");
  EXPECT_EQ(list[0].indegree, 0.1 * 200);
  EXPECT_EQ(list[1].indegree, 0.1 * 200);
  EXPECT_NEAR(list[2].indegree, std::log(1 - 0.1) / std::log(1 - 1.0 / (200 * 800)) / 800, 1e-9);
  EXPECT_EQ(list[3].indegree, 2);
}

TEST(Connections, MultapseIsExactWhereSynapsesAreFewAndPairsAreMany) {
  Sections sections;
  sections.populations = "populations: [{name: E, size: 1e9}, {name: I, size: 1e9}]\n";
  const auto list = projections(
      "  - {from: I, to: E, probability: 1e-12, rule: multapse, weight: 1 mV}\n", sections);
  EXPECT_NEAR(list[0].indegree, 1e-3, 1e-14);  // p N_pre, where 1 − p and 1 − 1/N² round to 1
}

TEST(Connections, DistributedInDegreesAreKept) {
  const auto list = projections(
      "  - {from: I, to: E, indegree: {mean: 100, distribution: binomial}, weight: -1 mV}\n"
      "  - {from: I, to: E, indegree: {mean: 100, distribution: poisson}, weight: -1 mV}\n"
      "  - {from: I, to: E, indegree: {mean: 100, distribution: fixed}, weight: -1 mV}\n");
  EXPECT_EQ(list[0].indegree, 100);
  EXPECT_EQ(list[0].indegree_distribution, IndegreeDistribution::kBinomial);
  EXPECT_EQ(list[1].indegree_distribution, IndegreeDistribution::kPoisson);
  EXPECT_EQ(list[2].indegree_distribution, IndegreeDistribution::kFixed);
}

TEST(Connections, AMatrixHasRowsOfTargets) {
  const auto list = projections(
      "  - matrix: {indegree: [[1, 2], [3, 0]]}\n"
      "    weight: {excitatory: 0.1 mV, inhibitory: -0.2 mV}\n"
      "    weight_cv: 0.3\n");
  ASSERT_EQ(list.size(), 3U) << "zeros make no projections";
  EXPECT_EQ(list[1].target, 0);
  EXPECT_EQ(list[1].source, 1);
  EXPECT_EQ(list[1].indegree, 2);
  EXPECT_EQ(list[1].weight, -0.2e-3);
  EXPECT_EQ(list[2].target, 1);
  EXPECT_EQ(list[2].source, 0);
  EXPECT_EQ(list[2].weight_cv, 0.3);
}

TEST(Connections, WeightsAndDelaysBesideAMatrixMayBeMatrices) {
  const auto list = projections(
      "  - matrix: {indegree: {mean: [[1, 2], [3, 4]], distribution: poisson}}\n"
      "    weight: {val: [[0.1, -0.2], [0.3, -0.4]], unit: mV}\n"
      "    weight_cv: [[0, 0.1], [0.2, 0.3]]\n"
      "    delay: {val: [[1, 2], [3, 4]], unit: ms}\n");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[1].weight, -0.2e-3);
  EXPECT_EQ(list[2].weight, 0.3e-3);
  EXPECT_EQ(list[2].weight_cv, 0.2);
  EXPECT_EQ(list[2].delay->mean, 3e-3);
  EXPECT_EQ(list[2].indegree_distribution, IndegreeDistribution::kPoisson);
}

TEST(Connections, MatricesOfQuantitiesMayShowTheirUnitsAndUseParameters) {
  Sections sections;
  sections.parameters = "parameters: {J: 0.1 mV}\n";
  const auto list = projections(
      "  - matrix: {indegree: [[1, = 2 * 3], [3, 4]]}\n"
      "    weight: [[= J, -200 uV], [= J / 2, = -J]]\n",
      sections);
  EXPECT_EQ(list[1].indegree, 6);
  EXPECT_EQ(list[1].weight, -0.2e-3);
  EXPECT_EQ(list[2].weight, 0.1e-3 / 2);
}

TEST(Connections, ExceptionsReplaceWhatTheyName) {
  const auto list = projections(
      "  - matrix: {indegree: [[1, 2], [3, 4]]}\n"
      "    weight: {excitatory: 0.1 mV, inhibitory: -0.2 mV}\n"
      "    delay: 1 ms\n"
      "    except:\n"
      "      - {from: E, to: E, weight: 0.9 mV, delay: 2 ms}\n"
      "      - {from: E, to: all, indegree: 7}\n"
      "      - {from: I, to: [I], synapses: 400, weight_cv: 0.5}\n");
  EXPECT_EQ(list[0].weight, 0.9e-3);
  EXPECT_EQ(list[0].delay->mean, 2e-3);
  EXPECT_EQ(list[0].indegree, 7);
  EXPECT_EQ(list[1].weight, -0.2e-3);
  EXPECT_EQ(list[1].indegree, 2);
  EXPECT_EQ(list[2].indegree, 7);
  EXPECT_EQ(list[2].weight, 0.1e-3);
  EXPECT_EQ(list[3].indegree, 2);
  EXPECT_EQ(list[3].weight_cv, 0.5);
}

TEST(Connections, AProbabilityInAnExceptionKeepsTheRule) {
  const auto list = projections(
      "  - {from: I, to: all, probability: 0.1, rule: multapse, weight: -1 mV,\n"
      "     except: [{from: I, to: I, probability: 0.2}, {from: I, to: E, probability: 0.2, rule: "
      "pairwise}]}\n");
  EXPECT_EQ(list[0].indegree, 0.2 * 200);
  EXPECT_GT(list[1].indegree, 0.2 * 200 * 1.1);
}

TEST(Connections, ALifExpWeightIsTheIntegralOfItsCurrent) {
  const auto list = projections(
      "  - {from: E, to: E, indegree: 8, weight: 87.8 pA}\n"
      "  - {from: I, to: E, indegree: 8, weight: {excitatory: 1 pA, inhibitory: -351.2 pA}}\n",
      exponential());
  EXPECT_EQ(list[0].weight, 0.5e-3 * 87.8e-12 / 250e-12);
  EXPECT_EQ(list[1].weight, 0.5e-3 * -351.2e-12 / 250e-12);
}

TEST(Connections, EachSynapseKeepsItsOwnTimeConstant) {
  Sections sections;
  sections.neuron =
      "neuron: {model: lif_exp, tau_m: 10 ms, t_ref: 2 ms, V_th: 15 mV, V_reset: 0 mV, C_m: 250 pF,"
      " tau_syn_ex: 0.5 ms, tau_syn_in: 2 ms}\n";
  sections.inputs.clear();
  sections.rest = "solve: {correction: none}\n";
  sections.populations =
      "populations: [{name: E, kind: excitatory}, {name: I, kind: inhibitory}, {name: X}]\n";
  const auto list = projections(
      "  - {from: E, to: E, indegree: 8, weight: 100 pA}\n"
      "  - {from: I, to: E, indegree: 8, weight: -100 pA}\n"
      "  - {from: X, to: E, indegree: 8, weight: 100 pA}\n"
      "  - {from: X, to: E, indegree: 8, weight: -100 pA}\n",
      sections);
  EXPECT_EQ(list[0].weight, 0.5e-3 * 100e-12 / 250e-12);
  EXPECT_EQ(list[1].weight, 2e-3 * -100e-12 / 250e-12);
  EXPECT_EQ(list[2].weight, 0.5e-3 * 100e-12 / 250e-12);
  EXPECT_EQ(list[3].weight, 2e-3 * -100e-12 / 250e-12);
}

/// Peak of the PSP of a current W, r = τ_s/τ_m:
///   PSP = (W/C_m) τ_sτ_m/(τ_m−τ_s) [r^{τ_s/(τ_m−τ_s)} − r^{τ_m/(τ_m−τ_s)}]
double psp_of_current(double current, double C_m, double tau_s, double tau_m) {
  const double r = tau_s / tau_m;
  const double d = tau_m - tau_s;
  return current / C_m * tau_s * tau_m / d * (std::pow(r, tau_s / d) - std::pow(r, tau_m / d));
}

TEST(Connections, ThePspOfTheMicrocircuitIsItsCurrent) {
  const auto list = projections("  - {from: E, to: E, indegree: 8, psp: 0.15 mV}\n", exponential());
  const double current = list[0].weight * 250e-12 / 0.5e-3;
  EXPECT_NEAR(current, 87.81e-12, 0.005e-12);
  EXPECT_NEAR(psp_of_current(current, 250e-12, 0.5e-3, 10e-3), 0.15e-3, 1e-17);
}

TEST(Connections, ThePspIsSmoothWhereTheTimeConstantsMeet) {
  const auto jump = [](const std::string& tau_syn) {
    Sections sections = exponential();
    sections.neuron =
        "neuron: {model: lif_exp, tau_m: 10 ms, t_ref: 2 ms, V_th: 15 mV, V_reset: 0 mV, "
        "tau_syn_ex: " +
        tau_syn + ", tau_syn_in: 1 ms}\n";
    return projections("  - {from: E, to: E, indegree: 8, psp: 1 mV}\n", sections)[0].weight;
  };
  EXPECT_DOUBLE_EQ(jump("10 ms"), 1e-3 * std::exp(1.0));
  EXPECT_NEAR(jump("10.000001 ms") / jump("10 ms"), 1, 1e-7);
  EXPECT_NEAR(jump("9.999999 ms") / jump("10 ms"), 1, 1e-7);
  EXPECT_NEAR(jump("1e-6 ms"), 1e-3, 1e-8) << "a short current is a jump";
  EXPECT_NEAR(jump("20 ms"), 1e-3 * std::pow(2.0, 2.0), 1e-15) << "slow synapses: r = 2";
}

TEST(Connections, ThePspOfADeltaSynapseIsItsJump) {
  EXPECT_EQ(projections("  - {from: E, to: E, indegree: 8, psp: 0.15 mV}\n")[0].weight, 0.15e-3);
}

TEST(Connections, EveryDelayDistributionIsKept) {
  using D = DelayDistribution;
  const auto delay = [](const std::string& text) {
    return *projections("  - {from: E, to: E, indegree: 8, weight: 1 mV, delay: " + text + "}\n")[0]
                .delay;
  };
  EXPECT_EQ(delay("1.5 ms"), (Delay{.mean = 1.5e-3}));
  EXPECT_EQ(delay("{mean: 1.5 ms, distribution: constant}"), (Delay{.mean = 1.5e-3}));
  EXPECT_EQ(delay("{min: 1 ms, max: 2 ms, distribution: uniform}"),
            (Delay{.distribution = D::kUniform, .min = 1e-3, .max = 2e-3}));
  EXPECT_EQ(delay("{mean: 1 ms, distribution: exponential}"),
            (Delay{.distribution = D::kExponential, .mean = 1e-3}));
  const auto spread = [](D distribution) {
    return Delay{.distribution = distribution, .mean = 1.5e-3, .sd = 0.5e-3};
  };
  EXPECT_EQ(delay("{mean: 1.5 ms, sd: 0.5 ms, distribution: gamma}"), spread(D::kGamma));
  EXPECT_EQ(delay("{mean: 1.5 ms, sd: 0.5 ms, distribution: truncated_gaussian}"),
            spread(D::kTruncatedGaussian));
  EXPECT_EQ(delay("{mean: 1.5 ms, sd: 0.5 ms, distribution: gaussian}"), spread(D::kGaussian));
  EXPECT_EQ(delay("{mean: 1.5 ms, sd: 0.5 ms, distribution: lognormal}"), spread(D::kLognormal));
}

TEST(Connections, NoDelayIsNoDelay) {
  EXPECT_FALSE(
      projections("  - {from: E, to: E, indegree: 8, weight: 1 mV}\n")[0].delay.has_value());
}

TEST(Connections, MixedModelsTakeOneRuleEach) {
  Sections sections = exponential();
  sections.populations =
      "populations:\n"
      "  - {name: E, kind: excitatory}\n"
      "  - {name: D, neuron: {model: lif_delta, tau_m: 20 ms}}\n";
  const auto list = projections(
      "  - {from: E, to: D, indegree: 8, weight: 0.1 mV}\n"
      "  - {from: E, to: E, indegree: 8, weight: 87.8 pA}\n"
      "  - {from: E, to: all, indegree: 8, psp: 0.1 mV}\n",
      sections);
  EXPECT_EQ(list[0].weight, 0.1e-3);
  EXPECT_GT(list[2].weight, 0.1e-3);
  EXPECT_EQ(list[3].weight, 0.1e-3);
}

TEST(Units, NestUnitsApplyToBareNumbers) {
  Sections sections;
  sections.head = "schema: nuphi/1\nunits: nest\n";
  sections.neuron =
      "neuron: {model: lif_exp, tau_m: 10, t_ref: 2 ms, E_L: -65, V_th: -50, V_reset: -65, C_m: "
      "250,"
      " tau_syn_ex: 0.5, tau_syn_in: 0.5}\n";
  sections.connections =
      "connections:\n"
      "  - {from: E, to: all, indegree: 80, weight: 87.8, delay: 1.5}\n"
      "  - {matrix: {indegree: [[1, 2], [3, 4]]}, weight: {val: [[1, -2], [3, -4]]}}\n";
  sections.inputs =
      "inputs: [{to: all, poisson: {rate: [8, 9], weight: 87.8 pA}}, {to: E, dc: {current: 50}}]\n";
  sections.rest = "solve: {tolerance: 1e-9}\nexpect: {fixed_points: [{rates: [1, 2]}]}\n";
  const Model model = parse_model(sections);
  EXPECT_EQ(model.network.populations[0].neuron.tau_m, 10e-3);
  EXPECT_EQ(model.network.populations[0].neuron.C_m, 250e-12);
  EXPECT_EQ(model.network.populations[0].neuron.E_L, -65e-3);
  EXPECT_EQ(model.network.projections[0].weight, 0.5e-3 * 87.8e-12 / 250e-12);
  EXPECT_EQ(model.network.projections[0].delay->mean, 1.5e-3);
  EXPECT_EQ(std::get<PoissonInput>(model.network.inputs[1].source).rate, 9);
  EXPECT_EQ(std::get<DcInput>(model.network.inputs[2].source).drive, 10e-3 * 50e-12 / 250e-12);
  EXPECT_EQ(model.expect[0].rates[1], 2);
}

}  // namespace
}  // namespace nuphi
