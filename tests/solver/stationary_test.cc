#include <nuphi/solver/stationary.h>

#include <gtest/gtest.h>

#include "networks.h"

namespace nuphi {
namespace {

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

}  // namespace
}  // namespace nuphi
