// States up to permutation of populations that are exchangeable.
#include <gtest/gtest.h>
#include <nuphi/rates/symmetry.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "networks.h"

namespace nuphi {
namespace {

using namespace units;

/// Populations that excite themselves and inhibit each other, all alike.
MeanField winner_take_all(Eigen::Index n) {
  const LifParameters neuron{20 * ms, 2 * ms, 20 * mV, 10 * mV, 0};
  Eigen::MatrixXd K = Eigen::MatrixXd::Constant(n, n, 200), W(n, n);
  W.setConstant(-0.1 * mV);
  W.diagonal().setConstant(0.2 * mV);
  return test::dense_field(std::vector<LifParameters>(static_cast<std::size_t>(n), neuron), K, W,
                           Eigen::VectorXd::Constant(n, 17 * mV),
                           Eigen::VectorXd::Constant(n, 9 * mV * mV));
}

/// Clusters of an excitatory and an inhibitory population each, and an unclustered rest of both
/// (Papadopoulos et al. 2025, docs/theory/solver.md): populations E_1 … E_p, E_rest, I_1 … I_p,
/// I_rest.
MeanField clustered(Eigen::Index clusters) {
  const auto p = static_cast<double>(clusters);
  const double f = 0.9 / p, unit = 1 * mV / std::sqrt(2000.0);
  const auto depressed = [&](double potentiated) {
    return (2 * f - p * f * f - f * f * potentiated) / (2 * f - p * f * f - f * f);
  };
  const double within[2][2] = {{15.75, 6.25}, {5.45, 5}};
  const double weight[2][2] = {{0.63 * unit, -1.9 * unit}, {0.63 * unit, -3.8 * unit}};
  const double indegree[2][2] = {{320, 200}, {800, 200}};
  const Eigen::Index half = clusters + 1, n = 2 * half;
  Eigen::MatrixXd K(n, n), W(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index to = i / half, from = j / half, a = i % half, b = j % half;
      const bool rest_to = a == clusters, rest_from = b == clusters;
      const double strength = within[to][from];
      K(i, j) = indegree[to][from] * (rest_from ? 0.1 : f);
      W(i, j) = weight[to][from] * (rest_to && rest_from ? 1
                                    : a == b             ? strength
                                                         : depressed(strength));
    }
  }
  std::vector<LifParameters> neurons(static_cast<std::size_t>(n),
                                     {20 * ms, 5 * ms, 1.5 * mV, 0, 5 * ms});
  for (Eigen::Index i = half; i < n; ++i) neurons[static_cast<std::size_t>(i)].V_th = 0.75 * mV;
  const double rate = 320 * 7 * Hz, jump = 2.3 * unit;
  return test::dense_field(neurons, K, W, Eigen::VectorXd::Constant(n, 20 * ms * rate * jump),
                           Eigen::VectorXd::Constant(n, 20 * ms * rate * jump * jump));
}

TEST(ExchangeableUnits, AreEqualPopulations) {
  const std::vector<Exchangeable> groups = exchangeable_units(winner_take_all(4));
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].units, (std::vector<std::vector<Eigen::Index>>{{0}, {1}, {2}, {3}}));
}

TEST(ExchangeableUnits, HoldPopulationsThatChangePlacesTogether) {
  const std::vector<Exchangeable> groups = exchangeable_units(clustered(5));
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].units,
            (std::vector<std::vector<Eigen::Index>>{{0, 6}, {1, 7}, {2, 8}, {3, 9}, {4, 10}}));
}

TEST(ExchangeableUnits, EndWhereANumberDiffers) {
  MeanField field = winner_take_all(4);
  field.external_mean()[1] *= 1 + 1e-12;
  field.coupling.dense(MeanField::kMean)(3, 0) *= 1 - 1e-12;
  // 0 and 3 differ from each other and from 2 by what they get and give.
  EXPECT_TRUE(exchangeable_units(field).empty());
  MeanField other = winner_take_all(4);
  other.lif(2).neuron.t_ref = 3 * ms;
  const std::vector<Exchangeable> groups = exchangeable_units(other);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].units, (std::vector<std::vector<Eigen::Index>>{{0}, {1}, {3}}));
}

// Rates from the highest to the lowest: the same for all states of a class.
Eigen::VectorXd descending(Eigen::VectorXd rates) {
  std::sort(rates.begin(), rates.end(), std::greater<>());
  return rates;
}

TEST(StateClasses, AreThoseOfAllStates) {
  const MeanField field = winner_take_all(3);
  const StationarySet all = find_stationary_states(field);
  const StateClasses found = find_states_up_to_symmetry(field);
  ASSERT_EQ(all.missing_states, false);
  ASSERT_EQ(found.classes.size(), found.set.states.size());
  EXPECT_EQ(found.set.index_sum, 1);
  EXPECT_EQ(found.set.missing_states, false);
  EXPECT_LT(found.classes.size(), all.states.size());
  double total = 0;
  for (std::size_t k = 0; k < found.classes.size(); ++k) {
    EXPECT_EQ(found.classes[k].members, std::vector<std::size_t>{k});
    total += found.classes[k].size;
    const Eigen::VectorXd rates = descending(found.set.states[k].rates);
    const auto count =
        std::count_if(all.states.begin(), all.states.end(), [&](const StationaryState& state) {
          return (descending(state.rates) - rates).cwiseAbs().maxCoeff() < 1e-6 * Hz;
        });
    EXPECT_EQ(static_cast<double>(count), found.classes[k].size) << rates.transpose();
  }
  EXPECT_EQ(total, static_cast<double>(all.states.size()));
}

// Five million states; k of 18 clusters are active in the stable ones. That the indices of all of
// them add up to 1 says that no class is missing but in pairs.
TEST(StateClasses, OfEighteenClustersAreFound) {
  const StateClasses found = find_states_up_to_symmetry(clustered(18));
  EXPECT_EQ(found.set.index_sum, 1) << found.set.summary.message;
  EXPECT_EQ(found.set.missing_states, false);
  EXPECT_EQ(found.classes.size(), 41U);
  std::set<double> stable;
  for (std::size_t k = 0; k < found.classes.size(); ++k) {
    if (found.set.states[k].rate_dynamics_stable == true) stable.insert(found.classes[k].size);
  }
  // Binomial coefficients of 18 over 2, …, 6.
  EXPECT_EQ(stable, (std::set<double>{153, 816, 3060, 8568, 18564}));
}

TEST(StateClasses, WithoutSymmetryAreTheStates) {
  const StateClasses found = find_states_up_to_symmetry(test::bistable_field());
  EXPECT_TRUE(found.groups.empty());
  EXPECT_EQ(found.set.states.size(), 3U);
  ASSERT_EQ(found.classes.size(), 3U);
  for (const StateClass& c : found.classes) EXPECT_EQ(c.size, 1);
}

}  // namespace
}  // namespace nuphi
