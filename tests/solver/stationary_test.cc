#include <nuphi/solver/stationary.h>

#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <cmath>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "networks.h"

namespace nuphi {
namespace {

using namespace units;

TEST(Stationary, Brunel2000MeetsTheReferenceRate) {
  const StationaryResult result = solve_stationary(test::brunel2000_field(5, 2));
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_NEAR(result.state.rates[0], 37.949697085763, 1e-5);
}

TEST(Stationary, ZeroRatesOfTheBistableNetworkFlowToOneOfItsStates) {
  const StationaryResult result = solve_stationary(test::bistable_field());
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  const StationaryResult t = solve_stationary(test::three_states_field());
  ASSERT_TRUE(t.converged()) << t.summary.full_report();
}

TEST(Stationary, EveryMethodFindsTheSameStateOfTheReferenceModels) {
  for (const MeanField& field : {test::brunel2000_field(5, 2), test::bistable_field(15 * mV)}) {
    const StationaryResult expected = solve_stationary(field);
    ASSERT_TRUE(expected.converged());
    for (const Method method : {Method::kNewton, Method::kCeres, Method::kAnderson,
                                Method::kRelaxation, Method::kHomotopy}) {
      const StationaryResult result = solve_stationary(field, {.method = method});
      ASSERT_TRUE(result.converged()) << result.summary.full_report();
      EXPECT_LE((result.state.rates - expected.state.rates).cwiseAbs().maxCoeff(), 1e-9)
          << to_string(method);
    }
  }
}

// The example models whose `expect` has one fixed point.
TEST(Stationary, EveryMethodSolvesTheExamplesWithOneStateFromZeroRates) {
  for (const char* name : {"brunel2000.yaml", "microcircuit.yaml"}) {
    const Network network =
        load_network(std::string(NUPHI_SOURCE_DIR) + "/examples/models/" + name);
    const StationaryResult expected = solve_stationary(network);
    ASSERT_TRUE(expected.converged()) << expected.summary.full_report();
    for (const Method method : {Method::kNewton, Method::kCeres, Method::kAnderson,
                                Method::kRelaxation, Method::kHomotopy}) {
      const StationaryResult result = solve_stationary(network, {.method = method});
      ASSERT_TRUE(result.converged()) << name << ": " << result.summary.full_report();
      EXPECT_EQ(result.summary.method_used, method);
      // Two residuals of 1e-10 relative, carried through J⁻¹ of a few units.
      EXPECT_LE((result.state.rates - expected.state.rates).cwiseAbs().maxCoeff(), 1e-8)
          << name << ", " << to_string(method);
    }
  }
}

// Φ' > 1 at zero rates, so that Newton's step points to negative rates, and Φ(ν) − ν rises from 3
// Hz to 70 Hz on the way to the state at 305 Hz.
TEST(Stationary, NewtonAndAndersonPassWhereTheResidualHasToGrow) {
  const MeanField field = test::brunel2000_field(3, 0.9);
  const StationaryResult expected = solve_stationary(field);
  ASSERT_TRUE(expected.converged()) << expected.summary.full_report();
  for (const Method method : {Method::kNewton, Method::kAnderson}) {
    const StationaryResult result = solve_stationary(field, {.method = method});
    ASSERT_TRUE(result.converged()) << result.summary.full_report();
    EXPECT_LE((result.state.rates - expected.state.rates).cwiseAbs().maxCoeff(), 1e-7)
        << to_string(method);
  }
  EXPECT_NE(solve_stationary(field, {.method = Method::kNewton})
                .summary.message.find("pseudo-transient continuation"),
            std::string::npos);
}

TEST(Stationary, StatesTellInHowManyDirectionsTheyRepel) {
  const StationarySet set = find_stationary_states(test::bistable_field());
  ASSERT_EQ(set.states.size(), 3U);
  EXPECT_EQ(set.states[0].unstable_directions, 1);
  EXPECT_EQ(set.states[1].unstable_directions, 0);
  EXPECT_EQ(set.states[2].unstable_directions, 0);
}

TEST(Stationary, RefusesOptionsOutOfRangeAndStartsThatDoNotFit) {
  const MeanField field = test::brunel2000_field(5, 2);
  const auto refused = [&](const SolveOptions& options) {
    EXPECT_THROW((void)solve_stationary(field, options), std::invalid_argument);
    EXPECT_THROW((void)find_stationary_states(field, options), std::invalid_argument);
  };
  const double nan = std::nan("");
  for (const double bad : {-1e-10, 0.0, nan, HUGE_VAL}) refused({.tolerance = bad});
  refused({.max_iterations = 0});
  refused({.starts = -1});
  refused({.max_rate = -1});
  refused({.initial_rates = Eigen::Vector3d(1, 2, 3)});
  refused({.initial_rates = Eigen::Vector2d(1, nan)});
  refused({.initial_rates = Eigen::Vector2d(-1, 1)});
}

TEST(Stationary, EndsForTheCauseItNames) {
  const MeanField field = test::brunel2000_field(5, 2);
  const StationaryResult few = solve_stationary(field, {.max_iterations = 1});
  EXPECT_EQ(few.summary.termination, Termination::kMaxIterations);
  EXPECT_FALSE(few.summary.message.empty());
  std::stop_source source;
  source.request_stop();
  const SolveControl control{.stop = source.get_token(), .progress = {}, .logger = nullptr};
  EXPECT_EQ(solve_stationary(field, {}, control).summary.termination, Termination::kInterrupted);
}

}  // namespace
}  // namespace nuphi
