#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/linear_response.h>

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <limits>
#include <stdexcept>

#include "pairwise_network.h"
#include "random_connectivity.h"

namespace nuphi {
namespace {

using namespace units;

Eigen::MatrixXd reference_connectivity() {
  const test::CsvTable table("pairwise_network.csv");
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(100, 100);
  for (std::size_t k = 0; k < table.size(); ++k)
    W(static_cast<int>(table.number(k, "row")), static_cast<int>(table.number(k, "column"))) =
        table.number(k, "W");
  return W;
}

Eigen::MatrixXd reference_covariances() {
  const test::CsvTable table("pairwise_covariances.csv");
  Eigen::MatrixXd C(100, 100);
  for (std::size_t k = 0; k < table.size(); ++k) {
    const auto i = static_cast<Eigen::Index>(table.number(k, "row"));
    const auto j = static_cast<Eigen::Index>(table.number(k, "column"));
    C(i, j) = C(j, i) = table.number(k, "covariance");
  }
  return C;
}

TEST(EffectiveConnectivity, MeetsTheReferenceInBothStorages) {
  const Eigen::VectorXd rates = test::column(test::CsvTable("pairwise_state.csv"), "rate_polished");
  for (const bool sparse : {false, true}) {
    const MeanField field = test::pairwise_field(sparse);
    const StationaryState state = evaluate_state(field, rates);
    EXPECT_LE(state.residual, 1e-10);
    const Eigen::MatrixXd W = effective_connectivity(field, state);
    // The reference was made at rates 6e-12 away.
    EXPECT_LE((W - reference_connectivity()).cwiseAbs().maxCoeff(), 1e-12);
    EXPECT_EQ((Eigen::MatrixXd(sparse_effective_connectivity(field, state)) - W).norm(), 0);
  }
}

TEST(EffectiveConnectivity, IsTheDerivativeOfTheRateMap) {
  const MeanField field = test::pairwise_field();
  const Eigen::VectorXd rates = test::column(test::CsvTable("pairwise_state.csv"), "rate_polished");
  const Eigen::MatrixXd W = effective_connectivity(field, evaluate_state(field, rates));
  const auto map = [&](const Eigen::VectorXd& nu, Eigen::Index i) {
    const auto& coupling = field.coupling;
    const double mu = coupling.dense(0).row(i).dot(nu) + field.external_mean()[i];
    const double variance = coupling.dense(1).row(i).dot(nu) + field.external_variance()[i];
    return field.lif(0)(mu, std::sqrt(variance)).rate;
  };
  const double h = 1e-2;  // error of the difference: h²/6 of the third derivative, about 1e-9
  for (Eigen::Index i = 0; i < 100; i += 9)
    for (Eigen::Index j = 0; j < 100; j += 7) {
      Eigen::VectorXd up = rates, down = rates;
      up[j] += h, down[j] -= h;
      EXPECT_NEAR(W(i, j), (map(up, i) - map(down, i)) / (2 * h), 1e-8);
    }
}

TEST(EffectiveConnectivity, NeedsNoNoiseWhereNothingIsCoupledToIt) {
  MeanField field;
  field.names = {"silent", "driven"};
  field.nodes.assign(2, LifTransfer{});
  field.coupling = Coupling::dense({Eigen::Matrix2d::Zero(), Eigen::Matrix2d::Zero()});
  field.external = (Eigen::Matrix2d() << 10 * mV, 0, 25 * mV, 0).finished();
  const StationaryState state = evaluate_state(field, Eigen::Vector2d(0, 1));
  EXPECT_EQ(effective_connectivity(field, state).norm(), 0);
  EXPECT_THROW((void)effective_connectivity(field, StationaryState{}), std::invalid_argument);
}

TEST(PairwiseCovariances, MeetTheReference) {
  const test::CsvTable state("pairwise_state.csv");
  const PairwiseCovariances result = pairwise_covariances(
      reference_connectivity(), test::column(state, "rate"), test::column(state, "cv"));
  EXPECT_LE((result.noise_strength - test::column(state, "noise_strength")).cwiseAbs().maxCoeff(),
            1e-12 * 25);
  EXPECT_LE((result.covariances - reference_covariances()).cwiseAbs().maxCoeff(), 1e-12 * 25);
}

TEST(PairwiseCovariances, OfOurOwnStateMeetTheReference) {
  const MeanField field = test::pairwise_field();
  const test::CsvTable table("pairwise_state.csv");
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged());
  EXPECT_LE((result.state.rates - test::column(table, "rate_polished")).cwiseAbs().maxCoeff(),
            1e-9);
  const PairwiseCovariances covariances = pairwise_covariances(
      effective_connectivity(field, result.state), result.state.rates, result.state.cv);
  EXPECT_LE((covariances.covariances - reference_covariances()).cwiseAbs().maxCoeff(), 1e-9 * 25);
}

TEST(PairwiseCovariances, KeepTheAutocovariancesAndSolveTheirEquation) {
  const Eigen::MatrixXd W = test::random_connectivity(200, 40, 0.04, 5, 3);
  const Eigen::VectorXd rates = Eigen::VectorXd::LinSpaced(200, 1, 30);
  const Eigen::VectorXd cv = Eigen::VectorXd::LinSpaced(200, 1.1, 0.4);
  const PairwiseCovariances result = pairwise_covariances(W, rates, cv);
  EXPECT_LE((result.covariances.diagonal() - cv.cwiseAbs2().cwiseProduct(rates)).norm(),
            1e-12 * 100);
  EXPECT_EQ((result.covariances - result.covariances.transpose()).norm(), 0);
  const Eigen::MatrixXd Q = Eigen::MatrixXd::Identity(200, 200) - W;
  const Eigen::MatrixXd D = result.noise_strength.asDiagonal();
  EXPECT_LE((Q * result.covariances * Q.transpose() - D).norm(), 1e-11 * D.norm());
}

TEST(PairwiseCovariances, RefuseSizesThatDisagree) {
  EXPECT_THROW((void)pairwise_covariances(Eigen::MatrixXd(2, 3), Eigen::Vector2d(1, 1),
                                          Eigen::Vector2d(1, 1)),
               std::invalid_argument);
  EXPECT_THROW((void)pairwise_covariances(Eigen::Matrix2d::Zero(), Eigen::Vector3d(1, 1, 1),
                                          Eigen::Vector2d(1, 1)),
               std::invalid_argument);
}

/// E and I of 400 and 100 neurons, effective weights w and −g w, random connections.
struct TwoPopulations {
  static constexpr int kInputs = 100;
  double w = 0.02, g = 5;
  Eigen::Vector2d rates{8, 12}, cv{0.9, 0.8}, sizes{400, 100};

  [[nodiscard]] Eigen::MatrixXd population_connectivity() const {
    Eigen::Matrix2d M;
    M << 0.8 * kInputs * w, -0.2 * kInputs * g * w, 0.8 * kInputs * w, -0.2 * kInputs * g * w;
    return M;
  }
};

TEST(PopulationCovariances, AreTheAveragesOfThePairwiseOnes) {
  const TwoPopulations network;
  const PopulationCovariances mean = population_covariances(
      network.population_connectivity(), network.rates, network.cv, network.sizes);
  Eigen::Matrix2d averages = Eigen::Matrix2d::Zero();
  constexpr int kSeeds = 8;
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Eigen::MatrixXd W =
        test::random_connectivity(500, TwoPopulations::kInputs, network.w, network.g, seed);
    Eigen::VectorXd rates(500), cv(500);
    rates << Eigen::VectorXd::Constant(400, network.rates[0]),
        Eigen::VectorXd::Constant(100, network.rates[1]);
    cv << Eigen::VectorXd::Constant(400, network.cv[0]),
        Eigen::VectorXd::Constant(100, network.cv[1]);
    const Eigen::MatrixXd C = pairwise_covariances(W, rates, cv).covariances;
    averages(0, 0) += C.topLeftCorner(400, 400).mean() / kSeeds;
    averages(0, 1) += C.topRightCorner(400, 100).mean() / kSeeds;
    averages(1, 0) += C.bottomLeftCorner(100, 400).mean() / kSeeds;
    averages(1, 1) += C.bottomRightCorner(100, 100).mean() / kSeeds;
  }
  // One random network differs from the mean by about 4 %, eight by 1.5 %.
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      EXPECT_NEAR(mean.averages(i, j), averages(i, j), 0.04 * averages.cwiseAbs().maxCoeff())
          << mean.averages << "\n"
          << averages;
}

TEST(PopulationCovariances, SplitIntoAutoAndCrossCovariances) {
  const TwoPopulations network;
  const PopulationCovariances result = population_covariances(
      network.population_connectivity(), network.rates, network.cv, network.sizes);
  for (int i = 0; i < 2; ++i) {
    const double N = network.sizes[i], a = result.autocovariances[i];
    EXPECT_NEAR(a / N + (1 - 1 / N) * result.pairwise(i, i), result.averages(i, i), 1e-15);
    EXPECT_NEAR(result.correlations(i, i), result.pairwise(i, i) / a, 1e-15);
  }
  EXPECT_EQ(result.pairwise(0, 1), result.averages(0, 1));
}

TEST(PopulationCovariances, VanishBetweenUncoupledNeurons) {
  const Eigen::Vector2d rates(5, 10), cv(0.7, 0.9), sizes(100, 50);
  const PopulationCovariances renewal =
      population_covariances(Eigen::Matrix2d::Zero(), rates, cv, sizes);
  EXPECT_LE(renewal.pairwise.norm(), 1e-15);
  EXPECT_DOUBLE_EQ(renewal.autocovariances[0], 0.7 * 0.7 * 5);
  const PopulationCovariances poisson =
      population_covariances(Eigen::Matrix2d::Zero(), rates, cv, sizes, NoiseModel::kPoisson);
  EXPECT_DOUBLE_EQ(poisson.averages(1, 1), 10.0 / 50);
}

TEST(PopulationCovariances, OfOneInhibitoryPopulationFollowTheFormulaByHand) {
  // One population with feedback −L: P = 1/(1 + L).
  const double L = 3, N = 500, nu = 10, cv = 0.8, a = cv * cv * nu;
  const double D = a / (1 - 1 / N + 1 / (N * 16));
  const PopulationCovariances result =
      population_covariances(Eigen::MatrixXd::Constant(1, 1, -L), Eigen::VectorXd::Constant(1, nu),
                             Eigen::VectorXd::Constant(1, cv), Eigen::VectorXd::Constant(1, N));
  EXPECT_NEAR(result.averages(0, 0), D / N / 16, 1e-16);
  EXPECT_LT(result.pairwise(0, 0), 0);
  EXPECT_THROW((void)population_covariances(
                   Eigen::MatrixXd::Constant(1, 1, -L), Eigen::VectorXd::Constant(1, nu),
                   Eigen::VectorXd::Constant(1, cv), Eigen::VectorXd::Zero(1)),
               std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
