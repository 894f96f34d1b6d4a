#include <gtest/gtest.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <cmath>

#include "support/csv.h"

namespace nuphi::test {
namespace {

using namespace units;

Network brunel(double g, double eta) {
  Brunel2000Parameters parameters;
  parameters.g = g;
  parameters.eta = eta;
  parameters.delay = 1.5 * ms;
  return brunel2000(parameters);
}

HopfPoint start_at(const CsvTable& table, std::size_t row) {
  return {table.number(row, "g"),
          Eigen::VectorXd::Constant(2, table.number(row, "rate") * (1 + 1e-4)),
          table.number(row, "frequency") * (1 + 1e-4)};
}

HopfCurveOptions plane() {
  HopfCurveOptions options;
  options.lower = {3, 0.5};
  options.upper = {8, 6};
  return options;
}

/// The point of a curve at a value of p or of q, by cubic interpolation: checks points between
/// those that are solved for.
double at(const HopfCurve& curve, bool over_g, double value, double HopfCurvePoint::*what,
          double near) {
  double best = std::nan("");
  for (std::size_t k = 1; k + 2 < curve.points.size(); ++k) {
    const auto u = [&](std::size_t i) {
      return (over_g ? curve.points[i].parameter : curve.points[i].second_parameter) - value;
    };
    if (u(k) * u(k + 1) > 0) continue;
    double result = 0;
    for (std::size_t i = k - 1; i <= k + 2; ++i) {
      double term = curve.points[i].*what;
      for (std::size_t j = k - 1; j <= k + 2; ++j)
        if (j != i) term *= -u(j) / (u(i) - u(j));
      result += term;
    }
    if (!(std::abs(best - near) < std::abs(result - near))) best = result;
  }
  return best;
}

TEST(HopfCurve, GoesThroughTheReferencePointsOfItsCurve) {
  const CsvTable table("brunel2000_hopf.csv");
  HopfCurveOptions options = plane();
  options.max_step = 0.01;
  // Rows 0 to 2: fast oscillations of the inhibition-dominated network.
  const HopfCurve curve = continue_hopf(brunel, start_at(table, 0), 4.0, options);
  ASSERT_GT(curve.points.size(), 20U);
  for (std::size_t row = 0; row < 3; ++row) {
    const double g = table.number(row, "g");
    const double eta = table.number(row, "eta");
    const double frequency = table.number(row, "frequency");
    EXPECT_NEAR(at(curve, true, g, &HopfCurvePoint::second_parameter, eta), eta, 3e-5 * eta) << row;
    EXPECT_NEAR(at(curve, true, g, &HopfCurvePoint::frequency, frequency), frequency,
                3e-5 * frequency)
        << row;
  }
}

TEST(HopfCurve, StartsAtTheReferencePointToItsLastDigits) {
  const CsvTable table("brunel2000_hopf.csv");
  for (std::size_t row = 0; row < 7; ++row) {
    const double eta = table.number(row, "eta");
    HopfCurveOptions options = plane();
    options.max_points = 2;
    HopfPoint start = start_at(table, row);
    start.parameter *= 1 + 1e-5;
    const HopfCurve curve = continue_hopf(brunel, start, eta, options);
    double nearest = 1;
    double frequency = 0;
    for (const HopfCurvePoint& point : curve.points) {
      if (point.arclength != 0) continue;
      nearest = std::abs(point.parameter - table.number(row, "g"));
      frequency = point.frequency;
    }
    EXPECT_LE(nearest, 1e-9) << row;
    EXPECT_NEAR(frequency, table.number(row, "frequency"), 1e-8 * frequency) << row;
  }
}

TEST(HopfCurve, BoundsTheStableStatesWhereItSaysSo) {
  const CsvTable table("brunel2000_hopf.csv");
  HopfCurveOptions options = plane();
  options.max_step = 0.1;
  options.initial_step = 0.1;
  options.count_modes = true;
  const HopfCurve curve = continue_hopf(brunel, start_at(table, 0), 4.0, options);
  ASSERT_GT(curve.points.size(), 4U);
  EXPECT_EQ(curve.points[curve.points.size() / 2].unstable_modes, 0);
}

TEST(HopfCurve, OfSeveralPointsEachCurveComesOnce) {
  const CsvTable table("brunel2000_hopf.csv");
  HopfCurveOptions options = plane();
  options.max_step = 0.05;
  // The two branches of fast oscillations at eta = 4.
  const std::vector<HopfPoint> starts = {start_at(table, 0), start_at(table, 6),
                                         start_at(table, 0)};
  EXPECT_EQ(continue_hopf_points(brunel, starts, 4.0, options).size(), 2U);
  EXPECT_THROW((void)continue_hopf(brunel, starts[0], 9.0, options), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
