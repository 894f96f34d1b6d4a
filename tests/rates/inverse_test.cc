#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/inverse.h>
#include <nuphi/rates/stationary.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <string>

#include "rates/networks.h"

namespace nuphi::test {
namespace {

using namespace units;

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

FitTarget targets(const Eigen::VectorXd& rates) { return {.rates = rates, .weights = {}}; }

TEST(ExternalMean, GivesTheWantedRatesToRounding) {
  MeanField field = mean_field(potjans_diesmann2014());
  Eigen::VectorXd wanted(8);
  wanted << 1, 4, 3, 5, 8, 9, 1e-8, 300;
  const InverseInput input = external_mean_for_rates(field, wanted);
  ASSERT_TRUE(input.all_attained());
  field.external_mean() = input.value;
  const StationaryState state = evaluate_state(field, wanted);
  // Rounding of a sum of inputs many times larger than the threshold, through ∂Φ/∂μ.
  EXPECT_LT(state.residual, 1e-11);
}

TEST(ExternalMean, IsTheFieldsOwnAtItsOwnRates) {
  const MeanField field = mean_field(potjans_diesmann2014());
  const StationaryResult result = solve_stationary(field);
  const InverseInput input = external_mean_for_rates(field, result.state.rates);
  for (Eigen::Index i = 0; i < 8; ++i)
    EXPECT_NEAR(input.value[i], field.external_mean()[i], 1e-13 * field.external_mean()[i]);
}

TEST(ExternalMean, RatesOutOfRangeAreMarked) {
  const MeanField field = brunel2000_field(5, 2);
  const InverseInput input = external_mean_for_rates(field, Eigen::Vector2d(600, 0));
  EXPECT_EQ(input.attained[0], Attained::kRateOutOfRange);
  EXPECT_EQ(input.attained[1], Attained::kRateOutOfRange);
  EXPECT_TRUE(input.value.array().isNaN().all());
  EXPECT_FALSE(input.all_attained());
}

TEST(ExternalRates, RecoverTheBackgroundOfTheMicrocircuit) {
  Network network = potjans_diesmann2014();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  std::vector<ExternalSynapses> synapses(8);
  for (const ExternalInput& input : network.inputs) {
    const auto& poisson = std::get<PoissonInput>(input.source);
    synapses[input.target] = {poisson.indegree, poisson.weight, poisson.weight_cv};
  }
  network.inputs.clear();
  const InverseInput found = external_rates_for_rates(mean_field(network), rates, synapses);
  ASSERT_TRUE(found.all_attained());
  for (Eigen::Index i = 0; i < 8; ++i) EXPECT_NEAR(found.value[i], 8, 1e-12 * 8);
}

TEST(ExternalRates, OfInhibitorySourcesLowerTheRate) {
  MeanField field = brunel2000_field(5, 4);
  const StationaryResult result = solve_stationary(field);
  const Eigen::VectorXd wanted = 0.4 * result.state.rates;
  const ExternalSynapses inhibitory{200, -0.4 * mV, 0};
  const InverseInput found = external_rates_for_rates(field, wanted, {inhibitory, inhibitory});
  ASSERT_TRUE(found.all_attained());
  EXPECT_GT(found.value.minCoeff(), 0);
  const double tau_m = field.lif(0).neuron.tau_m;
  field.external_mean() += tau_m * inhibitory.indegree * inhibitory.weight * found.value;
  field.external_variance() +=
      tau_m * inhibitory.indegree * inhibitory.weight * inhibitory.weight * found.value;
  EXPECT_LT(evaluate_state(field, wanted).residual, 1e-11);
}

TEST(ExternalRates, SayWhenNoSuchInputExists) {
  const MeanField field = brunel2000_field(5, 2);
  const Eigen::VectorXd rates = solve_stationary(field).state.rates;
  const ExternalSynapses excitatory{100, 0.1 * mV, 0};
  const ExternalSynapses inhibitory{100, -0.1 * mV, 0};
  const ExternalSynapses nothing{0, 0.1 * mV, 0};
  // Lower rates of the others take excitation away, so the target is compared at the target.
  const InverseInput lower =
      external_rates_for_rates(field, Eigen::Vector2d(1, 1), {excitatory, excitatory});
  EXPECT_EQ(lower.attained[0], Attained::kOnlyNegative);
  const InverseInput higher = external_rates_for_rates(field, 2 * rates, {inhibitory, nothing});
  EXPECT_EQ(higher.attained[0], Attained::kNever);
  EXPECT_EQ(higher.attained[1], Attained::kNever);
}

TEST(WorkingPoints, AgreeWithSenkEtAl2020) {
  // Senk et al. (2020): external rates that put both populations at (μ, σ), made with NNMT 1.3.0 at
  // double precision.
  struct Point {
    double mu, sigma, excitatory, inhibitory;
  };
  const std::vector<Point> points = {
      {6 * mV, 6 * mV, 42196.60638131113, 6951.852909663006},
      {6 * mV, 12 * mV, 145549.69207533865, 26952.67018961519},
      {10 * mV, 10 * mV, 95504.46870081505, 15718.599312594059},
      {12 * mV, 12 * mV, 133588.16322702556, 22310.807339723706},
      {8 * mV, 8 * mV, 65654.87279128861, 10752.511929001754},
      {12 * mV, 6 * mV, 31793.909448801744, 2699.6980387224467},
  };
  const LifParameters neuron{5 * ms, 0, 15 * mV, 0, 0.5 * ms};
  Eigen::MatrixXd K(2, 2), J(2, 2);
  K << 400, 100, 400, 100;
  J << 0.1756 * mV, -0.878 * mV, 0.1756 * mV, -0.878 * mV;
  const MeanField field =
      dense_field({neuron, neuron}, K, J, Eigen::Vector2d::Zero(), Eigen::Vector2d::Zero());
  const ExternalSynapses e{1, 0.1756 * mV, 0};
  const ExternalSynapses i{1, -0.878 * mV, 0};
  for (const Point& p : points) {
    const WorkingPointInput found = external_rates_for_working_points(
        field, Eigen::Vector2d::Constant(p.mu), Eigen::Vector2d::Constant(p.sigma), {e, e}, {i, i});
    for (Eigen::Index k = 0; k < 2; ++k) {
      EXPECT_NEAR(found.excitatory[k], p.excitatory, 1e-9 * p.excitatory) << p.mu;
      EXPECT_NEAR(found.inhibitory[k], p.inhibitory, 1e-9 * p.inhibitory) << p.mu;
    }
    EXPECT_TRUE(found.non_negative());
  }
}

TEST(WorkingPoints, AreMetWhenTheInputIsApplied) {
  MeanField field = mean_field(potjans_diesmann2014());
  field.external_mean().setZero();
  field.external_variance().setZero();
  const Eigen::VectorXd mu = Eigen::VectorXd::LinSpaced(8, 5 * mV, 9 * mV);
  const Eigen::VectorXd sigma = Eigen::VectorXd::LinSpaced(8, 7 * mV, 6 * mV);
  const ExternalSynapses e{1000, 0.2 * mV, 0.1};
  const ExternalSynapses i{200, -0.7 * mV, 0.2};
  const WorkingPointInput found =
      external_rates_for_working_points(field, mu, sigma, std::vector(8, e), std::vector(8, i));
  for (Eigen::Index k = 0; k < 8; ++k) {
    const double tau_m = field.lif(k).neuron.tau_m;
    field.external_mean()[k] = tau_m * (e.indegree * e.weight * found.excitatory[k] +
                                        i.indegree * i.weight * found.inhibitory[k]);
    field.external_variance()[k] =
        tau_m * (e.indegree * e.weight * e.weight * 1.01 * found.excitatory[k] +
                 i.indegree * i.weight * i.weight * 1.04 * found.inhibitory[k]);
  }
  const StationaryState state = evaluate_state(field, found.rates);
  EXPECT_LT((state.mean_input - mu).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT((state.std_input - sigma).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT(state.residual, 1e-11);
}

TEST(WorkingPoints, NeedSynapsesThatDiffer) {
  const MeanField field = brunel2000_field(5, 2);
  const ExternalSynapses e{1, 0.1 * mV, 0};
  const ExternalSynapses more{10, 0.1 * mV, 0};
  EXPECT_THROW((void)external_rates_for_working_points(field, Eigen::Vector2d::Constant(10 * mV),
                                                       Eigen::Vector2d::Constant(5 * mV), {e, e},
                                                       {more, more}),
               std::invalid_argument);
}

TEST(Fit, FindsTheParametersThatMadeTheRates) {
  const ModelFile file = ModelFile::load(kModels + "microcircuit.yaml");
  const std::vector<std::string> names{"input_rate[23E]", "input_rate[4E]", "weight[5I<-5E]",
                                       "tau_m[5E]", "indegree[6E<-6E]"};
  const ModelFamily family = model_family(file, {}, names);
  Eigen::VectorXd truth = family.values();
  for (Eigen::Index k = 0; k < truth.size(); ++k) truth[k] *= k % 2 == 0 ? 1.06 : 0.95;
  const StationaryResult wanted = solve_stationary(family.field(truth));
  ASSERT_TRUE(wanted.converged());
  const FitResult fit = fit_parameters(family, targets(wanted.state.rates));
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_TRUE(fit.identifiable());
  EXPECT_LT(fit.residuals.cwiseAbs().maxCoeff(), 1e-9);
  for (Eigen::Index k = 0; k < truth.size(); ++k) {
    EXPECT_NEAR(fit.values()[k], truth[k], 1e-8 * std::abs(truth[k])) << names[k];
    EXPECT_EQ(fit.parameters[k].name, names[k]);
    EXPECT_EQ(fit.parameters[k].initial, family.parameters[k].value);
  }
  EXPECT_LT(fit.state.residual, 1e-10);
}

TEST(Fit, MissesWhatOneParameterCannotMeetAndStopsAtTheLeastSquares) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  const ModelFamily family = model_family(file, {}, {"J"});
  FitOptions options;
  options.solve.initial_rates = Eigen::Vector2d(0.98, 22.8);
  const FitTarget target = targets(Eigen::Vector2d(2, 24));
  const FitResult fit = fit_parameters(family, target, {}, options);
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_GT(fit.cost, 1e-3);
  // No neighbour is better.
  for (const double factor : {1 - 1e-4, 1 + 1e-4}) {
    SolveOptions solve;
    solve.initial_rates = fit.state.rates;
    const Eigen::VectorXd beside =
        solve_stationary(family.field(factor * fit.values()), solve).state.rates;
    EXPECT_GT((beside - target.rates).squaredNorm() / 2, fit.cost);
  }
  // One parameter, two targets: the scatter gives a standard error.
  EXPECT_GT(fit.parameters[0].standard_error, 0);
  EXPECT_TRUE(std::isfinite(fit.parameters[0].standard_error));
}

// The network fires at 1e-80 Hz and less: no parameter moves the rates, nor does it look like that.
TEST(Fit, FromSilentRatesThatNoParameterMovesIsNoFit) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  const ModelFamily family = model_family(file, {{"eta", "0.01"}}, {"g"});
  const FitResult fit = fit_parameters(family, targets(Eigen::Vector2d(30, 30)), {});
  EXPECT_FALSE(fit.converged());
  EXPECT_FALSE(fit.targets_met);
  EXPECT_NE(fit.summary.message.find("missed by up to 1 Hz"), std::string::npos)
      << fit.summary.message;
}

TEST(Fit, FollowsTheBranchItStartsFrom) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  const ModelFamily family = model_family(file, {}, {"drive"});
  FitOptions options;
  options.solve.initial_rates = Eigen::Vector2d(25.7, 0.3);
  FitTarget target = targets(Eigen::Vector2d(27, kNaN));
  const FitResult fit = fit_parameters(family, target, {}, options);
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_NEAR(fit.state.rates[0], 27, 1e-9);
  EXPECT_LT(fit.state.rates[1], 1);
  EXPECT_TRUE(std::isnan(fit.residuals[1]));
}

TEST(Fit, NamesTheDirectionInWhichNothingChanges) {
  // Only the product of in-degree and rate of a source counts: one of the two is free.
  const ModelFile file = ModelFile::load(kModels + "three_states.yaml");
  const std::vector<std::string> names{"input_rate[E]", "input_indegree[E]", "input_rate[I]"};
  const ModelFamily family = model_family(file, {}, names);
  FitOptions options;
  options.solve.initial_rates = Eigen::Vector2d(41.6, 25.1);
  const FitResult fit = fit_parameters(family, targets(Eigen::Vector2d(43, 27)), {}, options);
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_LT(fit.residuals.cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_EQ(fit.rank, 2);
  EXPECT_FALSE(fit.identifiable());
  ASSERT_EQ(fit.null_directions.size(), 1U);
  EXPECT_LT(fit.null_directions[0].relative_singular_value, 1e-9);
  const Eigen::VectorXd& direction = fit.null_directions[0].direction;
  // Relative to the start's values the fit has moved both by the same factor, so the direction is
  // (1, −1, 0)/√2.
  EXPECT_NEAR(std::abs(direction[0]), std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(direction[0] + direction[1], 0, 1e-6);
  EXPECT_NEAR(direction[2], 0, 1e-6);
  EXPECT_NE(fit.null_directions[0].text.find("input_indegree[E]"), std::string::npos);
  EXPECT_FALSE(fit.parameters[0].identifiable);
  EXPECT_FALSE(fit.parameters[1].identifiable);
  EXPECT_TRUE(fit.parameters[2].identifiable);
  EXPECT_TRUE(std::isinf(fit.parameters[0].standard_error));
  EXPECT_TRUE(std::isnan(fit.covariance(0, 2)));
}

TEST(Fit, StopsAtABound) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  const ModelFamily family = model_family(file, {}, {"eta", "g"});
  const FitTarget target = targets(Eigen::Vector2d::Constant(50));
  const FitResult fit =
      fit_parameters(family, target, {{.lower = 1.5, .upper = 2.2}, {.lower = 5, .upper = 8}});
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_EQ(fit.parameters[0].value, 2.2);
  EXPECT_TRUE(fit.parameters[0].at_bound);
  EXPECT_EQ(fit.parameters[1].value, 5);
  EXPECT_TRUE(fit.parameters[1].at_bound);
  EXPECT_GT(fit.cost, 1);
}

TEST(Fit, ReachesTheMinimumAlongTheLimitsOfTheModel) {
  // Targets that the microcircuit cannot meet with external rates ≥ 0: some end at 0, the others do
  // what they can.
  const ModelFile file = ModelFile::load(kModels + "microcircuit.yaml");
  std::vector<std::string> names;
  for (const Population& p : file.resolve().network.populations)
    names.push_back("input_rate[" + p.name + "]");
  const ModelFamily family = model_family(file, {}, names);
  EXPECT_EQ(family.parameters[0].lower, 0);
  EXPECT_TRUE(std::isinf(family.parameters[0].upper));
  Eigen::VectorXd wanted(8);
  wanted << 3, 0.5, 4.4, 5.8, 7.1, 8.5, 1.2, 7.8;
  const FitResult fit = fit_parameters(family, targets(wanted));
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  EXPECT_GT(fit.cost, 0.01);
  EXPECT_GE(fit.values().minCoeff(), 0);
  int at_limit = 0;
  for (Eigen::Index k = 0; k < 8; ++k) {
    at_limit += fit.parameters[k].at_bound ? 1 : 0;
    for (const double step : {1e-3, -1e-3}) {
      Eigen::VectorXd beside = fit.values();
      beside[k] += step;
      if (beside[k] < 0) continue;
      SolveOptions solve;
      solve.initial_rates = fit.state.rates;
      const StationaryResult there = solve_stationary(family.field(beside), solve);
      EXPECT_GT((there.state.rates - wanted).squaredNorm() / 2, fit.cost) << names[k];
    }
  }
  EXPECT_GE(at_limit, 1);
}

TEST(Fit, WeightsAsInverseVariancesGiveTheStandardErrors) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  const ModelFamily family = model_family(file, {}, {"drive", "J"});
  FitOptions options;
  options.solve.initial_rates = Eigen::Vector2d(25.7, 0.3);
  FitTarget target = targets(Eigen::Vector2d(26, 0.3));
  target.weights = Eigen::Vector2d(4, 100);  // targets known to 0.5 Hz and 0.1 Hz
  target.weights_are_inverse_variances = true;
  const FitResult fit = fit_parameters(family, target, {}, options);
  ASSERT_TRUE(fit.converged()) << fit.summary.message;
  // Two targets, two parameters: p moves with the targets as the inverse of dν/dp.
  Eigen::Matrix2d jacobian;
  for (Eigen::Index k = 0; k < 2; ++k)
    jacobian.col(k) = Sensitivity(family.field(fit.values()), fit.state.rates)
                          .forward(input_derivative(family, fit.values(), k, fit.state.rates))
                          .rates;
  const Eigen::Matrix2d inverse = jacobian.inverse();
  const Eigen::Matrix2d covariance =
      inverse * Eigen::Vector2d(0.25, 0.01).asDiagonal() * inverse.transpose();
  for (Eigen::Index k = 0; k < 2; ++k)
    EXPECT_NEAR(fit.parameters[k].standard_error, std::sqrt(covariance(k, k)),
                1e-6 * std::sqrt(covariance(k, k)));
  // Without that meaning there is no scatter to tell from.
  target.weights_are_inverse_variances = false;
  EXPECT_TRUE(std::isnan(fit_parameters(family, target, {}, options).parameters[0].standard_error));
}

TEST(Fit, DrawsBackWhereTheModelHasNoSense) {
  // A negative external rate would be needed: the model refuses it, the fit ends at the edge
  // without throwing.
  const ModelFile file = ModelFile::load(kModels + "three_states.yaml");
  const ModelFamily family = model_family(file, {}, {"input_rate[I]"});
  FitOptions options;
  options.solve.initial_rates = Eigen::Vector2d(41.6, 25.1);
  FitResult fit;
  EXPECT_NO_THROW(fit = fit_parameters(family, targets(Eigen::Vector2d(kNaN, 1000)), {}, options));
  EXPECT_FALSE(fit.residuals.cwiseAbs().maxCoeff() < 1);
  EXPECT_GE(fit.parameters[0].value, 0);
}

TEST(Fit, WithoutAStationaryStateAtTheStartSaysSo) {
  const ModelFile file = ModelFile::load(kModels + "microcircuit.yaml");
  const ModelFamily family = model_family(file, {}, {"input_rate[4E]"});
  FitOptions options;
  options.solve.method = Method::kNewton;
  options.solve.max_iterations = 1;
  const FitResult fit = fit_parameters(family, targets(Eigen::VectorXd::Ones(8)), {}, options);
  EXPECT_FALSE(fit.converged());
  EXPECT_NE(fit.summary.message.find("no stationary state at the start"), std::string::npos);
  EXPECT_EQ(fit.parameters.size(), 1U);
  EXPECT_EQ(fit.state.rates.size(), 8);
}

TEST(Fit, RefusesArgumentsThatDoNotFit) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  const ModelFamily family = model_family(file, {}, {"g"});
  const FitTarget good = targets(Eigen::Vector2d(30, 30));
  EXPECT_THROW((void)fit_parameters(model_family(file, {}, {}), good), std::invalid_argument);
  EXPECT_THROW((void)fit_parameters(family, targets(Eigen::VectorXd::Ones(3))),
               std::invalid_argument);
  EXPECT_THROW((void)fit_parameters(family, targets(Eigen::Vector2d(kNaN, kNaN))),
               std::invalid_argument);
  EXPECT_THROW((void)fit_parameters(family, good, {{.lower = 5, .upper = 4}}),
               std::invalid_argument);
  EXPECT_THROW((void)fit_parameters(family, good, {{}, {}}), std::invalid_argument);
  FitOptions strict;
  strict.tolerance = 0;
  EXPECT_THROW((void)fit_parameters(family, good, {}, strict), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
