#include <gtest/gtest.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "coloured_points.h"
#include "support/budgets.h"
#include "support/csv.h"
#include "support/random.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using test::coloured_point, test::coloured_points, test::coloured_row, test::CsvTable,
    test::difference, test::Move, test::random_coloured_points, test::Value;
using Point = test::ColouredPoint;

constexpr Correction kUniform = Correction::kUniform;

// --------------------------------------------------------------------------------------- accuracy

TEST(UniformRate, AgreesWithTheReferenceTable) {
  const CsvTable table("exact_rate.csv");
  test::ErrorStatistics errors, slow;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Point p = coloured_row(table, i);
    const double ratio = p.neuron.tau_syn / p.neuron.tau_m;
    const double error = std::abs(p.rate().rate / table.number(i, "rate") - 1);
    if (ratio <= 2) errors.add(error, "row " + std::to_string(i));
    // Below threshold slow synapses are out of its reach.
    if (ratio > 2 && p.mu >= p.neuron.V_th) slow.add(error, "row " + std::to_string(i));
  }
  EXPECT_EQ(errors.count(), 447U);
  EXPECT_EQ(slow.count(), 11U);
  test::expect_within(errors, test::kUniformBudget, "uniform: rate of the table");
  test::expect_within(slow, test::kUniformSlowBudget, "uniform: rate at tau_syn = 5 and 10 tau_m");
}

TEST(UniformRate, AgreesWithTheExactRateAndSlopeAtOtherPoints) {
  test::ErrorStatistics rates, slopes;
  for (const Point& p : random_coloured_points(400, 11)) {
    const SiegertRate a = p.rate(), b = p.exact();
    const std::string where = "y_t " + std::to_string(p.neuron.V_th / p.sigma) +
                              ", tau_syn/tau_m " +
                              std::to_string(p.neuron.tau_syn / p.neuron.tau_m);
    rates.add(std::abs(a.rate / b.rate - 1), where);
    slopes.add(std::abs(a.dlog_rate_dmu / b.dlog_rate_dmu - 1), where);
  }
  test::expect_within(rates, test::kUniformBudget, "uniform: rate at random points");
  test::expect_within(slopes, test::kUniformSlopeBudget, "uniform: d ln rate/d mu");
}

// To first order in √(τ_syn/τ_m) it is the shift of the boundaries: the difference falls as τ_syn.
TEST(UniformRate, BecomesTheShiftedBoundariesForFastSynapses) {
  for (const double y_t : {-4.0, -0.5, 1.0}) {
    const auto difference = [&](double k) {
      const Point p = coloured_point(y_t, y_t - 2, k, 0.5);
      const double other = siegert(p.mu, p.sigma, p.neuron, Correction::kShiftRefractory).log_rate;
      return std::abs(p.rate().log_rate - other);
    };
    EXPECT_LT(difference(1e-3), 3e-5) << y_t;
    EXPECT_NEAR(difference(1e-3) / difference(1e-4), 100, 10) << y_t;
  }
}

// ------------------------------------------------------------------------------------ derivatives

const Move kMu = [](Point& p, double h) { p.mu += h; };
const Move kSigma = [](Point& p, double h) { p.sigma += h; };

void expect_slope(double slope, const Point& p, double scale, const Value& value, const Move& move,
                  const std::string& what) {
  const double expected = difference(p, 2e-4 * scale, value, move) * scale;
  EXPECT_NEAR(slope * scale, expected, 2e-8 * std::max(1.0, std::abs(expected))) << what;
}

TEST(UniformRate, HasItsDerivatives) {
  for (std::size_t i = 0; i < coloured_points().size(); ++i) {
    const Point& p = coloured_points()[i];
    const auto check = [&](double slope, double scale, const Value& value, const Move& move,
                           const char* name) {
      expect_slope(slope, p, scale, value, move, "point " + std::to_string(i) + ", " + name);
    };
    const Value log_rate = [](const Point& q) { return q.rate().log_rate; };
    const SiegertRate r = p.rate();
    check(r.dlog_rate_dmu, p.sigma, log_rate, kMu, "mu");
    check(r.dlog_rate_dsigma, p.sigma, log_rate, kSigma, "sigma");
    EXPECT_DOUBLE_EQ(r.drate_dmu, r.rate * r.dlog_rate_dmu);
    EXPECT_DOUBLE_EQ(r.drate_dsigma, r.rate * r.dlog_rate_dsigma);

    const SiegertSecond s = siegert_second(p.mu, p.sigma, p.neuron, kUniform);
    EXPECT_NEAR(s.first.dlog_rate_dmu / r.dlog_rate_dmu, 1, 1e-12);
    const Value by_mu = [&](const Point& q) { return q.rate().dlog_rate_dmu * p.sigma; };
    const Value by_sigma = [&](const Point& q) { return q.rate().dlog_rate_dsigma * p.sigma; };
    check(s.d2log_rate_dmu2 * p.sigma, p.sigma, by_mu, kMu, "mu mu");
    check(s.d2log_rate_dmudsigma * p.sigma, p.sigma, by_mu, kSigma, "mu sigma");
    check(s.d2log_rate_dmudsigma * p.sigma, p.sigma, by_sigma, kMu, "sigma mu");
    check(s.d2log_rate_dsigma2 * p.sigma, p.sigma, by_sigma, kSigma, "sigma sigma");
    const double scale = p.sigma * p.sigma / r.rate;
    EXPECT_NEAR(s.d2rate_dmu2 * scale,
                (s.d2log_rate_dmu2 + r.dlog_rate_dmu * r.dlog_rate_dmu) * p.sigma * p.sigma, 1e-9);

    const LifParameterGradient g = lif_parameter_gradient(p.mu, p.sigma, p.neuron, kUniform);
    const LifParameters& n = p.neuron;
    const LifPartials& d = g.dlog_rate;
    check(
        d.tau_m, n.tau_m, log_rate, [](Point& q, double h) { q.neuron.tau_m += h; }, "tau_m");
    check(
        d.tau_syn, n.tau_syn, log_rate, [](Point& q, double h) { q.neuron.tau_syn += h; },
        "tau_syn");
    const double length = std::min(p.sigma, n.V_th - n.V_reset);
    check(
        d.V_th, length, log_rate, [](Point& q, double h) { q.neuron.V_th += h; }, "V_th");
    check(
        d.V_reset, length, log_rate, [](Point& q, double h) { q.neuron.V_reset += h; }, "V_reset");
    if (n.t_ref > 0)
      check(
          d.t_ref, n.t_ref, log_rate, [](Point& q, double h) { q.neuron.t_ref += h; }, "t_ref");
    EXPECT_DOUBLE_EQ(g.drate.tau_syn, r.rate * d.tau_syn);
  }
}

// ------------------------------------------------------------------------------ beyond the domain

// From the closed form to the average over slow currents, in τ_syn/τ_m and in the mean.
TEST(UniformRate, PassesIntoTheAverageOverSlowCurrentsWithoutAStep) {
  const auto log_rate = [](double y_t, double ratio) {
    return coloured_point(y_t, y_t - 3, std::sqrt(ratio), 0.05).rate().log_rate;
  };
  for (const double y_t : {-4.0, -1.0, -0.2}) {
    for (const double ratio : {2.0, 5.0}) {
      EXPECT_NEAR(log_rate(y_t, ratio * (1 - 1e-9)), log_rate(y_t, ratio * (1 + 1e-9)), 1e-8);
    }
  }
  for (const double ratio : {3.0, 6.0, 50.0}) {
    for (const double y_t : {0.0, -1.5})
      EXPECT_NEAR(log_rate(y_t - 1e-10, ratio), log_rate(y_t + 1e-10, ratio), 1e-7) << ratio;
  }
  const Point slow = coloured_point(-2, -5, std::sqrt(5.001), 0.05);
  EXPECT_DOUBLE_EQ(slow.rate().rate,
                   siegert(slow.mu, slow.sigma, slow.neuron, Correction::kAdiabatic).rate);
  EXPECT_NEAR(slow.rate().rate / slow.exact().rate, 1, 1e-3);
}

TEST(UniformRate, HasTheGradientOfTheMixture) {
  const Point p = coloured_point(-0.7, -3, std::sqrt(3.3), 0.1);
  const Value log_rate = [](const Point& q) { return q.rate().log_rate; };
  expect_slope(p.rate().dlog_rate_dmu, p, p.sigma, log_rate, kMu, "mu");
  expect_slope(p.rate().dlog_rate_dsigma, p, p.sigma, log_rate, kSigma, "sigma");
  const LifPartials d = lif_parameter_gradient(p.mu, p.sigma, p.neuron, kUniform).dlog_rate;
  const LifParameters& n = p.neuron;
  const auto move = [](double LifParameters::*member) {
    return [member](Point& q, double h) { q.neuron.*member += h; };
  };
  expect_slope(d.tau_m, p, n.tau_m, log_rate, move(&LifParameters::tau_m), "tau_m");
  expect_slope(d.tau_syn, p, n.tau_syn, log_rate, move(&LifParameters::tau_syn), "tau_syn");
  expect_slope(d.t_ref, p, n.t_ref, log_rate, move(&LifParameters::t_ref), "t_ref");
  expect_slope(d.V_th, p, p.sigma, log_rate, move(&LifParameters::V_th), "V_th");
  expect_slope(d.V_reset, p, p.sigma, log_rate, move(&LifParameters::V_reset), "V_reset");
  EXPECT_TRUE(std::isnan(siegert_second(p.mu, p.sigma, p.neuron, kUniform).d2rate_dmu2));
}

TEST(UniformRate, HasTheLimitsOfTheOthers) {
  LifParameters n{.tau_syn = 5 * ms};
  const auto rate = [&](double mu, double sigma) { return siegert(mu, sigma, n, kUniform); };
  EXPECT_EQ(rate(25 * mV, 0).rate, siegert(25 * mV, 0, n, Correction::kNone).rate);
  EXPECT_EQ(rate(15 * mV, 0).rate, 0);
  EXPECT_TRUE(std::isnan(rate(NAN, 5 * mV).rate));
  EXPECT_TRUE(std::isnan(rate(15 * mV, -1 * mV).rate));
  n.tau_syn = 0;
  EXPECT_EQ(rate(18 * mV, 5 * mV).rate, siegert(18 * mV, 5 * mV, n, Correction::kNone).rate);
}

TEST(UniformRate, IsARateForEveryInput) {
  test::Random random(5);
  for (int i = 0; i < 3000; ++i) {
    const auto size = [&](double decades) {
      return std::pow(10, random.uniform(-decades, decades));
    };
    Point p{10 * mV * size(6) * (random.uniform(0, 1) < 0.3 ? -1 : 1), 5 * mV * size(6), {}};
    p.neuron.tau_m = 10 * ms * size(2);
    p.neuron.tau_syn = p.neuron.tau_m * size(8);
    p.neuron.t_ref = random.uniform(0, 1) < 0.2 ? 0 : 2 * ms * size(3);
    p.neuron.V_th = 20 * mV * size(1);
    p.neuron.V_reset = p.neuron.V_th - 10 * mV * size(4);
    const SiegertRate r = p.rate();
    EXPECT_GE(r.rate, 0) << i;
    EXPECT_LE(r.rate * p.neuron.t_ref, 1 + 1e-12) << i;
    EXPECT_TRUE(std::isfinite(r.rate) && !std::isnan(r.log_rate)) << i;
    EXPECT_TRUE(std::isfinite(r.drate_dmu) && std::isfinite(r.drate_dsigma)) << i;
  }
}

TEST(UniformRate, RisesWithTheMean) {
  for (const Point& p : random_coloured_points(300, 23)) EXPECT_GT(p.rate().dlog_rate_dmu, 0);
}

}  // namespace
