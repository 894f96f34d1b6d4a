#include <gtest/gtest.h>
#include <nuphi/core/jump_correction.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <cmath>

#include "support/csv.h"

namespace nuphi {
namespace {

using namespace nuphi::units;

const LifParameters kNeuron{20 * ms, 2 * ms, 20 * mV, 10 * mV};

TEST(MeanOvershoot, IsAThirdOfUpwardJumpsAndHalfOfALattice) {
  const double J = 0.7;
  EXPECT_NEAR(mean_overshoot(J * J, {{J, 1}}), J / 3, 0.01 * J);
  EXPECT_NEAR(mean_overshoot(J * J, {{J, 0.5}, {-J, 0.5}}), J / 2, 0.01 * J);
  EXPECT_NEAR(mean_overshoot(J * J, {{-J, 1}}), 0, 0.01 * J);
  EXPECT_NEAR(mean_overshoot(1, {{J, 0.3 / (J * J)}}), 0.3 * J / 3, 0.01 * J);  // 70 % Gaussian
  EXPECT_EQ(mean_overshoot(1, {}), 0);
}

/// The bulk part is (α/18) σ³ ∂³T/∂μ³ of the mean interval T(μ), here by differences; downward
/// jumps have no overshoot.
TEST(JumpCorrection, IsTheThirdDerivativeOfTheIntervalInTheMean) {
  const double J = -0.2 * mV, sigma = 3 * mV, h = 0.02 * mV;
  const double rate = sigma * sigma / (20 * ms * J * J);
  for (const double mu : {12 * mV, 16 * mV, 22 * mV}) {
    const auto interval = [&](double m) { return 1 / siegert(m, sigma, kNeuron).rate; };
    const double third = (interval(mu + 2 * h) - 2 * interval(mu + h) + 2 * interval(mu - h) -
                          interval(mu - 2 * h)) /
                         (2 * h * h * h);
    const double alpha = J / sigma;
    const double change = alpha / 18 * std::pow(sigma, 3) * third;  // of the interval
    const double expected = -change / interval(mu);
    // The overshoot is known to 1 % of J; differences to h².
    EXPECT_NEAR(jump_correction(mu, sigma, kNeuron, {{J, rate}}), expected,
                0.01 * std::abs(expected) + 5e-4)
        << mu;
  }
}

/// Exact simulations of jumps: first order while it is small.
TEST(JumpCorrection, AgreesWithSimulationsWhereItIsSmall) {
  const test::CsvTable table("poisson_jumps.csv");
  int compared = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double mu = table.number(i, "mu"), sigma = table.number(i, "sigma");
    const double up = table.number(i, "excitatory"), down = table.number(i, "inhibitory");
    const double share = table.number(i, "share"), per_variance = sigma * sigma / kNeuron.tau_m;
    std::vector<PoissonJumps> jumps;
    if (up > 0) jumps.push_back({up, share * per_variance / (up * up)});
    if (down < 0) jumps.push_back({down, (1 - share) * per_variance / (down * down)});
    const double estimate = jump_correction(mu, sigma, kNeuron, jumps);
    const double theory = siegert(mu, sigma, kNeuron).rate;
    const double error = table.number(i, "rate") / theory - 1;
    const double noise = table.number(i, "rate_se") / theory;
    // What is of second order is of the size of the square; jumps of V_th − V_reset over 3 are no
    // longer small in any sense.
    const double second = 2 * estimate * estimate + 0.6 * std::pow(std::fmax(up, -down) / sigma, 2);
    EXPECT_NEAR(estimate, error, second + 3.5 * noise) << "row " << i;
    EXPECT_EQ(estimate > 0, error > 0) << "row " << i << ": " << estimate << " " << error;
    if (second < 0.02) ++compared;
  }
  EXPECT_GE(compared, 6);
}

TEST(JumpCorrection, StaysFiniteWhereTheRateUnderflows) {
  const double J = 0.1 * mV, sigma = 0.2 * mV;
  const double change =
      jump_correction(0, sigma, kNeuron, {{J, sigma * sigma / (20 * ms * J * J)}});
  EXPECT_TRUE(std::isfinite(change));
  EXPECT_GT(change, 1e3);
  EXPECT_EQ(jump_correction(12 * mV, 0, kNeuron, {}), 0);
  EXPECT_TRUE(std::isnan(jump_correction(12 * mV, -1, kNeuron, {})));
}

}  // namespace
}  // namespace nuphi
