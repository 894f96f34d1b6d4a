// Networks of other transfer functions than the LIF neuron's.
#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/inverse.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <Eigen/LU>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "rate_problem.h"
#include "support/derivatives.h"

namespace nuphi {
namespace {

/// Binary units, E and I: mean activity with the variance of binary trains.
MeanField binary_field(double g = 6, CouplingStorage storage = CouplingStorage::kDense) {
  MeanField field;
  field.names = {"E", "I"};
  const double J = 0.03;
  const Eigen::Matrix2d K = (Eigen::Matrix2d() << 400, 250, 300, 120).finished();
  const Eigen::Matrix2d weight = (Eigen::Matrix2d() << J, -g * J, J, -g * J).finished();
  const Eigen::MatrixXd mean = K.cwiseProduct(weight);
  const Eigen::MatrixXd variance = mean.cwiseProduct(weight);
  if (storage == CouplingStorage::kSparse) {
    field.coupling = Coupling::sparse({mean.sparseView(), variance.sparseView()});
  } else {
    field.coupling = Coupling::dense({mean, variance});
  }
  field.external = (Eigen::Matrix2d() << 3, 0.1, 1.2, 0.1).finished();
  field.nodes.assign(2, BinaryTransfer{.theta = 1});
  field.variance_sources.assign(2, SourceFunction::kBinaryVariance);
  return field;
}

double normal_share(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }

TEST(TransferNetworks, LifNeuronsAmongOthersAreThoseOfLifNetworks) {
  // A unit that nobody hears makes the network one of several transfer functions.
  const Network network = potjans_diesmann2014();
  const MeanField lif = mean_field(network);
  Network larger = network;
  larger.populations.push_back({"apart", {}, 0, network.populations[0].neuron});
  MeanField other = mean_field(larger);
  other.nodes.back() = ThresholdLinearTransfer{};
  check(other);
  const StationaryResult expected = solve_stationary(lif);
  const StationaryResult result = solve_stationary(other);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_LE((result.state.rates.head(8) - expected.state.rates).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(result.state.rate_dynamics_stable, true);
  EXPECT_LE((result.state.cv.head(8) - expected.state.cv).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_TRUE(std::isnan(result.state.cv[8])) << "no intervals are known";
}

TEST(TransferNetworks, BinaryUnitsFluctuateWithTheirOwnVariance) {
  const MeanField field = binary_field();
  for (const Method method : {Method::kAuto, Method::kNewton, Method::kRelaxation}) {
    const StationaryResult result = solve_stationary(field, {.method = method});
    ASSERT_TRUE(result.converged()) << result.summary.full_report();
    const Eigen::Vector2d m = result.state.rates;
    const Eigen::Vector2d mu = field.coupling.dense(0) * m + field.external_mean();
    const Eigen::Vector2d variance =
        field.coupling.dense(1) * m.cwiseProduct(Eigen::Vector2d::Ones() - m) +
        field.external_variance();
    for (int i = 0; i < 2; ++i) {
      EXPECT_NEAR(m[i], normal_share((mu[i] - 1) / std::sqrt(variance[i])), 1e-13);
      EXPECT_GT(m[i], 0.01);
      EXPECT_LT(m[i], 0.99);
    }
  }
}

TEST(TransferNetworks, TheJacobianIsTheDerivativeOfTheMap) {
  for (const CouplingStorage storage : {CouplingStorage::kDense, CouplingStorage::kSparse}) {
    const MeanField field = binary_field(6, storage);
    RateProblem problem(field);
    const Eigen::Vector2d m(0.22, 0.1);
    const auto value = [&](const Eigen::VectorXd& x) {
      Eigen::VectorXd v(2);
      problem.evaluate(x, v);
      return v;
    };
    Eigen::Matrix2d expected;
    for (int j = 0; j < 2; ++j) {
      expected.col(j) = test::difference(
          [&](double x) {
            Eigen::Vector2d moved = m;
            moved[j] = x;
            return value(moved);
          },
          m[j], 1e-3);
    }
    value(m);
    Eigen::MatrixXd jacobian;
    problem.jacobian(jacobian);
    const double scale = expected.cwiseAbs().maxCoeff();
    EXPECT_LE((jacobian - expected).cwiseAbs().maxCoeff(), 1e-9 * scale);
    const auto map = problem.jacobian_map();
    ASSERT_TRUE(map->update());
    const Eigen::Vector2d v(1, -2);
    Eigen::VectorXd product(2);
    map->multiply(v, product);
    EXPECT_LE((product - jacobian * v).cwiseAbs().maxCoeff(), 1e-14 * scale);
    map->multiply_transposed(v, product);
    EXPECT_LE((product - jacobian.transpose() * v).cwiseAbs().maxCoeff(), 1e-14 * scale);
  }
}

// Without threshold in reach the units are linear: ν = gain (A ν + a − θ).
TEST(TransferNetworks, ThresholdLinearUnitsSolveALinearSystem) {
  MeanField field = binary_field();
  field.coupling = Coupling::dense(
      {(Eigen::Matrix2d() << 0.3, -0.8, 0.5, -0.4).finished(), Eigen::Matrix2d::Zero()});
  field.external = (Eigen::Matrix2d() << 5, 0, 4, 0).finished();
  field.variance_sources.clear();
  field.nodes.assign(2, ThresholdLinearTransfer{.gain = 1, .theta = 1, .spread = 0});
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  // (1 − A) ν = a − θ by Cramer's rule.
  const double determinant = 0.7 * 1.4 + 0.8 * 0.5;
  EXPECT_NEAR(result.state.rates[0], (1.4 * 4 - 0.8 * 3) / determinant, 1e-13);
  EXPECT_NEAR(result.state.rates[1], (0.7 * 3 + 0.5 * 4) / determinant, 1e-13);
}

TEST(TransferNetworks, FunctionsOfTheUserMixWithLifNeurons) {
  MeanField field = mean_field(brunel2000());
  field.nodes = {field.nodes[0], CallableTransfer([](double mu, double) {
                   return TransferRate{100 * std::tanh(mu / 0.05),
                                       2000 / std::pow(std::cosh(mu / 0.05), 2), 0};
                 })};
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_NEAR(result.state.rates[1], 100 * std::tanh(result.state.mean_input[1] / 0.05), 1e-9);
}

const std::string kPowerLaw = NUPHI_SOURCE_DIR "/tests/data/power_law.yaml";

TEST(PowerLawNetworks, AreReadFromYamlAndSolved) {
  const Model model = ModelFile::load(kPowerLaw).resolve();
  const Neuron& neuron = model.network.populations[0].neuron;
  EXPECT_EQ(neuron.model, NeuronModel::kPowerLaw);
  EXPECT_NEAR(neuron.power_law.theta, 5e-3, 1e-17) << "relative to E_L";
  EXPECT_EQ(neuron.power_law.exponent, 2);
  const Network again = ModelFile::parse(to_yaml(model), "written.yaml").resolve().network;
  EXPECT_EQ(again, model.network);
  const MeanField field = mean_field(model.network);
  EXPECT_EQ(name_of(field.nodes[0]), "power_law");
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_GT(result.state.rates[0], 0.1);
  const double nu = result.state.rates[0];  // E and I are alike: a scalar equation
  const double mu = 4e-3 + 20e-3 * 0.02e-3 * (800 - 6 * 200) * nu;
  const double variance = 9e-6 + 20e-3 * 0.02e-3 * 0.02e-3 * (800 + 36 * 200) * nu;
  EXPECT_NEAR(nu, neuron.power_law(mu, std::sqrt(variance)).rate, 1e-11);
  EXPECT_FALSE(find_stationary_states(field).states.empty());
}

// Each against states solved for anew, at values beside.
TEST(PowerLawNetworks, HaveSensitivitiesInTheUnitsOwnParametersToo) {
  const ModelFile file = ModelFile::load(kPowerLaw);
  const Eigen::VectorXd rates = solve_stationary(file.resolve().network).state.rates;
  for (const auto& s : parameter_sensitivities(file, {}, {}, rates)) {
    const auto rate = [&](double value) {
      const std::map<std::string, double, std::less<>> values = {{s.name, value}};
      return solve_stationary(file.resolve(values).network).state.rates[0];
    };
    const double h = 1e-3 * std::abs(s.value);
    const double expected = (8 * (rate(s.value + h) - rate(s.value - h)) -
                             (rate(s.value + 2 * h) - rate(s.value - 2 * h))) /
                            (12 * h);
    EXPECT_NEAR(s.drate[0], expected, 2e-7 * std::abs(expected)) << s.name;
    EXPECT_NEAR(s.elasticity[0], s.value * s.drate[0] / rates[0], 1e-9) << s.name;
  }
}

TEST(PowerLawNetworks, AreContinuedAndFitted) {
  const ModelFile file = ModelFile::load(kPowerLaw);
  const MeanFieldFamily family = [&](double n) {
    const std::map<std::string, double, std::less<>> values = {{"n", n}};
    return mean_field(file.resolve(values).network);
  };
  ContinuationOptions options;
  options.lower = 1.5;
  options.upper = 3;
  const StationaryBranch along = continue_stationary(family, options);
  EXPECT_EQ(along.branch.back, BranchEnd::kUpper);
  const auto& last = along.branch.points.back();
  EXPECT_NEAR(last.x[0], solve_stationary(family(last.parameter)).state.rates[0], 1e-8);

  FitTarget target;
  target.rates = Eigen::Vector2d(1.2, std::numeric_limits<double>::quiet_NaN());
  const FitResult fit = fit_parameters(model_family(file, {}, {"theta"}), target);
  ASSERT_TRUE(fit.converged()) << fit.summary.full_report();
  EXPECT_NEAR(fit.state.rates[0], 1.2, 1e-8);
}

// The gradient is all that is needed.
TEST(TransferNetworks, BinaryUnitsHaveBranchesAndSensitivities) {
  const auto state = [](double g) { return solve_stationary(binary_field(g)).state.rates; };
  const double h = 1e-3;
  const Eigen::VectorXd expected =
      (8 * (state(6 + h) - state(6 - h)) - (state(6 + 2 * h) - state(6 - 2 * h))) / (12 * h);
  const MeanField field = binary_field();
  RateFamily family([](double g) { return binary_field(g); }, 5, 7, 6);
  Eigen::VectorXd value(2), direct(2), rates(2);
  family.evaluate(state(6), value);
  family.parameter_derivative(0, direct);
  Eigen::MatrixXd jacobian(2, 2);
  family.jacobian(jacobian);
  rates = (Eigen::Matrix2d::Identity() - jacobian).inverse() * direct;
  EXPECT_LE((rates - expected).cwiseAbs().maxCoeff(), 1e-8 * expected.cwiseAbs().maxCoeff());
  // One more volt of drive to E alone.
  InputDerivative drive;
  drive.mean = Eigen::Vector2d(1, 0);
  drive.variance = Eigen::Vector2d::Zero();
  const RateDerivative found = Sensitivity(field, state(6)).forward(drive);
  MeanField up = field, down = field;
  up.external_mean()[0] += h;
  down.external_mean()[0] -= h;
  const Eigen::VectorXd slope =
      (solve_stationary(up).state.rates - solve_stationary(down).state.rates) / (2 * h);
  EXPECT_LE((found.rates - slope).cwiseAbs().maxCoeff(), 1e-5 * slope.cwiseAbs().maxCoeff());
  EXPECT_LE((found.log_rates - found.rates.cwiseQuotient(state(6))).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(TransferNetworks, WhatIsKnownForLifNeuronsOnlySaysSo) {
  try {
    (void)external_mean_for_rates(binary_field(), Eigen::Vector2d(0.1, 0.1));
    FAIL() << "not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("transfer function binary"), std::string::npos);
  }
}

}  // namespace
}  // namespace nuphi
