#include <nuphi/rates/stationary.h>

#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>
#include <nuphi/solver/methods.h>

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

constexpr Method kMethods[] = {Method::kAuto,     Method::kNewton,     Method::kCeres,
                               Method::kAnderson, Method::kRelaxation, Method::kHomotopy};

// All iterations count, those of methods that came before and of smoothed problems too.
TEST(Stationary, OneStateIsNotGivenWhereAllAreAskedFor) {
  const MeanField field = test::bistable_field();
  EXPECT_THROW(static_cast<void>(solve_stationary(field, {.find = Find::kAll})),
               std::invalid_argument);
  const auto all = find_stationary_states(field, {.find = Find::kAll}).states.size();
  EXPECT_GT(all, 1U);
  EXPECT_EQ(find_stationary_states(field).states.size(), all);
}

TEST(Stationary, TheLimitOfIterationsCountsEverything) {
  const Network microcircuit =
      load_network(std::string(NUPHI_SOURCE_DIR) + "/examples/models/microcircuit.yaml");
  for (const Method method : kMethods) {
    for (const int limit : {1, 5, 20}) {
      const StationaryResult result =
          solve_stationary(microcircuit, {.method = method, .max_iterations = limit});
      if (result.converged()) continue;
      SCOPED_TRACE(std::string(to_string(method)) + " " + std::to_string(limit));
      EXPECT_LE(result.summary.iterations.size(), static_cast<std::size_t>(limit));
      EXPECT_EQ(result.summary.termination, Termination::kMaxIterations);
      EXPECT_NE(result.summary.message.find("limit of " + std::to_string(limit)), std::string::npos)
          << result.summary.message;
      // The best point seen, and its own residual.
      for (const Iteration& iteration : result.summary.iterations)
        EXPECT_LE(result.state.residual, iteration.residual * (1 + 1e-9));
      EXPECT_EQ(result.summary.residual, result.state.residual);
    }
  }
}

/// Two inhibitory populations far above threshold: paths turn where rates are near zero.
TEST(Stationary, MethodsAskForNoPointOutsideTheBox) {
  class Watched final : public FixedPointProblem {
   public:
    Eigen::Index size() const override { return 2; }
    const Eigen::VectorXd& lower() const override { return lower_; }
    const Eigen::VectorXd& upper() const override { return upper_; }
    void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override {
      inside = inside && (x.array() >= lower_.array()).all() && (x.array() <= upper_.array()).all();
      for (int i = 0; i < 2; ++i) {
        const double e = std::exp(-40 * (x[1 - i] - 0.3));
        value[i] = e / (1 + e);
        slope_[i] = -40 * value[i] * (1 - value[i]);
      }
    }
    void jacobian(Eigen::MatrixXd& matrix) const override {
      matrix.resize(2, 2);
      matrix << 0, slope_[0], slope_[1], 0;
    }
    using FixedPointProblem::jacobian;
    void rounding(Eigen::VectorXd& bound) const override { bound.setConstant(2, 1e-15); }
    bool inside = true;

   private:
    Eigen::VectorXd lower_ = Eigen::VectorXd::Zero(2);
    Eigen::VectorXd upper_ = Eigen::VectorXd::Ones(2);
    Eigen::Vector2d slope_;
  };
  for (const Method method : {Method::kNewton, Method::kAnderson, Method::kHomotopy}) {
    for (const double start : {0.0, 0.31, 0.999, 1.0}) {
      Watched problem;
      const FixedPointSolution solution =
          solve_fixed_point(problem, Eigen::Vector2d(start, 0.02), method);
      EXPECT_TRUE(problem.inside) << to_string(method) << " from " << start;
      EXPECT_TRUE((solution.x.array() >= 0).all() && (solution.x.array() <= 1).all());
    }
  }
}

// Recurrent gain τ_m K J / (τ_m (V_th − V_reset)) = 10.
TEST(Stationary, RunawayWithoutARefractoryTimeIsSaidToBeOne) {
  LifParameters neuron{20 * ms, 0, 20 * mV, 10 * mV, 0};
  const auto field_of = [&](const LifParameters& p) {
    MeanField field = test::dense_field(
        {p}, Eigen::MatrixXd::Constant(1, 1, 1000), Eigen::MatrixXd::Constant(1, 1, 0.1 * mV),
        Eigen::VectorXd::Constant(1, 40 * mV), Eigen::VectorXd::Constant(1, 4 * mV * 4 * mV));
    field.names = {"E"};
    return field;
  };
  const char* expected = "rates grow without bound because t_ref is 0 (population E)";
  for (const Method method : kMethods) {
    const StationaryResult result = solve_stationary(field_of(neuron), {.method = method});
    EXPECT_FALSE(result.converged());
    EXPECT_NE(result.summary.message.find(expected), std::string::npos)
        << to_string(method) << ": " << result.summary.message;
    EXPECT_LE(result.state.rates.maxCoeff(), 1e7) << to_string(method);
  }
  const StationarySet set = find_stationary_states(field_of(neuron));
  EXPECT_TRUE(set.states.empty());
  EXPECT_NE(set.summary.message.find(expected), std::string::npos) << set.summary.message;
  EXPECT_GT(set.summary.residual, 0);
  neuron.t_ref = 2 * ms;
  EXPECT_TRUE(solve_stationary(field_of(neuron)).converged());
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
