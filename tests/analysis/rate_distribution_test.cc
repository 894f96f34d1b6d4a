#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/stationary.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "../../analysis/src/distribution_problem.h"

namespace nuphi {
namespace {

using namespace units;

Network brunel(IndegreeDistribution distribution, double scale = 1) {
  Network network = brunel2000({.J = 0.1 * mV / scale,
                                .eta = 1.5,
                                .C_E = 1000 * scale,
                                .excitatory_size = 10000 * scale,
                                .inhibitory_size = 2500 * scale});
  for (Projection& p : network.projections) p.indegree_distribution = distribution;
  return network;
}

Network microcircuit() {
  Network network = potjans_diesmann2014();
  for (Projection& p : network.projections) {
    p.indegree_distribution = IndegreeDistribution::kPoisson;  // multapses
    p.weight_cv = 0.1;
  }
  return network;
}

TEST(RateDistribution, OfEqualNeuronsIsTheStationaryState) {
  const Network network = brunel(IndegreeDistribution::kFixed);
  const RateDistribution result = solve_rate_distribution(network);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  const StationaryResult state = solve_stationary(network);
  for (const QuenchedPopulation& p : result.populations) {
    EXPECT_NEAR(p.mean_rate, state.state.rates[0], 1e-7);
    EXPECT_NEAR(p.rate_sd, 0, 1e-3);  // √(r² − m²) of a difference of 1e-9 Hz
    EXPECT_NEAR(p.mean_input, state.state.mean_input[0], 1e-11);
  }
}

TEST(RateDistribution, SatisfiesItsEquationsBySampling) {
  const Network network = brunel(IndegreeDistribution::kBinomial);
  const RateDistribution result = solve_rate_distribution(network);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  // The definition, neuron by neuron: mean and s.d. of sampled rates give back the spread of the
  // input.
  const QuenchedPopulation& p = result.populations[0];
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  constexpr int kNeurons = 100000;
  double sum = 0, squares = 0;
  for (int k = 0; k < kNeurons; ++k) {
    const double z1 = normal(engine), z2 = normal(engine), rho = p.correlation;
    const double v = p.variance + p.variance_sd * (rho * z1 + std::sqrt(1 - rho * rho) * z2);
    const double rate =
        siegert(p.mean_input + p.mean_input_sd * z1, std::sqrt(v), p.neuron, p.correction).rate;
    sum += rate, squares += rate * rate;
  }
  const double mean = sum / kNeurons, sd = std::sqrt(squares / kNeurons - mean * mean);
  EXPECT_NEAR(p.mean_rate, mean, 5 * sd / std::sqrt(kNeurons));
  EXPECT_NEAR(p.rate_sd, sd, 5 * sd / std::sqrt(kNeurons));
  // Both populations of model A receive the same input: Δ² = τ² K_E J² (1 + g²/4) (1 − p) ⟨ν²⟩.
  const double square = p.mean_rate * p.mean_rate + p.rate_sd * p.rate_sd;
  const double expected = 20 * ms * std::sqrt(1000 * (1 + 25.0 / 4) * 0.9 * square) * 0.1 * mV;
  EXPECT_NEAR(p.mean_input_sd, expected, 1e-9 * expected);
}

TEST(RateDistribution, DoesNotDependOnTheNumberOfNodes) {
  for (const Network& network : {brunel(IndegreeDistribution::kPoisson), microcircuit()}) {
    const RateDistribution coarse = solve_rate_distribution(network);
    const RateDistribution fine =
        solve_rate_distribution(network, {.nodes = 90, .variance_nodes = 13});
    ASSERT_TRUE(coarse.converged() && fine.converged());
    for (std::size_t i = 0; i < fine.populations.size(); ++i) {
      const QuenchedPopulation &a = coarse.populations[i], &b = fine.populations[i];
      EXPECT_NEAR(a.mean_rate, b.mean_rate, 1e-7 * b.mean_rate) << i;
      EXPECT_NEAR(a.rate_sd, b.rate_sd, 1e-6 * b.rate_sd) << i;
    }
  }
}

TEST(RateDistribution, JacobianIsTheDerivativeOfTheMap) {
  Network network = brunel(IndegreeDistribution::kPoisson);
  network.projections[0].weight_cv = 0.3;
  network.projections[1].indegree_distribution = IndegreeDistribution::kFixed;
  network.projections[2].indegree_distribution = IndegreeDistribution::kBinomial;
  for (const Correction correction : {Correction::kShift, Correction::kTaylor}) {
    network.correction = correction;
    if (correction == Correction::kTaylor)
      for (Population& p : network.populations) {
        p.neuron.model = NeuronModel::kLifExp;
        p.neuron.C_m = 250 * pF;
        p.neuron.tau_syn_ex = p.neuron.tau_syn_in = 0.5 * ms;
      }
    const detail::QuenchedInput input = detail::quenched_input(network);
    detail::DistributionProblem problem(input, 60, 15);
    const Eigen::VectorXd x = (Eigen::VectorXd(4) << 20, 25, 27, 30).finished();
    Eigen::VectorXd value(4), up(4), down(4);
    problem.evaluate(x, value);
    Eigen::MatrixXd jacobian;
    problem.jacobian(jacobian);
    for (int j = 0; j < 4; ++j) {
      const double h = 1e-3;  // h²/6 of the third derivative: 1e-8
      problem.evaluate(x + h * Eigen::VectorXd::Unit(4, j), up);
      problem.evaluate(x - h * Eigen::VectorXd::Unit(4, j), down);
      for (int i = 0; i < 4; ++i)
        EXPECT_NEAR(jacobian(i, j), (up[i] - down[i]) / (2 * h),
                    1e-6 * jacobian.cwiseAbs().maxCoeff())
            << i << j;
    }
  }
}

TEST(RateDistribution, QuantilesInvertTheShares) {
  const RateDistribution result = solve_rate_distribution(microcircuit());
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  for (const QuenchedPopulation& p : result.populations) {
    double before = 0;
    for (const double share : {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99}) {
      const double rate = rate_quantile(p, share);
      EXPECT_GT(rate, before);
      EXPECT_NEAR(rate_cdf(p, rate), share, 1e-9);
      before = rate;
    }
    EXPECT_EQ(rate_cdf(p, 0), 0);
    EXPECT_NEAR(rate_cdf(p, 1e4), 1, 1e-15);
    EXPECT_TRUE(std::isnan(rate_quantile(p, 0)));
  }
}

TEST(RateDistribution, SharesIntegrateToTheMean) {
  const RateDistribution result = solve_rate_distribution(brunel(IndegreeDistribution::kBinomial));
  const QuenchedPopulation& p = result.populations[1];
  // ⟨ν⟩ = ∫ (1 − F) dν; Simpson's rule, no rates beyond 200 Hz.
  const int n = 2000;
  double sum = 0;
  for (int k = 0; k <= n; ++k)
    sum += (1 - rate_cdf(p, 200.0 * k / n)) * (k == 0 || k == n ? 1 : k % 2 == 1 ? 4 : 2);
  EXPECT_NEAR(sum * 200 / (3 * n), p.mean_rate, 1e-5 * p.mean_rate);
}

TEST(RateDistribution, NarrowsWithSizeOnlyAsTheInputDoes) {
  // Weights ∝ 1/K would remove the spread; here J √K falls, and with it Δ_μ ∝ J √K ν.
  const QuenchedPopulation small =
      solve_rate_distribution(brunel(IndegreeDistribution::kBinomial)).populations[0];
  const QuenchedPopulation large =
      solve_rate_distribution(brunel(IndegreeDistribution::kBinomial, 4)).populations[0];
  EXPECT_LT(large.mean_input_sd / std::hypot(large.mean_rate, large.rate_sd),
            0.51 * small.mean_input_sd / std::hypot(small.mean_rate, small.rate_sd));
}

TEST(RateDistribution, SpreadsExternalWeights) {
  Network network;
  network.name = "one population";
  network.populations = {
      {.name = "E",
       .size = 1000,
       .neuron = {.tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV}}};
  const double K = 1000, J = 0.1 * mV, rate = 11 * Hz, w = 0.4, tau = 20 * ms;
  network.inputs = {{0, PoissonInput{K, rate, J, w}}};
  const RateDistribution result = solve_rate_distribution(network);
  ASSERT_TRUE(result.converged());
  const QuenchedPopulation& p = result.populations[0];
  EXPECT_NEAR(p.mean_input_sd, tau * J * w * rate * std::sqrt(K), 1e-15);
  EXPECT_NEAR(p.variance, tau * K * J * J * (1 + w * w) * rate, 1e-18);
  // Var J² of a normal weight: J⁴ (4w² + 2w⁴).
  EXPECT_NEAR(p.variance_sd, tau * J * J * rate * std::sqrt(K * (4 * w * w + 2 * std::pow(w, 4))),
              1e-18);
  EXPECT_GT(p.rate_sd, 0);
}

TEST(RateDistribution, RefusesBinomialIndegreesWithoutSizes) {
  Network network = brunel(IndegreeDistribution::kBinomial);
  network.populations[0].size = 0;
  EXPECT_THROW((void)solve_rate_distribution(network), ModelError);
  EXPECT_THROW((void)solve_rate_distribution(brunel(IndegreeDistribution::kFixed), {.nodes = 0}),
               std::invalid_argument);
}

TEST(GaussHermite, IntegratesPolynomialsOfTwiceItsDegree) {
  for (const int n : {1, 2, 7, 40, 100}) {
    const detail::GaussHermite rule = detail::gauss_hermite(n);
    double sum = 0, second = 0, cosine = 0;
    for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
      const double z = rule.nodes[k], w = rule.weights[k];
      sum += w, second += w * z * z, cosine += w * std::cos(z);
      EXPECT_NEAR(z, -rule.nodes[rule.nodes.size() - 1 - k], 1e-13);
    }
    EXPECT_NEAR(sum, 1, 1e-13) << n;
    if (n >= 2) {
      EXPECT_NEAR(second, 1, 1e-12) << n;
    }
    if (n >= 40) {
      EXPECT_NEAR(cosine, std::exp(-0.5), 1e-14) << n;
    }
  }
}

}  // namespace
}  // namespace nuphi
