#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

namespace nuphi {
namespace {

using namespace units;

MeanField lone_neuron(double mean, double tau_syn, Correction correction) {
  MeanField field = mean_field(brunel2000());
  field.names = {"A"};
  field.nodes = lif_nodes({{20 * ms, 2 * ms, 20 * mV, 10 * mV, tau_syn}}, correction);
  field.coupling = Coupling::dense({Eigen::MatrixXd::Zero(1, 1), Eigen::MatrixXd::Zero(1, 1)});
  field.external = Eigen::RowVector2d(mean, 4 * mV * 4 * mV);
  return field;
}

std::vector<Note> notes(double mean, double tau_syn, Correction correction) {
  const MeanField field = lone_neuron(mean, tau_syn, correction);
  const StationaryResult result = solve_stationary(field);
  EXPECT_TRUE(result.converged());
  return validity_notes(field, result.state);
}

bool speaks_of(const std::vector<Note>& notes, const std::string& what) {
  return notes.size() == 1 && notes.front().populations == std::vector<std::string>{"A"} &&
         notes.front().message.find(what) != std::string::npos;
}

TEST(Validity, ACorrectionThatIsSmallNeedsNoNote) {
  EXPECT_TRUE(notes(18 * mV, 0.5 * ms, Correction::kShift).empty());
  EXPECT_TRUE(notes(18 * mV, 0.5 * ms, Correction::kTaylor).empty());
  EXPECT_TRUE(notes(18 * mV, 50 * ms, Correction::kAdiabatic).empty());
  EXPECT_TRUE(notes(18 * mV, 50 * ms, Correction::kNone).empty());
  EXPECT_TRUE(notes(18 * mV, 0, Correction::kTaylor).empty());
}

TEST(Validity, FirstOrderThatTakesTooMuchIsNoted) {
  EXPECT_TRUE(speaks_of(notes(14 * mV, 2 * ms, Correction::kTaylor), "% of the white-noise rate"));
  EXPECT_TRUE(speaks_of(notes(2 * mV, 2 * ms, Correction::kTaylor), "`A` is negative"));
}

TEST(Validity, ANegativeRateIsAFixedPointToEveryMethod) {
  const MeanField field = lone_neuron(2 * mV, 2 * ms, Correction::kTaylor);
  for (const Method method :
       {Method::kAuto, Method::kNewton, Method::kCeres, Method::kAnderson, Method::kRelaxation}) {
    const StationaryResult result = solve_stationary(field, {.method = method});
    EXPECT_TRUE(result.converged()) << result.summary.full_report();
    EXPECT_LT(result.state.rates[0], 0);
  }
}

TEST(Validity, NegativeRatesAreAStartOnlyWhereTheyArePossible) {
  SolveOptions options;
  options.method = Method::kNewton;
  options.initial_rates = Eigen::VectorXd::Constant(1, -0.01);
  const MeanField taylor = lone_neuron(2 * mV, 2 * ms, Correction::kTaylor);
  EXPECT_TRUE(solve_stationary(taylor, options).converged());
  const MeanField shift = lone_neuron(2 * mV, 2 * ms, Correction::kShift);
  EXPECT_THROW((void)solve_stationary(shift, options), std::invalid_argument);
}

TEST(Validity, ANeuronWithoutNoiseNeedsNoNote) {
  MeanField field = lone_neuron(25 * mV, 50 * ms, Correction::kShift);
  field.external_variance().setZero();
  EXPECT_TRUE(validity_notes(field, solve_stationary(field).state).empty());
}

TEST(Validity, TimeConstantsOnTheWrongSideAreNoted) {
  EXPECT_TRUE(speaks_of(notes(18 * mV, 10 * ms, Correction::kShift), "sqrt(tau_syn/tau_m) = 0.71"));
  EXPECT_TRUE(speaks_of(notes(18 * mV, 10 * ms, Correction::kAdiabatic), "limit of slow synapses"));
}

TEST(Validity, TheExactRateNeedsNoNote) {
  EXPECT_TRUE(notes(18 * mV, 10 * ms, Correction::kExact).empty());
}

/// One population of exponential synapses without a stated correction, under Poisson input.
Network of_exponential_synapses(double tau_syn, double rate) {
  Network network;
  Neuron neuron{.model = NeuronModel::kLifExp,
                .tau_m = 20 * ms,
                .t_ref = 2 * ms,
                .V_th = 20 * mV,
                .V_reset = 10 * mV,
                .C_m = 250 * pF};
  neuron.tau_syn_ex = neuron.tau_syn_in = tau_syn;
  network.populations = {{.name = "A", .size = 1000, .neuron = neuron}};
  network.projections = {{.source = 0, .target = 0, .indegree = 100, .weight = -0.1 * mV}};
  network.inputs = {{0, PoissonInput{.indegree = 1000, .rate = rate, .weight = 0.1 * mV}}};
  return network;
}

std::vector<Note> of_code(const std::vector<Note>& notes, const std::string& code) {
  std::vector<Note> result;
  for (const Note& note : notes)
    if (note.code == code) result.push_back(note);
  return result;
}

TEST(Validity, ANetworkThatStatesNoCorrectionIsToldWhatShiftGives) {
  const Network network = of_exponential_synapses(5 * ms, 9 * Hz);
  const StationaryState state = solve_stationary(network).state;
  Network shift = network;
  shift.correction = Correction::kShift;
  const double by_shift = solve_stationary(shift).state.rates[0];
  ASSERT_GT(std::abs(by_shift / state.rates[0] - 1), 0.02);

  const std::vector<Note> notes = of_code(validity_notes(network, state), "default-correction");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].populations, std::vector<std::string>{"A"});
  const std::string told =
      fmt::format("the rate of `A` is {:.4g} Hz, {:.1f} % {} the {:.4g} Hz", by_shift,
                  100 * std::abs(by_shift / state.rates[0] - 1),
                  by_shift < state.rates[0] ? "below" : "above", state.rates[0]);
  EXPECT_NE(notes[0].message.find(told), std::string::npos) << notes[0].message << '\n' << told;
}

TEST(Validity, WhoStatesACorrectionOrHardlyMovesIsToldNothing) {
  Network network = of_exponential_synapses(5 * ms, 9 * Hz);
  for (const Correction correction : {Correction::kUniform, Correction::kShift}) {
    network.correction = correction;
    const StationaryState state = solve_stationary(network).state;
    EXPECT_TRUE(of_code(validity_notes(network, state), "default-correction").empty());
  }
  const Network fast = of_exponential_synapses(0.02 * ms, 9 * Hz);
  const StationaryState state = solve_stationary(fast).state;
  EXPECT_TRUE(of_code(validity_notes(fast, state), "default-correction").empty());
  EXPECT_TRUE(of_code(validity_notes(brunel2000(), solve_stationary(brunel2000()).state),
                      "default-correction")
                  .empty());
}

TEST(Validity, ARateNearTheCeilingIsNoted) {
  EXPECT_TRUE(speaks_of(notes(1000 * mV, 0, Correction::kNone), "91 % of 1/t_ref"));
  EXPECT_TRUE(notes(600 * mV, 0, Correction::kNone).empty());
}

}  // namespace
}  // namespace nuphi
