#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

using test::parse_model;
using test::Sections;

std::vector<ExternalInput> inputs(const std::string& text, const Sections& base = {}) {
  Sections sections = base;
  sections.inputs = "inputs:\n" + text;
  return parse_model(sections).network.inputs;
}

TEST(Inputs, OneValueServesAllTargets) {
  const auto list = inputs("  - {to: all, poisson: {indegree: 80, rate: 12 Hz, weight: 0.1 mV}}\n");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].target, 0);
  EXPECT_EQ(list[1].target, 1);
  EXPECT_EQ(list[0].source, list[1].source);
}

TEST(Inputs, ListsHoldOneValueATarget) {
  const auto list = inputs(
      "  - {to: [I, E], poisson: {indegree: [1, 2], rate: {val: [3, 4], unit: kHz},\n"
      "     weight: [0.1 mV, -200 uV], weight_cv: {val: [0, 0.5]}}}\n");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].target, 1) << "in the order of `to`";
  EXPECT_EQ(std::get<PoissonInput>(list[0].source),
            (PoissonInput{.indegree = 1, .rate = 3e3, .weight = 0.1e-3, .weight_cv = 0}));
  EXPECT_EQ(std::get<PoissonInput>(list[1].source),
            (PoissonInput{.indegree = 2, .rate = 4e3, .weight = -0.2e-3, .weight_cv = 0.5}));
}

TEST(Inputs, DefaultsAreOneSynapseAndNoMean) {
  const auto list = inputs(
      "  - {to: E, poisson: {rate: 8 Hz, weight: 0.1 mV}}\n"
      "  - {to: E, noise: {sigma: 2 mV}}\n");
  EXPECT_EQ(std::get<PoissonInput>(list[0].source).indegree, 1);
  EXPECT_EQ(std::get<NoiseInput>(list[1].source), (NoiseInput{0, 2e-3}));
}

TEST(Inputs, MayHaveATimeConstantOfTheirOwn) {
  Sections sections;
  sections.neuron = test::kExponentialNeuron;
  sections.connections.clear();
  const auto list = inputs(
      "  - {to: [E, I], poisson: {rate: 8 Hz, weight: 50 pA, tau_syn: [2 ms, 500 us]}}\n"
      "  - {to: E, noise: {sigma: 2 mV, tau_syn: 0 ms}}\n"
      "  - {to: E, poisson: {rate: 8 Hz, psp: 0.1 mV, tau_syn: 0 ms}}\n",
      sections);
  EXPECT_EQ(std::get<PoissonInput>(list[0].source).tau_syn, 2e-3);
  EXPECT_DOUBLE_EQ(std::get<PoissonInput>(list[0].source).weight, 2e-3 * 50e-12 / 250e-12)
      << "the charge of a spike grows with its duration";
  EXPECT_EQ(std::get<PoissonInput>(list[1].source).tau_syn, 0.5e-3);
  EXPECT_EQ(std::get<NoiseInput>(list[2].source).tau_syn, 0);
  EXPECT_EQ(std::get<PoissonInput>(list[3].source).weight, 0.1e-3) << "a jump";
}

TEST(Inputs, ATimeConstantIsRefusedWhereItHasNoMeaning) {
  const auto codes = [](const std::string& text, const char* neuron) {
    return test::codes_of([&] {
      Sections sections;
      if (neuron != nullptr) sections.neuron = neuron;
      sections.connections.clear();
      (void)inputs(text, sections);
    });
  };
  using Codes = std::vector<std::string>;
  EXPECT_EQ(codes("  - {to: E, noise: {sigma: 2 mV, tau_syn: 1 ms}}\n", nullptr),
            Codes{"wrong-model"});
  EXPECT_EQ(codes("  - {to: E, noise: {sigma: 2 mV, tau_syn: -1 ms}}\n", test::kExponentialNeuron),
            Codes{"out-of-range"});
  EXPECT_EQ(codes("  - {to: E, poisson: {rate: 1 Hz, weight: 5 pA, tau_syn: 0 ms}}\n",
                  test::kExponentialNeuron),
            Codes{"out-of-range"})
      << "a current that lasts no time";
}

TEST(Inputs, ACurrentDrivesThroughTheCapacitance) {
  Sections sections;
  sections.neuron = test::kExponentialNeuron;
  sections.connections.clear();
  const auto list = inputs(
      "  - {to: E, dc: {current: 50 pA}}\n"
      "  - {to: E, dc: {drive: -3 mV}}\n",
      sections);
  EXPECT_EQ(std::get<DcInput>(list[0].source).drive, 10e-3 * 50e-12 / 250e-12);
  EXPECT_EQ(std::get<DcInput>(list[1].source).drive, -3e-3);
}

TEST(Inputs, APspWorksAsInConnections) {
  Sections sections;
  sections.neuron = test::kExponentialNeuron;
  sections.connections = "connections: [{from: E, to: E, indegree: 1, psp: 0.15 mV}]\n";
  sections.inputs = "inputs: [{to: E, poisson: {rate: 8 Hz, psp: 0.15 mV}}]\n";
  const Network network = parse_model(sections).network;
  EXPECT_EQ(std::get<PoissonInput>(network.inputs[0].source).weight, network.projections[0].weight);
}

TEST(Inputs, VoltagesAreRelativeToTheRestingPotential) {
  Sections sections;
  sections.neuron =
      "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, E_L: -70 mV, V_th: -50 mV, V_reset: "
      "-60 mV}\n";
  sections.populations =
      "populations:\n"
      "  - {name: E}\n"
      "  - {name: I, neuron: {E_L: -65 mV, tau_m: 10 ms}}\n";
  sections.connections.clear();
  const Network network = parse_model(sections).network;
  EXPECT_EQ(network.populations[0].neuron.V_th, -50e-3 + 70e-3);
  EXPECT_EQ(network.populations[0].neuron.V_reset, -60e-3 + 70e-3);
  EXPECT_EQ(network.populations[1].neuron.V_th, -50e-3 + 65e-3);
  EXPECT_EQ(network.populations[1].neuron.E_L, -65e-3);
  EXPECT_EQ(network.populations[1].neuron.tau_m, 10e-3);
  EXPECT_EQ(network.populations[1].neuron.t_ref, 2e-3) << "not overridden";
}

TEST(Solve, OptionsAreRead) {
  Sections sections;
  sections.rest =
      "solve: {find: all, method: anderson, correction: shift_refractory, tolerance: 1e-8 Hz, "
      "max_iterations: 50,\n"
      "        starts: 10, seed: 9007199254740991, max_rate: 0.2 kHz,\n"
      "        response: {colour: quasi_static, refractoriness: rate_only, variance: false}}\n";
  const Model model = parse_model(sections);
  EXPECT_EQ(model.solve.find, Find::kAll);
  EXPECT_EQ(model.solve.method, Method::kAnderson);
  EXPECT_EQ(model.network.correction, Correction::kShiftRefractory);
  EXPECT_EQ(model.network.response.colour, ColourResponse::kQuasiStatic);
  EXPECT_EQ(model.network.response.refractoriness, Refractoriness::kRateOnly);
  EXPECT_EQ(model.network.response.variance, false);
  EXPECT_EQ(model.solve.tolerance, 1e-8);
  EXPECT_EQ(model.solve.max_iterations, 50);
  EXPECT_EQ(model.solve.starts, 10);
  EXPECT_EQ(model.solve.seed, 9007199254740991U);
  EXPECT_EQ(model.solve.max_rate, 200);
}

TEST(Solve, DefaultsAreThoseOfTheStruct) {
  const Model model = parse_model({});
  const SolveOptions defaults;
  EXPECT_EQ(model.solve.find, defaults.find);
  EXPECT_EQ(model.solve.method, defaults.method);
  EXPECT_EQ(model.solve.tolerance, defaults.tolerance);
  EXPECT_EQ(model.solve.max_iterations, defaults.max_iterations);
  EXPECT_EQ(model.solve.starts, defaults.starts);
  EXPECT_EQ(model.solve.seed, defaults.seed);
  EXPECT_EQ(model.solve.max_rate, defaults.max_rate);
  EXPECT_FALSE(model.network.correction.has_value());
}

TEST(Expect, FixedPointsAreRead) {
  Sections sections;
  sections.rest =
      "expect:\n"
      "  fixed_points:\n"
      "    - {rates: [1 Hz, 0.002 kHz], stable: true, rtol: 1e-3, atol: 1e-4 Hz}\n"
      "    - {rates: {val: [3, 4], unit: Hz}}\n";
  const Model model = parse_model(sections);
  ASSERT_EQ(model.expect.size(), 2U);
  EXPECT_EQ(model.expect[0].rates, Eigen::Vector2d(1, 2));
  EXPECT_EQ(model.expect[0].stable, true);
  EXPECT_EQ(model.expect[0].rtol, 1e-3);
  EXPECT_EQ(model.expect[0].atol, 1e-4);
  EXPECT_EQ(model.expect[1].stable, std::nullopt);
  EXPECT_EQ(model.expect[1].rtol, 1e-6);
  EXPECT_EQ(model.expect[1].atol, 1e-9);
}

}  // namespace
}  // namespace nuphi
