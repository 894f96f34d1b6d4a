#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>

#include <string>

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

TEST(Validity, ARateNearTheCeilingIsNoted) {
  EXPECT_TRUE(speaks_of(notes(1000 * mV, 0, Correction::kNone), "91 % of 1/t_ref"));
  EXPECT_TRUE(notes(600 * mV, 0, Correction::kNone).empty());
}

}  // namespace
}  // namespace nuphi
