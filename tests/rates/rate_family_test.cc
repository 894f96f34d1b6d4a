#include <gtest/gtest.h>
#include <nuphi/core/error.h>
#include <nuphi/core/units.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/rate_family.h>

#include <cmath>
#include <string>

#include "networks.h"
#include "random_networks.h"

namespace nuphi::test {
namespace {

using namespace units;

ContinuationOptions interval(double lower, double upper, double step = 0.02) {
  ContinuationOptions options;
  options.lower = lower;
  options.upper = upper;
  options.max_step = step;
  return options;
}

const MeanFieldFamily kBistable = [](double drive) { return bistable_field(drive); };
const MeanFieldFamily kThreeStates = [](double nu_E) { return three_states_field(nu_E); };

// Weight of the mutual inhibition of bistable.yaml in place of its 0.06 mV.
MeanField bistable_plane(double drive, double weight) {
  MeanField field = bistable_field(drive);
  auto& coupling = field.coupling;
  const double factor = weight / (0.06 * mV);
  coupling.dense(0) *= factor;
  coupling.dense(1) *= factor * factor;
  return field;
}

// --- derivatives
// -------------------------------------------------------------------------------------

// ∂Φ/∂p against extrapolated differences of Φ itself.
void expect_derivative(const MeanFieldFamily& family, double lower, double upper, double p,
                       const Eigen::VectorXd& rates, double tolerance = 1e-9) {
  RateFamily problem(family, lower, upper, p);
  const Eigen::Index n = problem.size();
  const auto value = [&](double at) {
    Eigen::VectorXd phi(n);
    problem.set_parameters(Eigen::VectorXd::Constant(1, at));
    problem.evaluate(rates, phi);
    return phi;
  };
  const double h = 2e-4 * (upper - lower);
  const Eigen::VectorXd expected =
      (8 * (value(p + h) - value(p - h)) - (value(p + 2 * h) - value(p - 2 * h))) / (12 * h);
  Eigen::VectorXd derivative(n);
  (void)value(p);
  problem.parameter_derivative(0, derivative);
  for (Eigen::Index i = 0; i < n; ++i) {
    EXPECT_NEAR(derivative[i], expected[i], tolerance * std::abs(expected[i]))
        << "population " << i;
  }
}

TEST(RateFamily, DerivativeInAnInput) {
  expect_derivative(kBistable, 17 * mV, 21 * mV, 19 * mV, Eigen::Vector2d(7, 12));
}

TEST(RateFamily, DerivativeInAWeightThatEntersMeanAndVariance) {
  expect_derivative([](double g) { return brunel2000_field(g, 2); }, 3, 8, 5,
                    Eigen::Vector2d(38, 36));
}

TEST(RateFamily, DerivativeInTheParametersOfTheNeurons) {
  const auto family = [](double LifParameters::*member) {
    return [member](double value) {
      MeanField field = bistable_field();
      for (Eigen::Index i = 0; i < field.size(); ++i) {
        field.lif(i).neuron.tau_syn = 0.5 * ms;
        field.lif(i).neuron.*member = value;
      }
      return field;
    };
  };
  const Eigen::Vector2d rates(7, 12);
  expect_derivative(family(&LifParameters::tau_m), 10 * ms, 30 * ms, 18 * ms, rates, 1e-8);
  expect_derivative(family(&LifParameters::t_ref), 1 * ms, 3 * ms, 2 * ms, rates, 1e-8);
  expect_derivative(family(&LifParameters::V_th), 18 * mV, 22 * mV, 20 * mV, rates, 1e-8);
  expect_derivative(family(&LifParameters::V_reset), 8 * mV, 12 * mV, 10 * mV, rates, 1e-8);
  expect_derivative(family(&LifParameters::tau_syn), 0.1 * ms, 1 * ms, 0.6 * ms, rates, 1e-8);
}

// 1/p over three decades: the distance of the differences has to follow.
TEST(RateFamily, DerivativeOfAFamilyFarFromAPolynomial) {
  const MeanFieldFamily family = [](double p) { return bistable_field(0.018 / p); };
  for (const double p : {0.001, 0.002, 0.9}) {
    RateFamily problem(family, 0.001, 1, p);
    Eigen::VectorXd phi(2);
    Eigen::VectorXd derivative(2);
    const Eigen::Vector2d rates(p < 0.01 ? 400 : 7, 12);
    problem.evaluate(rates, phi);
    problem.parameter_derivative(0, derivative);
    const StationaryState state = evaluate_state(family(p), rates);
    const double exact = -state.drate_dmu[0] * 0.018 / (p * p);
    EXPECT_NEAR(derivative[0], exact, 1e-7 * std::abs(exact)) << p;
    EXPECT_EQ(derivative[1], 0);
  }
}

TEST(RateFamily, SparseCouplingsHaveTheSameDerivative) {
  const MeanFieldFamily dense = [](double weight) { return bistable_plane(19 * mV, weight); };
  const MeanFieldFamily sparse = [&](double weight) {
    MeanField field = dense(weight);
    field.coupling = Coupling::sparse(
        {field.coupling.dense(0).sparseView(), field.coupling.dense(1).sparseView()});
    return field;
  };
  const Eigen::Vector2d rates(7, 12);
  Eigen::VectorXd phi(2);
  Eigen::VectorXd expected(2);
  Eigen::VectorXd derivative(2);
  for (const double weight : {0.0, 0.06 * mV}) {  // at zero the pattern is empty
    RateFamily a(dense, 0, 0.1 * mV, weight);
    RateFamily b(sparse, 0, 0.1 * mV, weight);
    a.evaluate(rates, phi);
    b.evaluate(rates, phi);
    a.parameter_derivative(0, expected);
    b.parameter_derivative(0, derivative);
    EXPECT_NEAR((derivative - expected).norm(), 0, 1e-12 * expected.norm());
  }
}

TEST(RateFamily, AsksTheFamilyInsideTheIntervalOnlyAndSeldom) {
  int calls = 0;
  double least = 1;
  double most = 0;
  const MeanFieldFamily family = [&](double drive) {
    ++calls;
    least = std::min(least, drive);
    most = std::max(most, drive);
    return bistable_field(drive);
  };
  const StationaryBranch result = continue_stationary(family, interval(17 * mV, 21 * mV));
  EXPECT_GE(least, 17 * mV);
  EXPECT_LE(most, 21 * mV);
  EXPECT_LT(calls, 12 * static_cast<int>(result.branch.points.size()));
}

// By the numbers of networks, by differences of fields, and of an entry without any differences.
TEST(RateFamily, NetworksAndFieldsOfOneModelHaveTheSameDerivative) {
  const ModelFile file = ModelFile::load(NUPHI_SOURCE_DIR "/examples/models/bistable.yaml");
  for (const char* name : {"drive", "J", "weight[A<-B]", "neuron.tau_m[A]"}) {
    ModelFamily family = model_family(file, {}, {name});
    const double value = family.values()[0];
    const Eigen::VectorXd lower = Eigen::VectorXd::Constant(1, value - 0.2 * std::abs(value));
    const Eigen::VectorXd upper = Eigen::VectorXd::Constant(1, value + 0.2 * std::abs(value));
    int asked = 0;
    ModelFamily counted = family;
    counted.network = [&](const Eigen::VectorXd& x) {
      ++asked;
      return family.network(x);
    };
    RateFamily by_network(counted, lower, upper, family.values());
    RateFamily by_field([&](double p) { return family.field(Eigen::VectorXd::Constant(1, p)); },
                        lower[0], upper[0], value);
    Eigen::VectorXd phi(2), expected(2), derivative(2);
    by_network.evaluate(Eigen::Vector2d(7, 12), phi);
    by_field.evaluate(Eigen::Vector2d(7, 12), phi);
    by_network.parameter_derivative(0, derivative);
    by_field.parameter_derivative(0, expected);
    EXPECT_NEAR((derivative - expected).norm(), 0, 1e-10 * expected.norm()) << name;
    // Those of numbers are kept: for other rates at the same value nothing is asked again.
    const int before = asked;
    EXPECT_EQ(before == 1, std::string_view(name) == "weight[A<-B]") << before;
    EXPECT_LE(before, 6) << name;
    by_network.evaluate(Eigen::Vector2d(8, 11), phi);
    by_network.parameter_derivative(0, derivative);
    EXPECT_EQ(asked, before);
  }
}

TEST(RateFamily, WhereThereIsNoNetworkTheBranchStallsAndSaysWhy) {
  const MeanFieldFamily family = [](double drive) {
    if (drive > 18 * mV) {
      Diagnostic fault;
      fault.message = "too much drive";
      throw ModelError({fault});
    }
    return bistable_field(drive);
  };
  const StationaryBranch result = continue_stationary(family, interval(17 * mV, 21 * mV));
  EXPECT_EQ(result.branch.back, BranchEnd::kStalled);
  EXPECT_NEAR(result.branch.points.back().parameter, 18 * mV, 1e-8);
  EXPECT_NE(result.fault.find("too much drive"), std::string::npos);
  EXPECT_THROW((void)continue_stationary(family, interval(19 * mV, 21 * mV)), ModelError);
}

// --- branches of networks
// ----------------------------------------------------------------------------

// Folds and cusp of bistable.yaml to 22 digits: tools/reference/bistable_folds.py.
constexpr double kUpperFold = 0.01969353351069538591313;
constexpr double kLowerFold = 0.01774726064723636434441;
constexpr double kCuspWeight = 0.00004508777075713714919422;

TEST(StationaryBranch, FoldsOfTheBistableNetworkAreFoundToRoundingFromAnyStep) {
  for (const double step : {0.005, 0.02, 0.1}) {
    const Branch branch = continue_stationary(kBistable, interval(17 * mV, 21 * mV, step)).branch;
    EXPECT_EQ(branch.back, BranchEnd::kUpper);
    ASSERT_EQ(branch.special_points.size(), 2U);
    const SpecialPoint& first = branch.special_points[0];
    const SpecialPoint& second = branch.special_points[1];
    EXPECT_EQ(first.kind, SpecialPointKind::kFold);
    EXPECT_EQ(second.kind, SpecialPointKind::kFold);
    EXPECT_NEAR(first.point.parameter, kUpperFold, 1e-15 * kUpperFold);
    EXPECT_NEAR(second.point.parameter, kLowerFold, 1e-15 * kLowerFold);
    EXPECT_NEAR(first.point.x[0], 3.076233923788430842, 1e-12);
    EXPECT_NEAR(first.point.x[1], 19.29298556805533149, 1e-12);
    EXPECT_NEAR(second.point.x[0], 16.41825572454104236, 1e-12);
    EXPECT_NEAR(second.point.x[1], 3.307846222363683083, 1e-12);
    for (std::size_t k = 0; k < branch.points.size(); ++k) {
      const bool saddle = static_cast<int>(k) > first.after && static_cast<int>(k) <= second.after;
      EXPECT_EQ(branch.points[k].stable, !saddle);
      EXPECT_LE(branch.points[k].residual, 1e-12);
    }
  }
}

TEST(StationaryBranch, TheSameFoldsAreFoundFromTheOtherEnd) {
  ContinuationOptions options = interval(17 * mV, 21 * mV);
  options.direction = BranchDirection::kDecreasing;
  const Branch branch = continue_stationary(kBistable, options).branch;
  EXPECT_EQ(branch.back, BranchEnd::kLower);
  ASSERT_EQ(branch.special_points.size(), 2U);
  EXPECT_NEAR(branch.special_points[0].point.parameter, kLowerFold, 1e-15 * kLowerFold);
  EXPECT_NEAR(branch.special_points[1].point.parameter, kUpperFold, 1e-15 * kUpperFold);
}

// The inhibitory population fires at 1e-60 Hz and less on the lower branch.
TEST(StationaryBranch, SilentPopulationsDoNotHinder) {
  std::vector<double> folds;
  for (const double step : {0.005, 0.1}) {
    const Branch branch = continue_stationary(kThreeStates, interval(3, 8, step)).branch;
    EXPECT_EQ(branch.back, BranchEnd::kLower);
    EXPECT_LT(branch.points.front().x[1], 1e-50);
    ASSERT_EQ(branch.special_points.size(), 1U);
    folds.push_back(branch.special_points[0].point.parameter);
    EXPECT_LT(branch.points.size(), 1000U);
  }
  EXPECT_NEAR(folds[0], folds[1], 1e-14 * folds[0]);
  EXPECT_NEAR(folds[0], 4.749661576657754, 1e-12);
}

// A single population with jumps of a tenth of a volt: the fold lies at 4e-7 Hz, where the curve
// bends within 1e-9 of the interval.
TEST(StationaryBranch, FoldsOfAllButSilentPopulationsAreFound) {
  const MeanField base = random_field(0, Regime::kSingle);
  const MeanFieldFamily family = [&](double p) {
    MeanField field = base;
    field.external_mean().array() += (p - 1) * 10 * mV;
    return field;
  };
  std::vector<double> folds;
  for (const double step : {0.02, 0.05}) {
    const Branch branch = continue_stationary(family, interval(0.2, 2, step)).branch;
    EXPECT_EQ(branch.back, BranchEnd::kLower);
    ASSERT_EQ(branch.special_points.size(), 1U);
    EXPECT_LT(branch.special_points[0].point.x[0], 1e-6);
    folds.push_back(branch.special_points[0].point.parameter);
  }
  EXPECT_NEAR(folds[0], folds[1], 1e-14);
}

// Drive (even numbers) or all weights (odd ones) of random networks: what is found on a branch does
// not depend on the step.
TEST(StationaryBranch, FoldsOfRandomNetworksDoNotDependOnTheStep) {
  for (const Regime regime : {Regime::kBalanced, Regime::kStrong, Regime::kBlocks}) {
    for (std::uint64_t k = 0; k < 8; ++k) {
      const MeanField base = random_field(k, regime);
      const MeanFieldFamily family = [&](double p) {
        MeanField field = base;
        auto& coupling = field.coupling;
        if (k % 2 == 0) {
          field.external_mean().array() += (p - 1) * 10 * mV;
        } else {
          coupling.dense(0) *= p;
          coupling.dense(1) *= p * p;
        }
        return field;
      };
      ContinuationOptions options = interval(0.2, 2);
      options.stability = false;
      const Branch fine = continue_stationary(family, options).branch;
      options.max_step = 0.05;
      const Branch coarse = continue_stationary(family, options).branch;
      SCOPED_TRACE(std::string(kRegimeNames[static_cast<std::size_t>(regime)]) + " network " +
                   std::to_string(k));
      EXPECT_NE(fine.back, BranchEnd::kStalled);
      EXPECT_EQ(fine.back, coarse.back);
      ASSERT_EQ(fine.special_points.size(), coarse.special_points.size());
      for (std::size_t i = 0; i < fine.special_points.size(); ++i) {
        EXPECT_EQ(fine.special_points[i].kind, coarse.special_points[i].kind);
        EXPECT_NEAR(fine.special_points[i].point.parameter,
                    coarse.special_points[i].point.parameter, 1e-10);
      }
    }
  }
}

TEST(StationaryBranch, PassesThroughEveryFixedPointOfTheModel) {
  // examples/models/bistable.yaml lists three at 19 mV.
  const Branch branch = continue_stationary(kBistable, interval(17 * mV, 21 * mV)).branch;
  const double expected[] = {0.9845069540959817, 7.385645130483143, 25.75878477522303};
  for (const double rate : expected) {
    bool found = false;
    for (const BranchPoint& point : branch.points) {
      found = found || (std::abs(point.parameter - 19 * mV) < 0.2 * mV &&
                        std::abs(point.x[0] - rate) < 0.3 * rate);
    }
    EXPECT_TRUE(found) << rate;
  }
}

TEST(StationaryBranch, FoldsOfTheBistableNetworkMeetInACusp) {
  for (const double step : {0.02, 0.1}) {
    const ContinuationOptions steps = interval(15 * mV, 22 * mV, step);
    const Branch branch = continue_stationary(kBistable, steps).branch;
    const FoldCurveOptions options{.steps = steps, .second_lower = 0, .second_upper = 0.1 * mV};
    RateFamily problem(bistable_plane, {steps.lower, 0}, {steps.upper, 0.1 * mV},
                       {19 * mV, 0.06 * mV});
    const auto curves = continue_folds(problem, branch.special_points, 0.06 * mV, options);
    ASSERT_EQ(curves.size(), 1U);
    ASSERT_EQ(curves[0].cusps.size(), 1U);
    // By symmetry at equal drive of both populations.
    EXPECT_NEAR(curves[0].cusps[0].parameter, 18.5 * mV, 1e-12 * mV);
    EXPECT_NEAR(curves[0].cusps[0].second_parameter, kCuspWeight, 1e-10 * kCuspWeight);
    EXPECT_NEAR(curves[0].cusps[0].x[0], 11.24733054981033717, 1e-5);
  }
}

// An excitatory pair that excites each other equally: the symmetric state loses its symmetry at a
// pitchfork, which a continuation in the weight must see.
TEST(StationaryBranch, ASymmetricNetworkHasABranchPoint) {
  const MeanFieldFamily family = [](double weight) { return bistable_plane(18.5 * mV, weight); };
  const Branch branch = continue_stationary(family, interval(0, 0.1 * mV)).branch;
  EXPECT_EQ(branch.back, BranchEnd::kUpper);
  ASSERT_EQ(branch.special_points.size(), 1U);
  EXPECT_EQ(branch.special_points[0].kind, SpecialPointKind::kBranchPoint);
  EXPECT_NEAR(branch.special_points[0].point.parameter, kCuspWeight, 1e-10 * kCuspWeight);
  EXPECT_NEAR(branch.points.back().x[0], branch.points.back().x[1], 1e-9);
  EXPECT_EQ(branch.points.back().stable, false);
}

TEST(StationaryBranch, AStopRequestBeforeTheStartLeavesItEmpty) {
  std::stop_source source;
  source.request_stop();
  ContinuationControl control;
  control.stop = source.get_token();
  const StationaryBranch result =
      continue_stationary(kBistable, interval(17 * mV, 21 * mV), {}, control);
  EXPECT_EQ(result.branch.back, BranchEnd::kInterrupted);
}

}  // namespace
}  // namespace nuphi::test
