#include <gtest/gtest.h>
#include <nuphi/solver/continuation.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stop_token>

#include "parametric_problems.h"

namespace nuphi::test {
namespace {

Eigen::VectorXd one(double x) { return Eigen::VectorXd::Constant(1, x); }

ContinuationOptions interval(double lower, double upper) {
  ContinuationOptions options;
  options.lower = lower;
  options.upper = upper;
  return options;
}

std::vector<SpecialPoint> of_kind(const Branch& branch, SpecialPointKind kind) {
  std::vector<SpecialPoint> found;
  for (const SpecialPoint& special : branch.special_points) {
    if (special.kind == kind) found.push_back(special);
  }
  return found;
}

double worst_residual(const Branch& branch) {
  double worst = 0;
  for (const BranchPoint& point : branch.points) worst = std::max(worst, point.residual);
  return worst;
}

// --- folds
// -----------------------------------------------------------------------------------------

TEST(Continuation, PassesTheFoldOfAParabolaAndLocatesItWithAnyStep) {
  for (const double step : {0.005, 0.02, 0.1}) {
    ZeroProblem problem = parabola();
    ContinuationOptions options = interval(-1, 2);
    options.direction = BranchDirection::kDecreasing;
    options.max_step = step;
    const Branch branch = continue_branch(problem, one(1), 1, options);
    EXPECT_EQ(branch.back, BranchEnd::kUpper);
    EXPECT_EQ(branch.points.back().parameter, 2);
    EXPECT_NEAR(branch.points.back().x[0], -std::numbers::sqrt2, 1e-14);
    EXPECT_LE(worst_residual(branch), 1e-14);
    ASSERT_EQ(branch.special_points.size(), 1U);
    const SpecialPoint& fold = branch.special_points[0];
    EXPECT_EQ(fold.kind, SpecialPointKind::kFold);
    EXPECT_NEAR(fold.point.parameter, 0, 1e-14);
    EXPECT_NEAR(fold.point.x[0], 0, 1e-12);
    EXPECT_GT(branch.points[fold.after].x[0], 0);
    EXPECT_LT(branch.points[fold.after + 1].x[0], 0);
  }
}

TEST(Continuation, StabilityChangesAtTheFold) {
  ZeroProblem problem = parabola();
  ContinuationOptions options = interval(-1, 2);
  options.direction = BranchDirection::kDecreasing;
  for (const BranchPoint& point : continue_branch(problem, one(1), 1, options).points) {
    ASSERT_TRUE(point.leading_eigenvalue.has_value());
    EXPECT_NEAR(*point.leading_eigenvalue, 1 - 2 * point.x[0], 1e-12);
    EXPECT_EQ(point.stable, point.x[0] > 0);
  }
}

TEST(Continuation, FoldOfOneBratuCellIsEightOverE) {
  for (const double step : {0.01, 0.1}) {
    ZeroProblem problem = bratu(1);
    ContinuationOptions options = interval(0, 4);
    options.max_step = step;
    const Branch branch = continue_branch(problem, one(0), 0, options);
    ASSERT_EQ(branch.special_points.size(), 1U);
    EXPECT_NEAR(branch.special_points[0].point.parameter, 8 / std::numbers::e, 1e-14);
    EXPECT_NEAR(branch.special_points[0].point.x[0], 1, 1e-12);
  }
}

// Exact fold of Bratu's problem, 3.513830719125…, reached as the square of the grid's spacing.
TEST(Continuation, FoldOfBratuDoesNotDependOnTheStepAndConvergesWithTheGrid) {
  std::vector<double> folds;
  for (const auto& [n, step] : {std::pair{19, 0.02}, {39, 0.02}, {39, 0.1}}) {
    ZeroProblem problem = bratu(n);
    ContinuationOptions options = interval(0.2, 4);
    options.max_step = step;
    const Branch branch = continue_branch(problem, Eigen::VectorXd::Zero(n), 0.2, options);
    EXPECT_EQ(branch.back, BranchEnd::kLower);
    ASSERT_EQ(branch.special_points.size(), 1U);
    folds.push_back(branch.special_points[0].point.parameter);
  }
  EXPECT_NEAR(folds[1], folds[2], 1e-12);
  EXPECT_NEAR((4 * folds[1] - folds[0]) / 3, 3.513830719125, 1e-5);
}

TEST(Continuation, SparseProblemsTakeTheSameBranch) {
  ZeroProblem dense = bratu(39);
  SparseZeroProblem sparse(bratu(39));
  const ContinuationOptions options = interval(0.2, 4);
  const Eigen::VectorXd start = Eigen::VectorXd::Zero(39);
  const Branch a = continue_branch(dense, start, 0.2, options);
  const Branch b = continue_branch(sparse, start, 0.2, options);
  ASSERT_EQ(a.special_points.size(), 1U);
  ASSERT_EQ(b.special_points.size(), 1U);
  EXPECT_EQ(a.points.size(), b.points.size());
  EXPECT_NEAR(a.special_points[0].point.parameter, b.special_points[0].point.parameter, 1e-12);
}

// --- where a branch ends
// -----------------------------------------------------------------------------

TEST(Continuation, FollowsBothDirectionsFromTheStart) {
  ZeroProblem problem = parabola();
  ContinuationOptions options = interval(-1, 2);
  options.direction = BranchDirection::kBoth;
  const Branch branch = continue_branch(problem, one(1), 1, options);
  EXPECT_EQ(branch.front, BranchEnd::kUpper);
  EXPECT_EQ(branch.back, BranchEnd::kUpper);
  EXPECT_EQ(branch.points[branch.start].parameter, 1);
  EXPECT_EQ(branch.points[branch.start].arclength, 0);
  ASSERT_EQ(branch.special_points.size(), 1U);
  const SpecialPoint& fold = branch.special_points[0];
  EXPECT_LT(branch.points[fold.after].x[0], 0);
  EXPECT_GT(branch.points[fold.after + 1].x[0], 0);
  for (std::size_t k = 1; k < branch.points.size(); ++k) {
    EXPECT_GT(branch.points[k].arclength, branch.points[k - 1].arclength);
  }
}

TEST(Continuation, AClosedBranchEndsWhereItBegan) {
  for (const BranchDirection direction : {BranchDirection::kIncreasing, BranchDirection::kBoth}) {
    ZeroProblem problem = circle();
    ContinuationOptions options = interval(-2, 2);
    options.direction = direction;
    const Branch branch = continue_branch(problem, one(0.9), 0.3, options);
    EXPECT_EQ(branch.back, BranchEnd::kClosed);
    EXPECT_EQ(branch.points.back().x, branch.points.front().x);
    ASSERT_EQ(branch.special_points.size(), 2U);
    EXPECT_NEAR(branch.special_points[0].point.parameter, 1, 1e-14);
    EXPECT_NEAR(branch.special_points[1].point.parameter, -1, 1e-14);
  }
}

TEST(Continuation, AFamilyThatEndsStallsTheBranchAndKeepsWhatWasFound) {
  // √p: there is nothing below p = 0, and Φ says so by NaN.
  ZeroProblem problem = scalar_problem([](double x, double p) { return std::sqrt(p) - x; },
                                       [](double, double) { return -1.0; },
                                       [](double, double p) { return 0.5 / std::sqrt(p); });
  ContinuationOptions options = interval(-1, 1);
  options.direction = BranchDirection::kDecreasing;
  const Branch branch = continue_branch(problem, one(0.7), 0.5, options);
  EXPECT_EQ(branch.back, BranchEnd::kStalled);
  EXPECT_NEAR(branch.points.back().parameter, 0, 1e-6);
}

TEST(Continuation, MaxPointsBoundsTheBranch) {
  ZeroProblem problem = parabola();
  ContinuationOptions options = interval(-1, 2);
  options.max_points = 7;
  const Branch branch = continue_branch(problem, one(1), 1, options);
  EXPECT_EQ(branch.back, BranchEnd::kMaxPoints);
  EXPECT_EQ(branch.points.size(), 7U);
}

TEST(Continuation, WithoutAFixedPointNextToTheStartTheBranchIsEmpty) {
  ZeroProblem problem = parabola();
  const Branch branch = continue_branch(problem, one(1), -0.5, interval(-1, 2));
  EXPECT_EQ(branch.back, BranchEnd::kNoStart);
  EXPECT_TRUE(branch.points.empty());
}

TEST(Continuation, AStopRequestKeepsTheBranchSoFar) {
  ZeroProblem problem = parabola();
  std::stop_source source;
  ContinuationControl control;
  control.stop = source.get_token();
  int seen = 0;
  control.progress = [&](const BranchPoint&) {
    if (++seen == 5) source.request_stop();
  };
  const Branch branch = continue_branch(problem, one(1), 1, interval(-1, 2), control);
  EXPECT_EQ(branch.back, BranchEnd::kInterrupted);
  EXPECT_EQ(branch.points.size(), 5U);
}

TEST(Continuation, StartsAtAFold) {
  ZeroProblem problem = parabola();
  ContinuationOptions options = interval(-1, 2);
  options.direction = BranchDirection::kBoth;
  const Branch branch = continue_branch(problem, one(0), 0, options);
  EXPECT_EQ(branch.front, BranchEnd::kUpper);
  EXPECT_EQ(branch.back, BranchEnd::kUpper);
}

TEST(Continuation, RefusesOptionsOutOfRange) {
  ZeroProblem problem = parabola();
  const auto refuses = [&](auto change) {
    ContinuationOptions options = interval(-1, 2);
    change(options);
    EXPECT_FALSE(validate(options).empty());
    EXPECT_THROW((void)continue_branch(problem, one(1), 1, options), std::invalid_argument);
  };
  refuses([](ContinuationOptions& o) { o.upper = o.lower; });
  refuses([](ContinuationOptions& o) { o.max_step = 0; });
  refuses([](ContinuationOptions& o) { o.min_step = 1; });
  refuses([](ContinuationOptions& o) { o.max_angle = 2; });
  refuses([](ContinuationOptions& o) { o.max_points = 0; });
  refuses([](ContinuationOptions& o) { o.tolerance = std::nan(""); });
  EXPECT_THROW((void)continue_branch(problem, one(1), 5, interval(-1, 2)), std::invalid_argument);
  EXPECT_THROW((void)continue_branch(problem, Eigen::VectorXd::Zero(2), 1, interval(-1, 2)),
               std::invalid_argument);
}

// --- branch points
// -----------------------------------------------------------------------------------

TEST(Continuation, LocatesThePitchforkFromTheStraightBranchAndFromTheCurvedOne) {
  for (const double step : {0.007, 0.05}) {
    ZeroProblem problem = pitchfork();
    ContinuationOptions options = interval(-1, 2);
    options.max_step = step;
    const Branch straight = continue_branch(problem, one(0), -1, options);
    options.direction = BranchDirection::kDecreasing;
    const Branch curved = continue_branch(problem, one(1), 1, options);
    for (const Branch& branch : {straight, curved}) {
      ASSERT_EQ(branch.special_points.size(), 1U);
      EXPECT_EQ(branch.special_points[0].kind, SpecialPointKind::kBranchPoint);
      EXPECT_NEAR(branch.special_points[0].point.parameter, 0, 1e-12);
      EXPECT_NEAR(branch.special_points[0].point.x[0], 0, 1e-12);
    }
    EXPECT_EQ(straight.points.back().x[0], 0);  // stays on its branch
    EXPECT_NEAR(curved.points.back().x[0], -std::numbers::sqrt2, 1e-14);
  }
}

TEST(Continuation, LocatesTheTranscriticalPointOnBothLines) {
  for (const double start : {0.0, -1.0}) {
    ZeroProblem problem = transcritical();
    const Branch branch = continue_branch(problem, one(start), -1, interval(-1, 2));
    ASSERT_EQ(branch.special_points.size(), 1U);
    EXPECT_EQ(branch.special_points[0].kind, SpecialPointKind::kBranchPoint);
    EXPECT_NEAR(branch.special_points[0].point.parameter, 0, 1e-12);
    EXPECT_NEAR(branch.points.back().x[0], start == 0 ? 0 : 2, 1e-14);
  }
}

TEST(Continuation, AnImperfectPitchforkHasAFoldAndNoBranchPoint) {
  for (const double imperfection : {1e-2, 1e-4, 1e-6}) {
    for (const double step : {0.01, 0.05}) {
      ZeroProblem problem = scalar_problem(
          [=](double x, double p) { return x * (p - x * x) + imperfection; },
          [](double x, double p) { return p - 3 * x * x; }, [](double x, double) { return x; });
      ContinuationOptions options = interval(-1, 2);
      options.max_step = step;
      const Branch smooth = continue_branch(problem, one(0), -1, options);
      EXPECT_TRUE(smooth.special_points.empty());
      EXPECT_GT(smooth.points.back().x[0], 1);
      options.direction = BranchDirection::kDecreasing;
      const Branch folded = continue_branch(problem, one(-1), 1, options);
      ASSERT_EQ(folded.special_points.size(), 1U) << imperfection << " " << step;
      EXPECT_EQ(folded.special_points[0].kind, SpecialPointKind::kFold);
      const double exact = 3 * std::cbrt(imperfection * imperfection / 4);
      EXPECT_NEAR(folded.special_points[0].point.parameter, exact, 1e-12);
    }
  }
}

// Two branches 1e-3 apart that never meet: a step from one must not land on the other.
TEST(Continuation, DoesNotJumpBetweenNearBranches) {
  ZeroProblem problem = scalar_problem(
      [](double x, double p) { return (x - std::sin(9 * p)) * (x - std::sin(9 * p) - 1e-3); },
      [](double x, double p) { return 2 * (x - std::sin(9 * p)) - 1e-3; },
      [](double x, double p) { return -9 * std::cos(9 * p) * (2 * (x - std::sin(9 * p)) - 1e-3); });
  ContinuationOptions options = interval(0, 1);
  options.max_step = 0.1;
  const Branch branch = continue_branch(problem, one(0), 0, options);
  EXPECT_EQ(branch.back, BranchEnd::kUpper);
  EXPECT_TRUE(of_kind(branch, SpecialPointKind::kBranchPoint).empty());
  for (const BranchPoint& point : branch.points) {
    EXPECT_NEAR(point.x[0], std::sin(9 * point.parameter), 1e-6);
  }
}

// --- scaling
// -----------------------------------------------------------------------------------------

// The parabola beside components of 1e-130 and of 1e6.
TEST(Continuation, TinyAndHugeComponentsDoNotDisturbTheFold) {
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  ZeroProblem problem(
      3, 1,
      {[](const Vector& x, const Vector& p) {
         return Vector(Eigen::Vector3d(p[0] - x[0] * x[0], 1e-130 * std::exp(x[0]) - x[1],
                                       9e5 * (1 + 0.1 * x[0]) - x[2]));
       },
       [](const Vector& x, const Vector&) {
         Matrix j = Matrix::Zero(3, 3);
         j(0, 0) = -2 * x[0];
         j(1, 0) = 1e-130 * std::exp(x[0]);
         j(2, 0) = 9e4;
         j(1, 1) = j(2, 2) = -1;
         return j;
       },
       [](const Vector&, const Vector&) { return Matrix(Eigen::Vector3d(1, 0, 0)); }});
  ContinuationOptions options = interval(-1, 2);
  options.direction = BranchDirection::kDecreasing;
  const Branch branch = continue_branch(problem, Eigen::Vector3d(1, 0, 9e5), 1, options);
  ASSERT_EQ(branch.special_points.size(), 1U);
  EXPECT_NEAR(branch.special_points[0].point.parameter, 0, 1e-14);
  EXPECT_NEAR(branch.points.back().x[1] / 1e-130, std::exp(-std::numbers::sqrt2), 1e-10);
  EXPECT_LT(branch.points.size(), 400U);
}

// --- folds in two parameters
// -------------------------------------------------------------------------

Branch cusp_section(double step) {
  ZeroProblem section = scalar_problem([](double x, double p) { return p + x - x * x * x; },
                                       [](double x, double) { return 1 - 3 * x * x; },
                                       [](double, double) { return 1.0; });
  ContinuationOptions options = interval(-3, 3);
  options.max_step = step;
  return continue_branch(section, one(-2), -3, options);
}

TEST(FoldContinuation, TheCuspsFoldsAreOneCurve) {
  for (const double step : {0.01, 0.1}) {
    const Branch section = cusp_section(step);
    ASSERT_EQ(section.special_points.size(), 2U);
    EXPECT_NEAR(section.special_points[0].point.parameter, 2 / std::sqrt(27), 1e-14);
    ZeroProblem problem = cusp();
    FoldCurveOptions options{.steps = interval(-3, 3), .second_lower = -1, .second_upper = 3};
    options.steps.max_step = step;
    const auto curves = continue_folds(problem, section.special_points, 1, options);
    ASSERT_EQ(curves.size(), 1U);
    const FoldCurve& curve = curves[0];
    EXPECT_EQ(curve.front, BranchEnd::kUpper);
    EXPECT_EQ(curve.back, BranchEnd::kUpper);
    for (const FoldCurvePoint& point : curve.points) {
      const double p = point.parameter;
      const double q = point.second_parameter;
      EXPECT_NEAR(27 * p * p, 4 * q * q * q, 1e-12 * (1 + 27 * p * p));
      EXPECT_NEAR(point.x[0] * point.x[0], q / 3, 1e-12);
    }
    ASSERT_EQ(curve.cusps.size(), 1U);
    EXPECT_NEAR(curve.cusps[0].parameter, 0, 1e-12);
    EXPECT_NEAR(curve.cusps[0].second_parameter, 0, 1e-12);
    EXPECT_NEAR(curve.cusps[0].x[0], 0, 1e-6);
  }
}

TEST(FoldContinuation, ACurveThatLeavesThroughACornerEnds) {
  const Branch section = cusp_section(0.02);
  ZeroProblem problem = cusp();
  const FoldCurveOptions options{
      .steps = interval(-2, 2), .second_lower = -1, .second_upper = 3};  // 27 · 2² = 4 · 3³
  const FoldCurve curve = continue_fold(problem, section.special_points[0], 1, options);
  EXPECT_EQ(curve.front, BranchEnd::kUpper);
  EXPECT_NE(curve.back, BranchEnd::kStalled);
}

TEST(FoldContinuation, AStopRequestKeepsTheCurveSoFar) {
  const Branch section = cusp_section(0.02);
  ZeroProblem problem = cusp();
  std::stop_source source;
  FoldCurveControl control;
  control.stop = source.get_token();
  int seen = 0;
  control.progress = [&](const FoldCurvePoint&) {
    if (++seen == 5) source.request_stop();
  };
  const FoldCurveOptions options{.steps = interval(-3, 3), .second_lower = -1, .second_upper = 3};
  const auto curves = continue_folds(problem, section.special_points, 1, options, control);
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].back, BranchEnd::kInterrupted);
  EXPECT_EQ(curves[0].points.size(), 5U);
}

TEST(FoldContinuation, RefusesWhatDoesNotFit) {
  const Branch section = cusp_section(0.02);
  const SpecialPoint& fold = section.special_points[0];
  ZeroProblem problem = cusp();
  FoldCurveOptions options{.steps = interval(-3, 3), .second_lower = -1, .second_upper = 3};
  EXPECT_THROW((void)continue_fold(problem, fold, 4, options), std::invalid_argument);
  ZeroProblem line = parabola();
  EXPECT_THROW((void)continue_fold(line, fold, 1, options), std::invalid_argument);
  options.second_upper = -1;
  EXPECT_THROW((void)continue_fold(problem, fold, 1, options), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
