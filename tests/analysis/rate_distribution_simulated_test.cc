// What the theory of rate distributions says about spiking networks; docs/theory/heterogeneity.md
// tells where it helps.
#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/csv.h"

namespace nuphi {
namespace {

Network brunel(const test::CsvTable& table, std::size_t row) {
  const double K = table.number(row, "K_E");
  Network network = brunel2000({.J = table.number(row, "J"),
                                .eta = 1.5,
                                .C_E = K,
                                .excitatory_size = 10 * K,
                                .inhibitory_size = 2.5 * K});
  for (Projection& p : network.projections)
    p.indegree_distribution = table.text(row, "network") == "binomial"
                                  ? IndegreeDistribution::kBinomial
                                  : IndegreeDistribution::kFixed;
  return network;
}

TEST(RateDistributionAgainstSimulation, BinomialIndegreesSpreadTheRatesAsPredicted) {
  const test::CsvTable table("rate_distributions_simulated.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "network") != "binomial") continue;
    const RateDistribution theory = solve_rate_distribution(brunel(table, row));
    ASSERT_TRUE(theory.converged());
    const QuenchedPopulation& p = theory.populations[table.text(row, "population") == "E" ? 0 : 1];
    // 12 % too narrow in the large network, whose correlated input the theory leaves out; 7 % in
    // the small one.
    EXPECT_NEAR(p.rate_sd / table.number(row, "sd"), 0.9, 0.05);
    EXPECT_NEAR(rate_quantile(p, 0.5) / table.number(row, "q50"), 1, 0.05);
    EXPECT_NEAR(rate_quantile(p, 0.75) / table.number(row, "q75"), 1, 0.07);
    EXPECT_NEAR(rate_quantile(p, 0.95) / table.number(row, "q95"), 1, 0.05);
    // The slowest neurons are slower still.
    EXPECT_GT(rate_quantile(p, 0.05), table.number(row, "q5"));
  }
}

TEST(RateDistributionAgainstSimulation, FixedIndegreesLeaveRatesEqual) {
  const test::CsvTable table("rate_distributions_simulated.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "network") != "fixed") continue;
    const RateDistribution theory = solve_rate_distribution(brunel(table, row));
    const QuenchedPopulation& p = theory.populations[table.text(row, "population") == "E" ? 0 : 1];
    EXPECT_LE(p.rate_sd, 1e-3);
    EXPECT_LE(table.number(row, "sd"), 1.0);  // against 16 to 23 Hz with binomial in-degrees
    EXPECT_NEAR(p.mean_rate / table.number(row, "rate"), 1, 0.03);
  }
}

TEST(RateDistributionAgainstSimulation, OfTheMicrocircuitHasTheRightWidthByPopulation) {
  Network network = potjans_diesmann2014();
  for (Projection& p : network.projections) {
    p.indegree_distribution = IndegreeDistribution::kPoisson;  // multapses
    p.weight_cv = 0.1;
  }
  const RateDistribution theory = solve_rate_distribution(network);
  ASSERT_TRUE(theory.converged());
  const test::CsvTable table("rate_distributions_simulated.csv");
  std::size_t population = 0;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "network") != "microcircuit") continue;
    ASSERT_EQ(network.populations[population].name, table.text(row, "population"));
    const QuenchedPopulation& p = theory.populations[population++];
    // Means to 14 %, worst in the sparsely firing 2/3E; widths 9 to 25 % too small.
    EXPECT_NEAR(p.mean_rate / table.number(row, "rate"), 1, 0.15);
    EXPECT_NEAR(p.rate_sd / table.number(row, "sd"), 0.83, 0.09);
    EXPECT_NEAR(rate_quantile(p, 0.5) / table.number(row, "q50"), 1, 0.26);
  }
  EXPECT_EQ(population, 8u);
}

}  // namespace
}  // namespace nuphi
