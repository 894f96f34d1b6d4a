#include <nuphi/solver/problem.h>

#include <gtest/gtest.h>
#include <nuphi/solver/methods.h>

#include <cmath>
#include <stdexcept>

#include "rate_problem.h"
#include "rates/networks.h"

namespace nuphi {
namespace {

using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;

/// x = cos y, y = sin(x)/2; `error` is added to one entry of the Jacobian.
FunctionProblem two_waves(double error = 0) {
  return {Vector2d(-2, -2), Vector2d(2, 2),
          [](const VectorXd& x, VectorXd& value) {
            value[0] = std::cos(x[1]);
            value[1] = std::sin(x[0]) / 2;
          },
          [error](const VectorXd& x, MatrixXd& slope) {
            slope(0, 1) = -std::sin(x[1]) + error;
            slope(1, 0) = std::cos(x[0]) / 2;
          }};
}

TEST(FunctionProblem, IsSolvedByEveryMethod) {
  for (const Method method : {Method::kAuto, Method::kNewton, Method::kAnderson,
                              Method::kRelaxation, Method::kHomotopy}) {
    FunctionProblem problem = two_waves();
    const FixedPointSolution found = solve_fixed_point(problem, Vector2d(0, 0), method);
    ASSERT_EQ(found.summary.termination, Termination::kConverged) << to_string(method);
    EXPECT_NEAR(found.x[0], std::cos(found.x[1]), 1e-9);
    EXPECT_NEAR(found.x[1], std::sin(found.x[0]) / 2, 1e-9);
  }
}

TEST(FunctionProblem, KnowsHowManyPointsAreMissingWhereItKeepsItsBox) {
  FunctionProblem problem(
      VectorXd::Constant(1, -10), VectorXd::Constant(1, 10),
      [](const VectorXd& x, VectorXd& value) { value[0] = 10 * std::cos(x[0]); },
      [](const VectorXd& x, MatrixXd& slope) { slope(0, 0) = -10 * std::sin(x[0]); }, true);
  const FixedPointSet set = find_fixed_points(problem, VectorXd::Constant(1, 1));
  EXPECT_EQ(set.points.size(), 7U);
  EXPECT_EQ(set.missing, false);
}

TEST(FunctionProblem, RefusesWhatIsNoBox) {
  const auto map = [](const VectorXd&, VectorXd&) {};
  const auto slope = [](const VectorXd&, MatrixXd&) {};
  const VectorXd zero = VectorXd::Zero(2), one = VectorXd::Ones(2);
  EXPECT_THROW(FunctionProblem(one, zero, map, slope), std::invalid_argument);
  EXPECT_THROW(FunctionProblem(zero, VectorXd::Ones(3), map, slope), std::invalid_argument);
  EXPECT_THROW(FunctionProblem(zero, one * INFINITY, map, slope), std::invalid_argument);
  EXPECT_THROW(FunctionProblem(VectorXd(), VectorXd(), map, slope), std::invalid_argument);
  EXPECT_THROW(FunctionProblem(zero, one, {}, slope), std::invalid_argument);
}

TEST(CheckJacobian, HoldsForADerivativeEvenAtTheBorder) {
  FunctionProblem problem = two_waves();
  for (const Vector2d& x : {Vector2d(0.3, -0.7), Vector2d(0, 0), Vector2d(2, -2)})
    EXPECT_LE(check_jacobian(problem, x).error, 1e-9) << x.transpose();
  EXPECT_THROW((void)check_jacobian(problem, Vector2d(3, 0)), std::invalid_argument);
}

TEST(CheckJacobian, NamesTheEntryThatIsWrong) {
  FunctionProblem problem = two_waves(1e-5);
  const JacobianCheck check = check_jacobian(problem, Vector2d(0.3, -0.7));
  EXPECT_EQ(check.row, 0);
  EXPECT_EQ(check.column, 1);
  EXPECT_NEAR(check.error, 1e-5 / std::sin(0.7), 1e-7);
  EXPECT_NEAR(check.measured, std::sin(0.7), 1e-9);
}

TEST(CheckJacobian, HoldsForTheRatesOfANetwork) {
  const MeanField field = test::brunel2000_field(5, 2);
  RateProblem problem(field);
  EXPECT_LE(check_jacobian(problem, Vector2d(38, 20)).error, 1e-7);
}

}  // namespace
}  // namespace nuphi
