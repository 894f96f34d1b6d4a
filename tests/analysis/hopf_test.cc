// Hopf points along branches: counts that are carried from state to state, and points beside folds.
#include <nuphi/analysis/hopf.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/rate_family.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "../../analysis/src/branch_count.h"
#include "many_populations.h"

namespace nuphi::test {
namespace {

using namespace units;

constexpr double kHopf = 5.3394910501803649605;  // g of Brunel 2000 at eta = 4; mpmath

/// Brunel's network at g and beside it, not connected with it, a population that excites itself:
/// with mean input `drive` [V] it has a fold where it ignites.
Network oscillator_and_switch(double g, double drive) {
  Network network = brunel2000({.g = g, .eta = 4});
  Neuron neuron = network.populations[0].neuron;
  network.populations.push_back({"S", PopulationKind::kExcitatory, 0, neuron});
  network.projections.push_back({.source = 2,
                                 .target = 2,
                                 .indegree = 1000,
                                 .weight = 0.2 * mV,
                                 .delay = Delay{.mean = 1.5 * ms}});
  network.inputs.push_back({2, NoiseInput{.mean = drive, .sigma = 4 * mV}});
  return network;
}

/// The branch over the drive, at a fixed g, through its first fold.
StationaryBranch ignition() {
  ContinuationOptions options;
  options.lower = 0;
  options.upper = 20 * mV;
  return continue_stationary(
      [](double drive) { return mean_field(oscillator_and_switch(6, drive)); }, options);
}

/// The states before and after the first fold between which it and the Hopf point of the oscillator
/// lie. g passes the Hopf point, `from` above and to below, while the drive passes the fold.
struct FoldAndHopf {
  NetworkFamily family;
  std::vector<ParameterState> states;
};

/// @param sign  of dg/dp: +1 the oscillation grows, −1 it dies out, while p rises towards the fold
FoldAndHopf fold_and_hopf(double sign) {
  const Branch branch = ignition().branch;
  const auto is_fold = [](const SpecialPoint& s) { return s.kind == SpecialPointKind::kFold; };
  const auto fold =
      std::find_if(branch.special_points.begin(), branch.special_points.end(), is_fold);
  const double at = fold->point.parameter;
  // p is the drive up to the fold; the states lie 1 % and 0.2 % below it, the Hopf point between.
  const NetworkFamily family = [=](double p) {
    return oscillator_and_switch(kHopf + sign * (p - 0.995 * at) / mV, p);
  };
  const auto state = [&](double p, double rate) {
    SolveOptions solve;
    solve.method = Method::kNewton;  // to the saddle, too
    solve.initial_rates = Eigen::Vector3d(75, 75, rate);
    const StationaryResult result = solve_stationary(family(p), solve);
    EXPECT_TRUE(result.converged());
    return ParameterState{p, result.state.rates};
  };
  const auto near = [&](double p, int from, int to) {
    const BranchPoint* best = &branch.points[static_cast<std::size_t>(from)];
    for (int k = from; k < to; ++k) {
      const BranchPoint& point = branch.points[static_cast<std::size_t>(k)];
      if (std::abs(point.parameter - p) < std::abs(best->parameter - p)) best = &point;
    }
    return best->x[2];
  };
  const int last = static_cast<int>(branch.points.size());
  return {family,
          {state(0.99 * at, near(0.99 * at, 0, fold->after + 1)),
           state(0.998 * at, near(0.998 * at, fold->after + 1, std::min(last, fold->after + 12)))}};
}

class FoldAndHopfInOneStep : public testing::TestWithParam<int> {};

TEST_P(FoldAndHopfInOneStep, TheHopfPointIsFound) {
  const FoldAndHopf step = fold_and_hopf(GetParam());
  // The two states lie on either side of the fold.
  ASSERT_GT(step.states[1].rates[2], 1.05 * step.states[0].rates[2]);
  const HopfSearch search = search_hopf_points(step.family, step.states);
  ASSERT_EQ(search.unstable_modes.size(), 2U);
  ASSERT_TRUE(search.unstable_modes[0] && search.unstable_modes[1]);
  // One real mode has become unstable, and a pair has crossed: the count changes by 1 ± 2.
  EXPECT_EQ(*search.unstable_modes[1] - *search.unstable_modes[0], 1 + 2 * GetParam());
  ASSERT_EQ(search.points.size(), 1U);
  const HopfPoint& point = search.points.front();
  const double g = step.family(point.parameter).projections[2].weight / (-0.1 * mV);
  EXPECT_NEAR(g, kHopf, 1e-9);
  EXPECT_NEAR(point.frequency, 184.43590123753164485, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Directions, FoldAndHopfInOneStep, testing::Values(1, -1));

/// States of a network of many populations over p.
std::vector<ParameterState> states_over(const NetworkFamily& family, double from, double to,
                                        int count) {
  std::vector<ParameterState> states;
  SolveOptions solve;
  for (int k = 0; k < count; ++k) {
    const double p = from + (to - from) * k / (count - 1);
    const StationaryResult result = solve_stationary(family(p), solve);
    EXPECT_TRUE(result.converged()) << p;
    states.push_back({p, result.state.rates});
    solve.initial_rates = result.state.rates;
  }
  return states;
}

/// From 32 populations on, counts are carried from state to state where that can be proven
/// (analysis/src/branch_count.h): they are those of the states one by one, and so are the
/// intervals in which Hopf points lie.
struct Stretch {
  bool of_weight;  ///< p is g, else eta
  double from, to;
  int seed;
  int hopf_points;
  ColourResponse colour = ColourResponse::kQuasiStatic;
};
class CarriedCounts : public testing::TestWithParam<Stretch> {};

TEST_P(CarriedCounts, AreThoseOfEachStateByItself) {
  const Stretch at = GetParam();
  const NetworkFamily family = [=](double p) {
    const auto seed = static_cast<std::uint64_t>(at.seed);
    Network network = at.of_weight ? many_populations(32, p, 3, 0.2, seed)
                                   : many_populations(32, 6, p, 0.2, seed);
    network.response.colour = at.colour;
    return network;
  };
  const std::vector<ParameterState> states = states_over(family, at.from, at.to, 7);
  const HopfSearch search = search_hopf_points(family, states);
  ASSERT_EQ(search.unstable_modes.size(), states.size());
  std::vector<int> counts;
  for (std::size_t k = 0; k < states.size(); ++k) {
    const double by_itself = unstable_mode_count(family(states[k].parameter), states[k].rates);
    ASSERT_TRUE(search.unstable_modes[k].has_value()) << k;
    EXPECT_EQ(*search.unstable_modes[k], by_itself) << k;
    counts.push_back(static_cast<int>(by_itself));
  }
  for (std::size_t k = 1; k < states.size(); ++k) {
    const auto inside = [&](const HopfPoint& h) {
      return h.parameter > states[k - 1].parameter && h.parameter < states[k].parameter;
    };
    const auto found = std::count_if(search.points.begin(), search.points.end(), inside);
    EXPECT_EQ(found, std::abs(counts[k] - counts[k - 1]) / 2) << k;
  }
  EXPECT_EQ(static_cast<int>(search.points.size()), at.hopf_points);
}

/// Between two Hopf points counts are carried, and one that does not change is not carried to a
/// state beyond a Hopf point.
TEST(CarriedCount, IsProvenWhereNoModeCrossesAndNotWhereOneDoes) {
  const NetworkFamily family = [](double eta) {
    Network network = many_populations(32, 6, eta, 0.2, 1);
    network.response.colour = ColourResponse::kQuasiStatic;  // its Hopf point lies at 2.7
    return network;
  };
  const auto count_over = [&](double from, double to) {
    detail::BranchCount count({});
    std::vector<detail::BranchCountAt> counts;
    for (const ParameterState& state : states_over(family, from, to, 4)) {
      const Network network = family(state.parameter);
      counts.push_back(count.next({network, evaluate_state(mean_field(network), state.rates), {}}));
    }
    return counts;
  };
  const std::vector<detail::BranchCountAt> apart = count_over(4, 4.01);
  EXPECT_FALSE(apart[0].is_carried);
  for (std::size_t k = 1; k < apart.size(); ++k) EXPECT_TRUE(apart[k].is_carried) << k;
  const std::vector<detail::BranchCountAt> across = count_over(2.69, 2.73);
  ASSERT_NE(across.front().unstable, across.back().unstable);
  for (std::size_t k = 1; k < across.size(); ++k) {
    const bool is_same = across[k].unstable == across[k - 1].unstable;
    EXPECT_FALSE(across[k].is_carried && !is_same) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, CarriedCounts,
                         testing::Values(Stretch{false, 2.69, 2.73, 1, 1},
                                         Stretch{false, 4, 4.02, 1, 0},
                                         Stretch{true, 4.17, 4.21, 2, 1},
                                         Stretch{true, 6, 6.01, 3, 0},
                                         Stretch{false, 5, 40, 1, 2, ColourResponse::kMoving}));

}  // namespace
}  // namespace nuphi::test
