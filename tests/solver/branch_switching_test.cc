// Branch points of maps with interchangeable components, and the branches that leave there.
#include <gtest/gtest.h>
#include <nuphi/solver/continuation.h>

#include <algorithm>
#include <cmath>

#include "parametric_problems.h"

namespace nuphi::test {
namespace {

/// 0 = p d_i + d_i² + k − d_i³ − m with d_i = x_i − m, m the mean of x and k such that the sum of
/// d_i² + k − d_i³ vanishes: any two components can be exchanged. x = 0 is a fixed point for every
/// p; at p = 0 all n − 1 directions with m = 0 lose their stability at once.
ZeroProblem interchangeable(Eigen::Index n) {
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  const auto f = [](const Vector& x, const Vector& p) {
    const double m = x.mean();
    const Eigen::ArrayXd d = x.array() - m;
    const Eigen::ArrayXd q = d.square() - d.cube();
    return Vector((p[0] * d + q - q.mean() - m).matrix());
  };
  const auto df_dx = [n](const Vector& x, const Vector& p) {
    const Eigen::ArrayXd d = x.array() - x.mean();
    const Vector slope = (p[0] + 2 * d - 3 * d.square()).matrix();
    const Vector of_mean = (2 * d - 3 * d.square()).matrix();
    const Matrix mean = Matrix::Constant(n, n, 1.0 / static_cast<double>(n));
    const Matrix centred = Matrix::Identity(n, n) - mean;
    Matrix q = of_mean.asDiagonal() * centred;
    q.rowwise() -= q.colwise().mean();
    return Matrix(p[0] * centred + q - mean);
  };
  const auto df_dp = [](const Vector& x, const Vector&) {
    return Matrix((x.array() - x.mean()).matrix());
  };
  return {n, 1, {f, df_dx, df_dp}};
}

Branch straight_branch(ZeroProblem& problem, ContinuationOptions& options) {
  options.lower = -0.5;
  options.upper = 0.4;
  options.scale = 1;
  return continue_branch(problem, Eigen::VectorXd::Zero(problem.size()), -0.5, options);
}

class Interchangeable : public testing::TestWithParam<int> {};

TEST_P(Interchangeable, TheBranchPointHasANullSpaceOfAllDifferences) {
  ZeroProblem problem = interchangeable(GetParam());
  ContinuationOptions options;
  const Branch branch = straight_branch(problem, options);
  EXPECT_EQ(branch.back, BranchEnd::kUpper);
  ASSERT_EQ(branch.special_points.size(), 1U);
  const SpecialPoint& at = branch.special_points[0];
  EXPECT_EQ(at.kind, SpecialPointKind::kBranchPoint);
  EXPECT_NEAR(at.point.parameter, 0, 1e-12);
  EXPECT_LE(std::abs(at.point.parameter), at.error_estimate + 1e-15);
  EXPECT_EQ(at.null_space.cols(), GetParam() - 1);
  EXPECT_LE(at.null_space.colwise().sum().cwiseAbs().maxCoeff(), 1e-9);
}

TEST_P(Interchangeable, OneBranchLeavesForEverySizeOfTheSmallerGroup) {
  ZeroProblem problem = interchangeable(GetParam());
  ContinuationOptions options;
  const Branch branch = straight_branch(problem, options);
  ASSERT_EQ(branch.special_points.size(), 1U);
  const auto others = switch_branches(problem, branch, branch.special_points[0], options);
  ASSERT_EQ(others.size(), static_cast<std::size_t>(GetParam() / 2));
  for (std::size_t k = 0; k < others.size(); ++k) {
    const Eigen::VectorXd& x = others[k].points.front().x;
    const auto differ = [&](double value) { return std::abs(value - x[x.size() - 1]) > 1e-6; };
    EXPECT_EQ(std::count_if(x.begin(), x.end(), differ), static_cast<std::ptrdiff_t>(k + 1));
    for (const BranchPoint& point : others[k].points) EXPECT_LE(point.residual, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Components, Interchangeable, testing::Values(2, 3, 4, 5, 8, 9));

}  // namespace
}  // namespace nuphi::test
