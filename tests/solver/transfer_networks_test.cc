// Networks of other transfer functions than the LIF neuron's.
#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/solver/rate_family.h>
#include <nuphi/solver/sensitivity.h>
#include <nuphi/solver/stationary.h>

#include <cmath>
#include <limits>

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

TEST(TransferNetworks, WhatIsKnownForLifNeuronsOnlySaysSo) {
  const MeanField field = binary_field();
  EXPECT_THROW(Sensitivity(field, Eigen::Vector2d(0.1, 0.1)), std::invalid_argument);
  EXPECT_THROW(RateFamily([&](double g) { return binary_field(g); }, 5, 7, 6),
               std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
