#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <cmath>
#include <random>
#include <string>

#include "support/derivatives.h"

namespace nuphi::test {
namespace {

using namespace units;

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

// A re-solved rate is good to some 1e-14 of itself; with steps of 1e-3 the sixth-order difference
// then errs by 1e-11 in rounding and less in truncation. The claim is 1e-7 of the scale; what is
// reached is checked closer.
constexpr double kTolerance = 1e-8;

Eigen::VectorXd solved(const MeanField& field, const Eigen::VectorXd& start) {
  SolveOptions options;
  options.initial_rates = start;
  const StationaryResult result = solve_stationary(field, options);
  EXPECT_TRUE(result.converged()) << result.summary.message;
  return result.state.rates;
}

/// What re-solving gives for one entry.
Eigen::VectorXd resolved_derivative(const Network& network, const NetworkEntry& entry,
                                    const Eigen::VectorXd& rates) {
  const double value = entry_value(network, entry);
  const auto f = [&](double x) {
    Network moved = network;
    set_entry_value(moved, entry, x);
    return solved(mean_field(moved), rates);
  };
  return difference(f, value, 1e-3 * std::abs(value));
}

void expect_close(const Eigen::VectorXd& value, const Eigen::VectorXd& truth, double tolerance,
                  const std::string& what) {
  const double scale = truth.lpNorm<Eigen::Infinity>();
  for (Eigen::Index i = 0; i < truth.size(); ++i)
    EXPECT_NEAR(value[i], truth[i], tolerance * scale) << what << ", population " << i;
}

/// Two populations with everything a network can have: exponential synapses, spread weights, three
/// kinds of input.
Network rich_network(Correction correction = Correction::kShift) {
  Neuron neuron;
  neuron.model = NeuronModel::kLifExp;
  neuron.tau_m = 10 * ms;
  neuron.t_ref = 2 * ms;
  neuron.V_th = 15 * mV;
  neuron.V_reset = 1 * mV;
  neuron.C_m = 250 * pF;
  neuron.tau_syn_ex = neuron.tau_syn_in = 0.5 * ms;
  Network network;
  network.name = "rich";
  network.correction = correction;
  network.populations = {{"E", PopulationKind::kExcitatory, 800, neuron},
                         {"I", PopulationKind::kInhibitory, 200, neuron}};
  network.populations[1].neuron.tau_m = 8 * ms;
  const auto connect = [&](int source, int target, double indegree, double weight, double cv) {
    Projection p;
    p.source = source;
    p.target = target;
    p.indegree = indegree;
    p.weight = weight;
    p.weight_cv = cv;
    network.projections.push_back(p);
  };
  connect(0, 0, 400, 0.10 * mV, 0.1);
  connect(1, 0, 100, -0.45 * mV, 0.2);
  connect(0, 1, 300, 0.12 * mV, 0.3);
  connect(1, 1, 80, -0.40 * mV, 0.1);
  for (const int target : {0, 1}) {
    network.inputs.push_back({target, PoissonInput{900, 9 * Hz, 0.15 * mV, 0.2}});
    network.inputs.push_back({target, DcInput{1.5 * mV}});
    network.inputs.push_back({target, NoiseInput{0.5 * mV, 2 * mV}});
  }
  return network;
}

/// E with unequal synapses and inputs of their own; I with equal ones and noise of its own.
Network network_of_many_time_constants(Correction correction) {
  Network network = rich_network(correction);
  network.populations[0].neuron.tau_syn_in = 2 * ms;
  std::get<PoissonInput>(network.inputs[0].source).tau_syn = 1 * ms;
  std::get<NoiseInput>(network.inputs[5].source).tau_syn = 4 * ms;
  return network;
}

/// A neuron without network: the sensitivity is the partial derivative of Φ.
Network lone_neuron(double mean, double sigma, Correction correction) {
  Network network = rich_network(correction);
  network.projections.clear();
  network.populations.resize(1);
  network.inputs = {{0, NoiseInput{mean, sigma}}};
  return network;
}

TEST(Sensitivity, AgreesWithReSolvingForEveryEntryOfANetwork) {
  const Network network = rich_network();
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const std::vector<NetworkEntry> entries = network_entries(network);
  EXPECT_EQ(entries.size(), 4U * 3 + 2U * (4 + 1 + 2) + 2U * 5);
  const auto sensitivities = entry_sensitivities(network, result.state.rates);
  ASSERT_EQ(sensitivities.size(), entries.size());
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const Eigen::VectorXd truth = resolved_derivative(network, entries[k], result.state.rates);
    expect_close(sensitivities[k].drate, truth, kTolerance, sensitivities[k].name);
    const Eigen::VectorXd elasticity =
        sensitivities[k].value * truth.cwiseQuotient(result.state.rates);
    expect_close(sensitivities[k].elasticity, elasticity, kTolerance, sensitivities[k].name);
  }
}

TEST(Sensitivity, AgreesWithReSolvingWhereSynapticTimeConstantsDiffer) {
  for (const Correction correction :
       {Correction::kShift, Correction::kTaylor, Correction::kAdiabatic}) {
    const Network network = network_of_many_time_constants(correction);
    const StationaryResult result = solve_stationary(network);
    ASSERT_TRUE(result.converged());
    const auto entries = network_entries(network);
    const auto sensitivities = entry_sensitivities(network, result.state.rates);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const Eigen::VectorXd truth = resolved_derivative(network, entries[k], result.state.rates);
      expect_close(sensitivities[k].drate, truth, kTolerance, sensitivities[k].name);
    }
  }
}

// Time constants that happen to be equal are one; moved apart they are several.
TEST(Sensitivity, NamedParametersAgreeWithReSolvingWhereTimeConstantsAreEqual) {
  for (const std::string correction : {"shift", "taylor", "adiabatic"}) {
    const ModelFile file = ModelFile::parse(
        "schema: nuphi/1\n"
        "name: equal\n"
        "parameters: {t1: 2 ms, t2: 2 ms, t3: 2 ms, J: 0.2 mV}\n"
        "neuron: {model: lif_exp, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV,\n"
        "  C_m: 250 pF, tau_syn_ex: = t1, tau_syn_in: = t2}\n"
        "populations: [{name: E, kind: excitatory}, {name: I, kind: inhibitory}]\n"
        "connections:\n"
        "  - {from: E, to: all, indegree: 100, psp: = J}\n"
        "  - {from: I, to: all, indegree: 100, psp: = -2 * J}\n"
        "inputs:\n"
        "  - {to: all, noise: {mean: 18 mV, sigma: 4 mV, tau_syn: = t3}}\n"
        "solve: {correction: " +
            correction + "}\n",
        "equal.yaml");
    const auto rates_at = [&](const std::string& name, double value) {
      return solve_stationary(
                 file.resolve(std::map<std::string, double, std::less<>>{{name, value}}).network)
          .state.rates;
    };
    const Eigen::VectorXd rates = solve_stationary(file.resolve().network).state.rates;
    for (const ParameterSensitivity& s : parameter_sensitivities(file, {}, {}, rates)) {
      const double h = 1e-3 * s.value;
      const auto f = [&](double x) { return rates_at(s.name, x); };
      expect_close(s.drate, difference(f, s.value, h), 1e-7, s.name + " with " + correction);
    }
  }
}

// The rates of a network by the integral equation, and what they depend on.
TEST(Sensitivity, NamedParametersAgreeWithReSolvingTheExactRate) {
  const ModelFile file = ModelFile::parse(
      "schema: nuphi/1\n"
      "name: exact\n"
      "parameters: {tau_m: 20 ms, t_ref: 2 ms, tau_syn: 4 ms, J: 0.2 mV}\n"
      "neuron: {model: lif_exp, tau_m: = tau_m, t_ref: = t_ref, V_th: 20 mV, V_reset: 10 mV,\n"
      "  C_m: 250 pF, tau_syn_ex: = tau_syn, tau_syn_in: = tau_syn}\n"
      "populations: [{name: E}]\n"
      "connections: [{from: E, to: E, indegree: 20, psp: = J}]\n"
      "inputs: [{to: E, noise: {mean: 15 mV, sigma: 4 mV}}]\n"
      "solve: {correction: exact, method: newton}\n",
      "exact.yaml");
  const auto rates_at = [&](const std::string& name, double value) {
    const Model model = file.resolve(std::map<std::string, double, std::less<>>{{name, value}});
    return solve_stationary(model.network, model.solve).state.rates;
  };
  const Eigen::VectorXd rates = solve_stationary(file.resolve().network).state.rates;
  const Network network = file.resolve().network;
  const MeanField field = mean_field(network);
  const Eigen::MatrixXd sums = sums_at(field, rates);
  EXPECT_NEAR(evaluate(field.nodes[0], MeanField::input(sums, 0)).rate, rates[0], 1e-9 * rates[0]);
  for (const ParameterSensitivity& s : parameter_sensitivities(file, {}, {}, rates)) {
    const double h = 1e-2 * s.value;
    const auto f = [&](double x) { return rates_at(s.name, x); };
    expect_close(s.drate, difference(f, s.value, h), 1e-6, s.name);
  }
}

TEST(Sensitivity, OfNoiseThatSetsInIsFiniteForSlowSynapses) {
  const Network network = [] {
    Network n = lone_neuron(25 * mV, 0, Correction::kAdiabatic);
    n.inputs.push_back({0, PoissonInput{.indegree = 1, .rate = 0, .weight = 1 * mV}});
    return n;
  }();
  const MeanField field = mean_field(network);
  const Eigen::VectorXd rates = solve_stationary(field).state.rates;
  const auto entry =
      find_entry(network, "input_rate[A]").value_or(find_entry(network, "input_rate[E]").value());
  const double found = Sensitivity(field, rates).direct(network, entry);
  Network moved = network;
  const double h = 1e-3;  // Hz
  set_entry_value(moved, entry, h);
  const double up = solve_stationary(moved).state.rates[0];
  EXPECT_NEAR(found, (up - rates[0]) / h, 1e-3 * std::abs(found));
}

TEST(Sensitivity, NamesTheTimeConstantsThatDiffer) {
  const Network network = network_of_many_time_constants(Correction::kShift);
  for (const char* name :
       {"tau_syn_ex[E]", "tau_syn_in[E]", "tau_syn[I]", "input_tau_syn[E]", "input_tau_syn[I]"}) {
    const auto entry = find_entry(network, name);
    ASSERT_TRUE(entry) << name;
    EXPECT_EQ(entry_unit(entry->kind), "s") << name;
  }
  EXPECT_FALSE(find_entry(network, "tau_syn[E]"));
  Network two = network;
  std::get<NoiseInput>(two.inputs[2].source).tau_syn = 3 * ms;
  const auto second = find_entry(two, "input_tau_syn[E]#2");
  ASSERT_TRUE(second);
  EXPECT_EQ(entry_value(two, *second), 3 * ms);
}

TEST(Sensitivity, AgreesWithReSolvingInTheMicrocircuit) {
  const Network network = potjans_diesmann2014();
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const std::vector<NetworkEntry> all = network_entries(network);
  std::mt19937 random(1);
  std::vector<NetworkEntry> some;
  for (int k = 0; k < 12; ++k) some.push_back(all[random() % all.size()]);
  for (const auto& [entry, s] : [&] {
         std::vector<std::pair<NetworkEntry, ParameterSensitivity>> pairs;
         const auto values = entry_sensitivities(network, result.state.rates, some);
         for (std::size_t k = 0; k < some.size(); ++k) pairs.emplace_back(some[k], values[k]);
         return pairs;
       }()) {
    if (s.value == 0) continue;
    expect_close(s.drate, resolved_derivative(network, entry, result.state.rates), kTolerance,
                 s.name);
  }
}

TEST(Sensitivity, HoldsOnEveryBranchOfABistableNetworkTheSaddleIncluded) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  const ModelFamily family = model_family(file, {}, {"drive", "J"});
  for (const Eigen::Vector2d& start :
       {Eigen::Vector2d(0.98, 22.8), Eigen::Vector2d(7.39, 12.7), Eigen::Vector2d(25.8, 0.31)}) {
    const Eigen::VectorXd rates = solved(family.field(family.values()), start);
    const auto sensitivities = parameter_sensitivities(file, {}, {"drive", "J"}, rates);
    for (Eigen::Index k = 0; k < 2; ++k) {
      const double value = family.parameters[k].value;
      const auto f = [&](double x) {
        Eigen::VectorXd values = family.values();
        values[k] = x;
        return solved(family.field(values), rates);
      };
      expect_close(sensitivities[k].drate, difference(f, value, 1e-4 * value), kTolerance,
                   sensitivities[k].name);
    }
  }
}

TEST(Sensitivity, AdjointGivesTheSameGradientAsForward) {
  const Network network = rich_network();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  const Sensitivity sensitivity(mean_field(network), rates);
  const std::vector<NetworkEntry> entries = network_entries(network);
  const Eigen::Vector2d weights(0.8, -2.5);  // q = 0.8 ν_E − 2.5 ν_I
  const Eigen::VectorXd gradient = sensitivity.gradient(network, entries, weights);
  const auto forward = sensitivity.forward(network, entries);
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const double expected = weights.dot(forward[k].rates);
    EXPECT_NEAR(gradient[k], expected, 1e-13 * forward[k].rates.norm()) << k;
  }
}

// Eight populations, whose factors take several exchanges of rows.
TEST(Sensitivity, AdjointGivesTheSameGradientAsForwardWhereRowsAreExchanged) {
  const Network network = potjans_diesmann2014();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  const Sensitivity sensitivity(mean_field(network), rates);
  const std::vector<NetworkEntry> entries = network_entries(network);
  const Eigen::VectorXd weights = Eigen::VectorXd::LinSpaced(rates.size(), -1, 2);
  const Eigen::VectorXd gradient = sensitivity.gradient(network, entries, weights);
  const auto forward = sensitivity.forward(network, entries);
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const double expected = weights.dot(forward[k].rates);
    EXPECT_NEAR(gradient[static_cast<Eigen::Index>(k)], expected, 1e-12 * forward[k].rates.norm())
        << k;
  }
}

TEST(Sensitivity, SparseAndDenseCouplingsGiveTheSame) {
  const Network network = potjans_diesmann2014();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  const Sensitivity dense(mean_field(network, CouplingStorage::kDense), rates);
  const Sensitivity sparse(mean_field(network, CouplingStorage::kSparse), rates);
  const std::vector<NetworkEntry> entries = network_entries(network);
  const Eigen::VectorXd q = Eigen::VectorXd::Ones(rates.size());
  const Eigen::VectorXd a = dense.gradient(network, entries, q);
  const Eigen::VectorXd b = sparse.gradient(network, entries, q);
  for (Eigen::Index k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-12 * std::abs(a[k])) << k;
}

class NeuronParameters : public testing::TestWithParam<Correction> {};

TEST_P(NeuronParameters, AgreeWithDifferencesOfTheRate) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> mean(-5 * mV, 30 * mV);
  std::uniform_real_distribution<double> sigma(1.5 * mV, 10 * mV);
  for (int trial = 0; trial < 40; ++trial) {
    const Network network = lone_neuron(mean(random), sigma(random), GetParam());
    const MeanField field = mean_field(network);
    const double mu = field.external_mean()[0];
    const double noise = std::sqrt(field.external_variance()[0]);
    const double rate = siegert(mu, noise, field.lif(0).neuron, GetParam()).rate;
    if (rate < 1e-6) continue;  // kTaylor: negative far below threshold
    const Eigen::VectorXd rates = Eigen::VectorXd::Constant(1, rate);
    for (const auto& [kind, member] : {std::pair{EntryKind::kTauM, &LifParameters::tau_m},
                                       std::pair{EntryKind::kTRef, &LifParameters::t_ref},
                                       std::pair{EntryKind::kVTh, &LifParameters::V_th},
                                       std::pair{EntryKind::kVReset, &LifParameters::V_reset},
                                       std::pair{EntryKind::kTauSyn, &LifParameters::tau_syn}}) {
      const double value = field.lif(0).neuron.*member;
      const auto f = [&, m = member](double x) {
        LifParameters moved = field.lif(0).neuron;
        moved.*m = x;
        return Eigen::VectorXd::Constant(1, siegert(mu, noise, moved, GetParam()).rate).eval();
      };
      const double truth = difference(f, value, 1e-3 * value)[0];
      const auto found = entry_sensitivities(network, rates, {{kind, 0}});
      // In units of the rate per size of the parameter, times the steepness of the rate in the
      // voltage.
      const double scale = std::abs(truth) + rate / value;
      EXPECT_NEAR(found[0].drate[0], truth, 1e-8 * scale)
          << found[0].name << " at mu " << mu << ", sigma " << noise;
      EXPECT_NEAR(found[0].elasticity[0], value * truth / rate, 1e-8 * value * scale / rate)
          << found[0].name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Corrections, NeuronParameters,
                         testing::Values(Correction::kNone, Correction::kShift, Correction::kTaylor,
                                         Correction::kShiftRefractory, Correction::kAdiabatic));

TEST(Sensitivity, ScalesWithTheUnitOfVoltageAndOfTime) {
  // Euler's theorem: ν does not change when all voltages are scaled, and goes as 1/time when all
  // times are.
  const Network network = rich_network();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  Eigen::Vector2d voltage = Eigen::Vector2d::Zero();
  Eigen::Vector2d time = Eigen::Vector2d::Zero();
  for (const ParameterSensitivity& s : entry_sensitivities(network, rates)) {
    if (s.unit == "V") voltage += s.elasticity;
    if (s.unit == "s") time += s.elasticity;
    if (s.unit == "Hz") time -= s.elasticity;
  }
  EXPECT_NEAR(voltage.cwiseAbs().maxCoeff(), 0, 1e-11);
  EXPECT_NEAR((time + Eigen::Vector2d::Ones()).cwiseAbs().maxCoeff(), 0, 1e-11);
}

TEST(Sensitivity, WithoutNoiseFollowsTheClosedForm) {
  const Network network = lone_neuron(20 * mV, 0, Correction::kNone);
  const double L = std::log((20 - 1) / (20.0 - 15));
  const double rate = 1 / (2 * ms + 10 * ms * L);
  const auto value = [&](EntryKind kind) {
    return entry_sensitivities(network, Eigen::VectorXd::Constant(1, rate), {{kind, 0}})[0]
        .drate[0];
  };
  EXPECT_NEAR(value(EntryKind::kTauM), -rate * rate * L, 1e-12 * rate * rate * L);
  EXPECT_NEAR(value(EntryKind::kTRef), -rate * rate, 1e-12 * rate * rate);
  EXPECT_NEAR(value(EntryKind::kVTh), -rate * rate * 10 * ms / (5 * mV), 1e-9 * rate * rate);
  EXPECT_NEAR(value(EntryKind::kVReset), rate * rate * 10 * ms / (19 * mV), 1e-9 * rate * rate);
  // ν is even in σ, so ∂ν/∂σ = 0 at σ = 0.
  EXPECT_EQ(value(EntryKind::kNoiseSigma), 0);
}

TEST(Sensitivity, ElasticityIsFiniteWhereTheRateUnderflows) {
  // y_t = 30: the rate is about e^{−900} Hz.
  const Network network = lone_neuron(0, 0.5 * mV, Correction::kNone);
  const auto found = entry_sensitivities(network, Eigen::VectorXd::Zero(1), {{EntryKind::kVTh, 0}});
  EXPECT_EQ(found[0].drate[0], 0);
  // ln ν ≈ −y_t² + ln y_t: dln ν/dln V_th = −2 y_t² + 1 + O(y_t⁻²).
  EXPECT_NEAR(found[0].elasticity[0], -2 * 900 + 1, 0.01);
}

TEST(Sensitivity, SilentPopulationsDoNotSpoilTheOthers) {
  // So little noise that not even the logarithm of the rate can be represented.
  Network network = rich_network();
  network.populations.push_back(network.populations[0]);
  network.populations[2].name = "silent";
  network.inputs.push_back({2, NoiseInput{0, 1e-160}});
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  ASSERT_EQ(rates[2], 0);
  const Sensitivity sensitivity(mean_field(network), rates);
  EXPECT_FALSE(sensitivity.singular());
  for (const RateDerivative& d : sensitivity.forward(network, network_entries(network))) {
    EXPECT_TRUE(d.rates.allFinite());
    EXPECT_EQ(d.rates[2], 0);
  }
}

TEST(Sensitivity, IsSingularAtAFoldAndOnlyThere) {
  // One population that excites itself: 1 − Φ_ν goes through zero between the states.
  Network network = lone_neuron(0, 4 * mV, Correction::kNone);
  network.projections = {{.source = 0, .target = 0, .indegree = 0, .weight = 1 * mV, .delay = {}}};
  MeanField field = mean_field(network);
  const SiegertRate at = siegert(10 * mV, 4 * mV, field.lif(0).neuron, Correction::kNone);
  auto& coupling = field.coupling;
  coupling.dense(0)(0, 0) = 1 / at.drate_dmu;
  field.external_mean()[0] = 10 * mV - coupling.dense(0)(0, 0) * at.rate;
  const Eigen::VectorXd rates = Eigen::VectorXd::Constant(1, at.rate);
  EXPECT_TRUE(Sensitivity(field, rates).singular());
  coupling.dense(0)(0, 0) *= 0.99;
  field.external_mean()[0] = 10 * mV - coupling.dense(0)(0, 0) * at.rate;
  EXPECT_FALSE(Sensitivity(field, rates).singular());
}

TEST(Sensitivity, OfEveryNamedParameterAgreesWithReSolving) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  const Eigen::VectorXd rates = solve_stationary(file.resolve().network).state.rates;
  const auto sensitivities = parameter_sensitivities(file, {}, {}, rates);
  ASSERT_EQ(sensitivities.size(), 7U);
  for (const ParameterSensitivity& s : sensitivities) {
    const auto f = [&](double x) {
      const std::map<std::string, double, std::less<>> values{{s.name, x}};
      return solved(mean_field(file.resolve(values).network), rates);
    };
    expect_close(s.drate, difference(f, s.value, 1e-3 * s.value), kTolerance, s.name);
  }
}

TEST(Sensitivity, NamedParametersMayBeOverriddenAndFollowOneAnother) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  // g as an expression of a varied parameter: its derivative has to include that road.
  const Overrides overrides{{"g", "= 4 + eta / 4"}};
  const ModelFamily family = model_family(file, overrides, {"eta"});
  const Eigen::VectorXd rates = solve_stationary(family.field(family.values())).state.rates;
  const auto total = parameter_sensitivities(file, overrides, {"eta"}, rates);
  const auto parts = parameter_sensitivities(file, {{"g", "4.5"}}, {"eta", "g"}, rates);
  expect_close(total[0].drate, parts[0].drate + parts[1].drate / 4, 1e-9, "eta");
}

TEST(Sensitivity, BesideABorderOfTheModelDifferencesAreOneSided) {
  const std::string text = R"(
schema: nuphi/1
name: border
parameters: {p: 1, w: 0, rate: 0 Hz, m0: 18 mV, m: 0 mV}
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, E_L: 0 mV, V_th: 20 mV, V_reset: 10 mV}
populations:
  - {name: E, size: 1000}
connections:
  - {from: E, to: E, probability: = p, rule: pairwise, weight: 0.01 mV, weight_cv: = w}
inputs:
  - {to: E, noise: {mean: = m0 + m, sigma: 5 mV}}
  - {to: E, poisson: {rate: = rate, weight: 0.1 mV}}
)";
  const ModelFile file = ModelFile::parse(text);
  const ModelFamily family = model_family(file, {}, {"p", "w", "rate", "m"});
  const MeanField field = family.field(family.values());
  const Eigen::VectorXd rates = solve_stationary(field).state.rates;
  const double nu = rates[0];
  const double tau = 20 * ms;
  const double J = 0.01 * mV;
  const InputDerivative p = input_derivative(family, family.values(), 0, rates);
  EXPECT_NEAR(p.mean[0], tau * 1000 * J * nu, 1e-10 * tau * 1000 * J * nu);
  EXPECT_NEAR(p.variance[0], tau * 1000 * J * J * nu, 1e-8 * tau * 1000 * J * J * nu);
  const InputDerivative w = input_derivative(family, family.values(), 1, rates);
  EXPECT_EQ(w.mean[0], 0);
  EXPECT_NEAR(w.variance[0], 0, 1e-10 * field.external_variance()[0]);
  const InputDerivative rate = input_derivative(family, family.values(), 2, rates);
  // The source hardly moves μ: the rounding of μ itself shows, over a step of some hundredth of 1
  // Hz.
  EXPECT_NEAR(rate.mean[0], tau * 0.1 * mV, 1e-12 * field.external_mean()[0] / Hz);
  const InputDerivative m = input_derivative(family, family.values(), 3, rates);
  EXPECT_NEAR(m.mean[0], 1, 1e-11);
  EXPECT_TRUE(m.neurons.empty());
}

TEST(Sensitivity, EntriesOfAModelFileAreParametersToo) {
  const ModelFile file = ModelFile::load(kModels + "microcircuit.yaml");
  const Network network = file.resolve().network;
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  const std::vector<std::string> names{"weight[4E<-23I]", "tau_m[5E]", "input_rate[6I]",
                                       "V_th[23E]", "tau_syn[4I]"};
  const auto by_differences = parameter_sensitivities(file, {}, names, rates);
  std::vector<NetworkEntry> entries;
  for (const std::string& name : names) entries.push_back(find_entry(network, name).value());
  const auto closed = entry_sensitivities(network, rates, entries);
  for (std::size_t k = 0; k < names.size(); ++k) {
    EXPECT_EQ(by_differences[k].name, closed[k].name);
    EXPECT_EQ(by_differences[k].unit, closed[k].unit);
    expect_close(by_differences[k].drate, closed[k].drate, 1e-10, names[k]);
  }
}

TEST(NetworkEntries, NamesLeadBackToTheEntry) {
  Network network = rich_network();
  network.projections.push_back(network.projections[1]);
  network.inputs.push_back(network.inputs[1]);
  const std::vector<NetworkEntry> entries = network_entries(network);
  const std::vector<std::string> names = entry_names(network, entries);
  for (std::size_t k = 0; k < entries.size(); ++k)
    EXPECT_EQ(find_entry(network, names[k]), entries[k]) << names[k];
  EXPECT_TRUE(find_entry(network, "indegree[E<-I]#2"));
  EXPECT_TRUE(find_entry(network, "dc_drive[E]#2"));
  for (const char* unknown : {"", "g", "indegree", "indegree[E]", "indegree[E<-I]#3", "tau_m[X]"})
    EXPECT_FALSE(find_entry(network, unknown)) << unknown;
}

// Weights in pA, a PSP, a current and noise: what follows from a neuron's parameter in the file moves
// with it.
TEST(Sensitivity, NeuronParametersOfAFileMoveWhatFollowsFromThem) {
  const ModelFile file = ModelFile::parse(R"(
schema: nuphi/1
name: derived
neuron: {model: lif_exp, tau_m: 10 ms, t_ref: 2 ms, E_L: -65 mV, V_th: -50 mV, V_reset: -60 mV, C_m: 250 pF,
         tau_syn_ex: 0.5 ms, tau_syn_in: 1 ms}
parameters: {J: 0.1 mV}
populations:
  - {name: E}
  - {name: U, neuron: {model: power_law, rate: 10 Hz, at: 5 mV, exponent: 1.7, tau_m: 15 ms}}
connections:
  - {from: E, to: E, indegree: 100, weight: 90 pA}
  - {from: U, to: E, indegree: 20, psp: -0.1 mV}
  - {from: E, to: U, indegree: 100, weight: = J}
inputs:
  - {to: E, poisson: {indegree: 1200, rate: 8 Hz, weight: 90 pA}}
  - {to: E, dc: {current: 100 pA}}
  - {to: U, noise: {mean: 1 mV, sigma: 3 mV}}
solve: {correction: shift}
)");
  const Network network = file.resolve().network;
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  EXPECT_GT(rates.minCoeff(), 1);
  int count = 0;
  for (const ParameterSensitivity& s :
       parameter_sensitivities(file, {}, neuron_parameter_names(network), rates)) {
    const auto f = [&](double x) {
      return solved(mean_field(file.resolve({{s.name, x}}).network), rates);
    };
    const double step = s.value != 0 ? 1e-3 * std::abs(s.value) : 1e-5;
    const Eigen::VectorXd expected = difference(f, s.value, step);
    for (Eigen::Index i = 0; i < 2; ++i) {
      // Potentials are differenced with steps of their absolute size.
      EXPECT_NEAR(s.drate[i], expected[i], 1e-6 * expected.lpNorm<Eigen::Infinity>()) << s.name;
    }
    ++count;
  }
  EXPECT_EQ(count, 8 + 7);
}

TEST(Sensitivity, OfAConnectionThatVanishesFollowsTheFields) {
  // A matrix leaves out what is 0: beside p = 0 the network has a projection more.
  const ModelFile file = ModelFile::parse(R"(
schema: nuphi/1
name: vanishing
parameters: {K: 0, J: 0.1 mV}
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}
populations: [{name: E}]
connections:
  - {matrix: {indegree: [[= K]]}, weight: = J}
inputs:
  - {to: E, noise: {mean: 18 mV, sigma: 5 mV}}
)");
  const ModelFamily family = model_family(file, {}, {"K"});
  const Eigen::VectorXd rates = solve_stationary(family.field(family.values())).state.rates;
  const InputDerivative d = input_derivative(family, family.values(), 0, rates);
  EXPECT_NEAR(d.mean[0], 20 * ms * 0.1 * mV * rates[0], 1e-9 * 20 * ms * 0.1 * mV * rates[0]);
}

TEST(Sensitivity, EntriesOfAFamilyAreNotDifferenced) {
  const ModelFile file = ModelFile::load(kModels + "microcircuit.yaml");
  ModelFamily family = model_family(file, {}, {"indegree[4E<-4I]"});
  int asked = 0;
  family.network = [&asked, network = family.network](const Eigen::VectorXd& x) {
    ++asked;
    return network(x);
  };
  const Eigen::VectorXd rates = solve_stationary(family.field(family.values())).state.rates;
  const Network network = file.resolve().network;
  const InputDerivative d = input_derivative(family, family.values(), 0, rates);
  EXPECT_EQ(asked, 1);
  const Projection& p = network.projections[find_entry(network, "indegree[4E<-4I]").value().index];
  EXPECT_DOUBLE_EQ(d.mean[2], 10 * ms * p.weight * rates[3]);
  EXPECT_DOUBLE_EQ(d.variance[2], 10 * ms * p.weight * p.weight * rates[3]);
  EXPECT_EQ((d.mean.array() != 0).count(), 1);
}

TEST(Sensitivity, UnknownNamesAndWrongSizesAreRefused) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  EXPECT_THROW((void)model_family(file, {}, {"nosuch"}), std::invalid_argument);
  const MeanField field = mean_field(file.resolve().network);
  EXPECT_THROW(Sensitivity(field, Eigen::VectorXd::Ones(3)), std::invalid_argument);
  const Sensitivity sensitivity(field, Eigen::VectorXd::Ones(2));
  EXPECT_THROW((void)sensitivity.adjoint(Eigen::VectorXd::Ones(3)), std::invalid_argument);
  EXPECT_THROW((void)sensitivity.forward(InputDerivative{}), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
