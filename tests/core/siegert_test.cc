#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "support/accuracy.h"
#include "support/budgets.h"
#include "support/csv.h"
#include "support/derivatives.h"
#include "support/random.h"
#include "support/siegert_reference.h"

namespace nuphi {
namespace {

using test::CsvTable, test::ErrorStatistics, test::Point, test::Random, test::neuron_of,
    test::relative, test::scaled_error, test::representable, test::half_alpha_root;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::array kCorrections = {Correction::kNone, Correction::kShift, Correction::kTaylor,
                                     Correction::kShiftRefractory};

SiegertRate siegert_at(const Point& p) { return siegert(p.mu, p.sigma, p.neuron, p.correction); }

std::array<double, 6> fields(const SiegertRate& r) {
  return {r.rate, r.log_rate, r.drate_dmu, r.drate_dsigma, r.dlog_rate_dmu, r.dlog_rate_dsigma};
}

// ---------------------------------------------------------------- reference table, by regime

class SiegertReference : public testing::TestWithParam<std::string> {};

TEST_P(SiegertReference, StaysWithinBudget) {
  static const CsvTable table("siegert.csv");
  const test::SiegertBudget& budget =
      *std::find_if(test::kSiegertBudgets.begin(), test::kSiegertBudgets.end(),
                    [](const auto& b) { return b.regime == GetParam(); });
  test::SiegertErrors errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "regime") != budget.regime) continue;
    const double mu = table.number(row, "mu"), sigma = table.number(row, "sigma");
    const LifParameters neuron = neuron_of(table, row);
    errors.add(table, row, siegert(mu, sigma, neuron), siegert_second(mu, sigma, neuron));
  }
  errors.expect_within_budget(budget);
}

INSTANTIATE_TEST_SUITE_P(Regimes, SiegertReference, testing::ValuesIn(test::siegert_regimes()),
                         [](const auto& parameter) { return parameter.param; });

TEST(SiegertRate, HasABudgetForEveryRegimeOfTheTable) {
  const CsvTable table("siegert.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string& regime = table.text(row, "regime");
    EXPECT_TRUE(std::any_of(test::kSiegertBudgets.begin(), test::kSiegertBudgets.end(),
                            [&](const auto& b) { return b.regime == regime; }))
        << regime;
  }
}

TEST(SiegertRate, AgreesWithTheTableOfChosenBoundaries) {
  const CsvTable table("siegert_points.csv");
  ASSERT_EQ(table.size(), 42u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const LifParameters neuron{.tau_m = table.number(row, "tau_m"),
                               .t_ref = table.number(row, "t_ref"),
                               .V_th = table.number(row, "V_th"),
                               .V_reset = table.number(row, "V_reset")};
    const SiegertRate r = siegert(0, 1, neuron);
    if (representable(table.truth(row, "nu"))) {
      EXPECT_LE(relative(r.rate, table.truth(row, "nu")), 2e-15) << "row " << row;
      EXPECT_LE(relative(r.drate_dmu, table.truth(row, "dnu_dmu")), 5e-15) << "row " << row;
      EXPECT_LE(relative(r.drate_dsigma, table.truth(row, "dnu_dsigma")), 5e-15) << "row " << row;
    }
  }
}

TEST(SiegertRate, AgreesWithQuadratureAtTheSeamsAndForEachCorrection) {
  const CsvTable table("siegert_seams.csv");
  const std::map<std::string, Correction> corrections = {
      {"none", Correction::kNone},
      {"shift", Correction::kShift},
      {"taylor", Correction::kTaylor},
      {"shift_refractory", Correction::kShiftRefractory}};
  std::map<std::string, std::map<std::string, ErrorStatistics>> errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string where = table.text(row, "regime") + ", row " + std::to_string(row);
    const SiegertRate r =
        siegert(table.number(row, "mu"), table.number(row, "sigma"), neuron_of(table, row),
                corrections.at(table.text(row, "correction")));
    const auto truth = [&](const char* column) { return table.truth(row, column); };
    auto& e = errors[table.text(row, "regime")];
    e["rate"].add(scaled_error(r.rate, truth("nu"), truth("nu_scale")), where);
    e["∂μ"].add(scaled_error(r.drate_dmu, truth("dnu_dmu"), truth("dmu_scale")), where);
    e["∂σ"].add(scaled_error(r.drate_dsigma, truth("dnu_dsigma"), truth("dsigma_scale")), where);
    const long double log_nu = truth("log_nu"), nu = truth("nu");
    if (std::isnan(log_nu)) {
      EXPECT_TRUE(std::isnan(r.log_rate) && std::isnan(r.dlog_rate_dmu)) << where;
      EXPECT_LT(r.rate, 0) << where;
    } else {
      const long double condition = truth("nu_scale") / nu;
      e["log rate"].add(scaled_error(r.log_rate, log_nu, std::max(condition, std::abs(log_nu))),
                        where);
      e["∂μ"].add(
          scaled_error(r.dlog_rate_dmu, truth("dnu_dmu") / nu, condition * truth("dmu_scale") / nu),
          where);
    }
  }
  for (auto& [regime, by_quantity] : errors) {
    expect_within(by_quantity["rate"], test::kSeamBudget.rate, regime + ": rate");
    expect_within(by_quantity["log rate"], test::kSeamBudget.log_rate, regime + ": log rate");
    expect_within(by_quantity["∂μ"], test::kSeamBudget.d_mu, regime + ": ∂μ");
    expect_within(by_quantity["∂σ"], test::kSeamBudget.d_sigma, regime + ": ∂σ");
  }
}

// ---------------------------------------------------------------- properties

TEST(SiegertRate, LiesBetweenZeroAndTheInverseRefractoryTime) {
  Random random(1);
  for (int i = 0; i < 100000; ++i) {
    const Point p = cortical_point(random);
    const double rate = siegert_at(p).rate;
    EXPECT_GE(rate, 0) << print(p);
    EXPECT_LE(rate, 1 / p.neuron.t_ref) << print(p);  // t_ref = 0 gives infinity
  }
}

TEST(SiegertRate, IncreasesWithTheMeanInput) {
  Random random(2);
  for (int i = 0; i < 50000; ++i) {
    Point p = cortical_point(random);
    const SiegertRate before = siegert_at(p);
    EXPECT_GE(before.drate_dmu, 0) << print(p);
    EXPECT_GT(before.dlog_rate_dmu, 0) << print(p);
    p.mu += random.log_uniform(1e-16, 1e-2);
    const SiegertRate after = siegert_at(p);
    EXPECT_GE(after.log_rate, before.log_rate - 2e-15 * std::max(1.0, std::abs(before.log_rate)))
        << print(p);
  }
}

TEST(SiegertRate, DoesNotChangeWithTheUnitOfVoltage) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const Point p = cortical_point(random);
    for (const int power : {-40, 7, 60}) {
      Point q = p;
      for (double* x : {&q.mu, &q.sigma, &q.neuron.V_th, &q.neuron.V_reset}) {
        *x = std::ldexp(*x, power);
      }
      const SiegertRate a = siegert_at(p), b = siegert_at(q);
      EXPECT_EQ(a.rate, b.rate) << print(p);
      EXPECT_EQ(a.log_rate, b.log_rate) << print(p);
      EXPECT_EQ(a.dlog_rate_dmu, std::ldexp(b.dlog_rate_dmu, power)) << print(p);
      EXPECT_EQ(a.dlog_rate_dsigma, std::ldexp(b.dlog_rate_dsigma, power)) << print(p);
    }
  }
}

TEST(SiegertRate, ScalesInverselyWithTheUnitOfTime) {
  Random random(4);
  for (int i = 0; i < 20000; ++i) {
    const Point p = cortical_point(random);
    Point q = p;
    for (double* x : {&q.neuron.tau_m, &q.neuron.t_ref, &q.neuron.tau_syn}) *x *= 1024;
    const SiegertRate a = siegert_at(p), b = siegert_at(q);
    if (a.rate > 1e-290) {
      EXPECT_EQ(a.rate, 1024 * b.rate) << print(p);
    }
    EXPECT_EQ(a.dlog_rate_dmu, b.dlog_rate_dmu) << print(p);
    EXPECT_EQ(a.dlog_rate_dsigma, b.dlog_rate_dsigma) << print(p);
  }
}

TEST(SiegertRate, IsTheSameInUnitsFarFromOne) {
  // Beyond about 1e±40 the arguments are rescaled first: another road to the same numbers.
  Random random(5);
  for (int i = 0; i < 5000; ++i) {
    const Point p = cortical_point(random);
    const SiegertRate a = siegert_at(p);
    for (const int power : {-900, -500, 500, 1020}) {
      Point q = p;
      for (double* x : {&q.mu, &q.sigma, &q.neuron.V_th, &q.neuron.V_reset}) {
        *x = std::ldexp(*x, power);
      }
      const SiegertRate b = siegert_at(q);
      EXPECT_NEAR(b.log_rate, a.log_rate, 2e-15 * std::max(1.0, std::abs(a.log_rate))) << print(p);
      if (a.rate > 1e-290) {
        EXPECT_NEAR(b.rate, a.rate, 3e-15 * a.rate) << print(p);
      }
      const double slope = std::ldexp(a.dlog_rate_dmu, -power);
      if (std::isnormal(slope)) {
        EXPECT_NEAR(b.dlog_rate_dmu, slope, 5e-15 * slope) << print(p) << " 2^" << power;
      }
    }
    for (const int power : {-900, 900}) {
      Point q = p;
      for (double* x : {&q.neuron.tau_m, &q.neuron.t_ref, &q.neuron.tau_syn}) {
        *x = std::ldexp(*x, power);
      }
      const SiegertRate b = siegert_at(q);
      const double expected = a.log_rate - power * std::log(2.0);
      EXPECT_NEAR(b.log_rate, expected, 2e-15 * std::max(700.0, std::abs(expected))) << print(p);
      EXPECT_NEAR(b.dlog_rate_dmu, a.dlog_rate_dmu, 5e-15 * a.dlog_rate_dmu) << print(p);
    }
  }
}

TEST(SiegertRate, KeepsItsDigitsInAnIntervalBelowTheRangeOfDouble) {
  // V_th − V_reset is 2^-1000 of μ: T = t_ref + τ_m L/(μ − V_th).
  const LifParameters neuron{.tau_m = 1, .t_ref = 0, .V_th = 0x1p-1000, .V_reset = 0};
  const SiegertRate r = siegert(0x1p60, 0, neuron);
  EXPECT_NEAR(r.log_rate, 1060 * std::log(2.0), 1e-12);
  EXPECT_EQ(r.rate, std::numeric_limits<double>::max());
  const SiegertRate noisy = siegert(0, 0x1p60, neuron);  // T = τ_m √π L/σ
  EXPECT_NEAR(noisy.log_rate, 1060 * std::log(2.0) - 0.5 * std::log(M_PI), 1e-12);
}

TEST(SiegertRate, ApproachesTheInverseRefractoryTimeForStrongDrive) {
  const LifParameters neuron{};
  EXPECT_NEAR(siegert(1e9, 5e-3, neuron).rate * neuron.t_ref, 1, 2e-10);
  EXPECT_EQ(siegert(1e308, 5e-3, neuron).rate, 1 / neuron.t_ref);
}

TEST(SiegertRate, ApproachesTheNoiselessRateAsNoiseVanishes) {
  Random random(6);
  for (int i = 0; i < 2000; ++i) {
    Point p = cortical_point(random);
    p.correction = Correction::kNone;
    p.mu = p.neuron.V_th + random.log_uniform(1e-4, 0.1);
    const LifParameters& n = p.neuron;
    const double expected =
        1 / (n.t_ref + n.tau_m * std::log1p((n.V_th - n.V_reset) / (p.mu - n.V_th)));
    p.sigma = 0;
    const SiegertRate exact = siegert_at(p);
    EXPECT_NEAR(exact.rate, expected, 4e-15 * expected) << print(p);
    EXPECT_EQ(exact.drate_dsigma, 0) << print(p);
    for (const double sigma : {1e-300, 1e-60, 1e-30, 1e-13}) {
      p.sigma = sigma;
      const SiegertRate noisy = siegert_at(p);
      EXPECT_NEAR(noisy.rate, exact.rate, 3e-15 * exact.rate) << print(p);
      EXPECT_NEAR(noisy.drate_dmu, exact.drate_dmu, 5e-15 * exact.drate_dmu) << print(p);
    }
  }
}

TEST(SiegertRate, IsSilentWithoutNoiseBelowThreshold) {
  const LifParameters neuron{};
  const SiegertRate below = siegert(neuron.V_th - 1e-3, 0, neuron);
  EXPECT_EQ(below.rate, 0);
  EXPECT_EQ(below.log_rate, -kInfinity);
  EXPECT_EQ(below.drate_dmu, 0);
  EXPECT_EQ(below.drate_dsigma, 0);
  const SiegertRate at = siegert(neuron.V_th, 0, neuron);
  EXPECT_EQ(at.rate, 0);
  EXPECT_EQ(at.log_rate, -kInfinity);
  EXPECT_TRUE(std::isnan(at.drate_dmu));
}

TEST(SiegertRate, KeepsLogarithmAndSlopesWhereItUnderflows) {
  // ln ν = −y² − ln(τ_m√π/y) to first order in 1/y²
  const LifParameters neuron{.tau_m = 1, .t_ref = 0, .V_th = 0, .V_reset = -10};
  for (const double y : {30.0, 1e3, 1e6, 1e9, 1e11, 1e100}) {
    const SiegertRate r = siegert(-y, 1, neuron);
    EXPECT_EQ(r.drate_dmu, 0 * y + r.rate * r.dlog_rate_dmu);
    const double expected = -y * y - std::log(std::sqrt(M_PI) / y) - 0.5 / (y * y);
    EXPECT_NEAR(r.log_rate, expected, 2e-15 * std::abs(expected) + 2 / (y * y * y * y));
    EXPECT_NEAR(r.dlog_rate_dmu, 2 * y, 2 * y * (1 / (y * y) + 1e-15));
  }
  EXPECT_EQ(siegert(-1e200, 1, neuron).log_rate, -kInfinity);
  EXPECT_EQ(siegert(-1e200, 1, neuron).rate, 0);
}

TEST(SiegertRate, KeepsDerivativesThatAreRepresentableWhereTheRateIsNot) {
  // Rates around 1e-310 with slopes of 1e12 per volt.
  const LifParameters neuron{.tau_m = 1, .t_ref = 0, .V_th = 0, .V_reset = -1e-9};
  const double sigma = 1e-10, mu = -26.72 * sigma;
  const SiegertRate r = siegert(mu, sigma, neuron);
  ASSERT_LT(r.rate, 1e-308);
  ASSERT_GT(r.drate_dmu, 1e-300);
  EXPECT_NEAR(std::log(r.drate_dmu), r.log_rate + std::log(r.dlog_rate_dmu), 1e-12);
}

TEST(SiegertRate, IsContinuousAcrossTheSeams) {
  // Dense scans through the places where the evaluation changes its form, one of them in steps of
  // the rounding of μ.
  const auto scan = [](Point p, double y_seam, double distance) {
    const double start = p.neuron.V_th - y_seam * p.sigma - 200 * distance;
    p.mu = start;
    SiegertRate last = siegert_at(p);
    for (int k = 1; k <= 400; ++k) {
      const double step = start + k * distance - p.mu;
      p.mu += step;
      const SiegertRate now = siegert_at(p);
      EXPECT_NEAR(now.log_rate - last.log_rate, now.dlog_rate_dmu * step,
                  3e-15 * std::max(1.0, std::abs(now.log_rate)) + 1e-3 * now.dlog_rate_dmu * step)
          << print(p);
      // The gradient changes over lengths of σ/(1 + y) or longer.
      const double change = 20 * now.dlog_rate_dmu * step / p.sigma * (1 + y_seam);
      EXPECT_NEAR(now.dlog_rate_dmu, last.dlog_rate_dmu, 5e-15 * now.dlog_rate_dmu + change)
          << print(p);
      EXPECT_NEAR(now.dlog_rate_dsigma, last.dlog_rate_dsigma,
                  5e-15 * (std::abs(now.dlog_rate_dsigma) + now.dlog_rate_dmu) + change)
          << print(p);
      last = now;
    }
  };
  for (const double distance : {0x1p-58, 1e-12}) {
    for (const double sigma : {1e-3, 5e-3}) {
      Point p;
      p.sigma = sigma;
      for (const double d : {1e-3, 0.1, 0.5, 1.0, 8.0}) {
        p.neuron.V_reset = p.neuron.V_th - d * sigma;
        scan(p, 0, distance);                               // above and below threshold
        scan(p, d, distance);                               // reset at zero
        if (d < 0.6) scan(p, (0.6 / d - 1) / 2, distance);  // narrow and wide
        for (const double y : {1.0, 2.0, 3.0, 6.0, 7.0}) scan(p, y, distance);
        for (const double y : {1.0, 4.0, 7.0}) scan(p, y + d, distance);
      }
    }
  }
}

TEST(SiegertRate, HasTheGradientOfItsDifferences) {
  Random random(7);
  for (int i = 0; i < 3000; ++i) {
    Point p = cortical_point(random);
    p.correction = kCorrections[static_cast<std::size_t>(random.below(4))];
    p.sigma = random.log_uniform(1e-3, 20e-3);
    const SiegertRate r = siegert_at(p);
    if (p.correction == Correction::kTaylor && !(r.rate > 0)) continue;
    if (std::abs(r.log_rate) > 200) continue;
    const double h = 3e-3 * p.sigma;
    const auto log_rate = [&](double mu, double sigma) {
      return siegert(mu, sigma, p.neuron, p.correction).log_rate;
    };
    const double noise = 1e-15 * (1 + std::abs(r.log_rate)) / h;
    const double tolerance = p.correction == Correction::kTaylor ? 1e-4 : 1e-9;
    if (p.correction == Correction::kTaylor && std::isnan(log_rate(p.mu - 3 * h, p.sigma)))
      continue;
    test::expect_derivative([&](double mu) { return log_rate(mu, p.sigma); }, p.mu, h,
                            r.dlog_rate_dmu, noise / tolerance, tolerance, "∂μ at " + print(p));
    if (p.correction == Correction::kTaylor && std::isnan(log_rate(p.mu, p.sigma - 3 * h)))
      continue;
    test::expect_derivative([&](double sigma) { return log_rate(p.mu, sigma); }, p.sigma, h,
                            r.dlog_rate_dsigma, noise / tolerance + r.dlog_rate_dmu, tolerance,
                            "∂σ at " + print(p));
  }
}

TEST(SiegertSecond, IsTheGradientOfTheGradient) {
  Random random(8);
  for (int i = 0; i < 3000; ++i) {
    Point p = cortical_point(random);
    p.sigma = random.log_uniform(1e-3, 20e-3);
    const SiegertSecond s = siegert_second(p.mu, p.sigma, p.neuron, p.correction);
    const double h = 3e-3 * p.sigma;
    const auto at = [&](double mu, double sigma) {
      return siegert(mu, sigma, p.neuron, p.correction);
    };
    const double l = std::abs(s.first.dlog_rate_dmu) + std::abs(s.first.dlog_rate_dsigma);
    const double scale = l / p.sigma;
    test::expect_derivative([&](double mu) { return at(mu, p.sigma).dlog_rate_dmu; }, p.mu, h,
                            s.d2log_rate_dmu2, scale, 1e-10, "∂μ∂μ at " + print(p));
    test::expect_derivative([&](double sigma) { return at(p.mu, sigma).dlog_rate_dmu; }, p.sigma, h,
                            s.d2log_rate_dmudsigma, scale, 1e-10, "∂σ∂μ at " + print(p));
    test::expect_derivative([&](double sigma) { return at(p.mu, sigma).dlog_rate_dsigma; }, p.sigma,
                            h, s.d2log_rate_dsigma2, scale, 1e-10, "∂σ∂σ at " + print(p));
    if (s.first.rate > 1e-280) {
      const SiegertRate& r = s.first;
      EXPECT_NEAR(s.d2rate_dmu2, r.rate * (s.d2log_rate_dmu2 + r.dlog_rate_dmu * r.dlog_rate_dmu),
                  1e-13 * r.rate * l * l + 1e-13 * std::abs(s.d2rate_dmu2));
    }
  }
}

// ---------------------------------------------------------------- colour

TEST(SiegertColour, IsIgnoredWithoutASynapticTimeConstant) {
  Random random(9);
  for (int i = 0; i < 1000; ++i) {
    Point p = cortical_point(random);
    p.neuron.tau_syn = 0;
    const SiegertRate white = siegert(p.mu, p.sigma, p.neuron, Correction::kNone);
    for (const Correction c : {Correction::kShift, Correction::kTaylor,
                               Correction::kShiftRefractory, Correction::kAdiabatic}) {
      EXPECT_EQ(fields(siegert(p.mu, p.sigma, p.neuron, c)), fields(white)) << print(p);
    }
    p.neuron.tau_syn = 1e-3;
    EXPECT_EQ(fields(siegert(p.mu, p.sigma, p.neuron, Correction::kNone)), fields(white));
  }
}

TEST(SiegertColour, ShiftIsThatOfTheMean) {
  // y + c is what a mean lower by cσ gives.
  Random random(10);
  for (int i = 0; i < 5000; ++i) {
    Point p = cortical_point(random);
    p.neuron.tau_syn = random.uniform(0.1e-3, 5e-3);
    p.sigma = random.log_uniform(2e-3, 50e-3);
    const double c = static_cast<double>(half_alpha_root(p.neuron));
    const SiegertRate shifted = siegert(p.mu, p.sigma, p.neuron, Correction::kShift);
    const SiegertRate white = siegert(p.mu - c * p.sigma, p.sigma, p.neuron, Correction::kNone);
    // The rounding of that mean is felt as 2y² times as much.
    const double y = (p.neuron.V_th - p.mu) / p.sigma + c;
    EXPECT_NEAR(shifted.log_rate, white.log_rate, 1e-15 * (10 + 10 * y * y)) << print(p);
    EXPECT_NEAR(shifted.dlog_rate_dmu, white.dlog_rate_dmu,
                1e-15 * (10 + 10 * y * y) * white.dlog_rate_dmu)
        << print(p);
  }
}

TEST(SiegertColour, RefractoryShiftLiesBetweenWhiteNoiseAndShift) {
  Random random(11);
  for (int i = 0; i < 5000; ++i) {
    Point p = cortical_point(random);
    p.neuron.tau_syn = random.uniform(0.1e-3, 5e-3);
    LifParameters n = p.neuron;
    n.t_ref = 0;
    EXPECT_EQ(fields(siegert(p.mu, p.sigma, n, Correction::kShiftRefractory)),
              fields(siegert(p.mu, p.sigma, n, Correction::kShift)));
    // Less shift of the reset: a longer way to threshold, a lower rate.
    const double refractory =
        siegert(p.mu, p.sigma, p.neuron, Correction::kShiftRefractory).log_rate;
    const double shift = siegert(p.mu, p.sigma, p.neuron, Correction::kShift).log_rate;
    EXPECT_LE(refractory, shift + 2e-15 * std::max(1.0, std::abs(shift))) << print(p);
  }
}

TEST(SiegertColour, TaylorIsTheFirstOrderOfTheShift) {
  Random random(12);
  for (int i = 0; i < 2000; ++i) {
    Point p = cortical_point(random);
    p.sigma = random.log_uniform(3e-3, 50e-3);
    p.mu = p.neuron.V_th + random.uniform(-2, 5) * p.sigma;
    const auto gap = [&](double tau_syn) {
      p.neuron.tau_syn = tau_syn;
      const double shift = siegert(p.mu, p.sigma, p.neuron, Correction::kShift).rate;
      return std::abs(siegert(p.mu, p.sigma, p.neuron, Correction::kTaylor).rate / shift - 1);
    };
    // The difference is of second order in √τ_syn: of first order in τ_syn.
    const double fine = gap(1e-10 * p.neuron.tau_m);
    EXPECT_LE(fine, 4e-9) << print(p);
  }
}

TEST(SiegertColour, TaylorMayBeNegativeAndThenHasNoLogarithm) {
  const LifParameters neuron{.tau_syn = 5e-3};
  const SiegertRate r = siegert(5e-3, 3e-3, neuron, Correction::kTaylor);
  EXPECT_LT(r.rate, 0);
  EXPECT_TRUE(std::isnan(r.log_rate));
  EXPECT_TRUE(std::isnan(r.dlog_rate_dmu));
  EXPECT_TRUE(std::isnan(r.dlog_rate_dsigma));
  EXPECT_TRUE(std::isfinite(r.drate_dmu));
}

TEST(SiegertColour, AdiabaticIsThatOfSlowSynapsesBitForBit) {
  Random random(13);
  for (int i = 0; i < 5000; ++i) {
    Point p = cortical_point(random);
    p.neuron.tau_syn = random.log_uniform(1e-3, 1);
    if (i % 10 == 0) p.sigma = 0;
    const SiegertRate slow = siegert_adiabatic(p.mu, p.sigma, p.neuron);
    const SiegertRate rate = siegert(p.mu, p.sigma, p.neuron, Correction::kAdiabatic);
    const SiegertSecond second = siegert_second(p.mu, p.sigma, p.neuron, Correction::kAdiabatic);
    EXPECT_EQ(std::memcmp(&rate, &slow, sizeof rate), 0) << print(p);
    EXPECT_EQ(std::memcmp(&second.first, &slow, sizeof slow), 0) << print(p);
    for (const double x :
         {second.d2rate_dmu2, second.d2rate_dmudsigma, second.d2rate_dsigma2,
          second.d2log_rate_dmu2, second.d2log_rate_dmudsigma, second.d2log_rate_dsigma2}) {
      EXPECT_TRUE(std::isnan(x)) << print(p);
    }
  }
}

// ---------------------------------------------------------------- domain

TEST(SiegertDomain, ReturnsNanOutsideIt) {
  const LifParameters good{.tau_syn = 1e-3};
  std::vector<Point> bad;
  const auto with = [&](auto change) {
    Point p{.mu = 15e-3, .sigma = 5e-3, .neuron = good, .correction = Correction::kShift};
    change(p);
    bad.push_back(p);
  };
  for (const double x : {kNaN, kInfinity, -kInfinity}) {
    with([&](Point& p) { p.mu = x; });
    with([&](Point& p) { p.sigma = x; });
    with([&](Point& p) { p.neuron.V_th = x; });
    with([&](Point& p) { p.neuron.V_reset = x; });
    with([&](Point& p) { p.neuron.tau_m = x; });
    with([&](Point& p) { p.neuron.t_ref = x; });
    with([&](Point& p) { p.neuron.tau_syn = x; });
  }
  with([](Point& p) { p.sigma = -1e-3; });
  with([](Point& p) { p.neuron.tau_m = 0; });
  with([](Point& p) { p.neuron.tau_m = -1e-2; });
  with([](Point& p) { p.neuron.t_ref = -1e-3; });
  with([](Point& p) { p.neuron.tau_syn = -1e-3; });
  with([](Point& p) { p.neuron.V_reset = p.neuron.V_th; });
  with([](Point& p) { p.neuron.V_reset = p.neuron.V_th + 1e-3; });
  for (const Point& p : bad) {
    for (const double x : fields(siegert_at(p))) EXPECT_TRUE(std::isnan(x)) << print(p);
    const SiegertSecond s = siegert_second(p.mu, p.sigma, p.neuron, p.correction);
    EXPECT_TRUE(std::isnan(s.first.rate) && std::isnan(s.d2rate_dmu2) &&
                std::isnan(s.d2log_rate_dsigma2))
        << print(p);
  }
}

TEST(SiegertDomain, IsEveryFiniteDouble) {
  Random random(13);
  const std::array<double, 12> special = {0,
                                          1e308,
                                          1.7976931348623157e308,
                                          5e-324,
                                          1e-300,
                                          1e150,
                                          2.2250738585072014e-308,
                                          15,
                                          1e-3,
                                          1e-160,
                                          1e40,
                                          1e-40};
  const auto any = [&] {
    const double sign = random.below(2) == 0 ? 1 : -1;
    switch (random.below(3)) {
      case 0:
        return random.any_finite();
      case 1:
        return sign * special[static_cast<std::size_t>(random.below(12))];
      default:
        return sign * random.log_uniform(1e-6, 1e6);
    }
  };
  for (int i = 0; i < 400000; ++i) {
    Point p;
    p.mu = any();
    p.sigma = std::abs(any());
    p.neuron = {std::abs(any()), std::abs(any()), any(), any(),
                random.below(2) == 0 ? 0 : std::abs(any())};
    p.correction = kCorrections[static_cast<std::size_t>(random.below(4))];
    LifParameters& n = p.neuron;
    if (n.V_th < n.V_reset) std::swap(n.V_th, n.V_reset);
    if (n.V_th == n.V_reset || n.tau_m == 0) continue;
    const SiegertRate r = siegert_at(p);
    EXPECT_TRUE(std::isfinite(r.rate)) << print(p);
    const bool silent = p.sigma == 0 && p.mu <= n.V_th;
    if (!(silent && p.mu == n.V_th)) {
      EXPECT_TRUE(std::isfinite(r.drate_dmu) && std::isfinite(r.drate_dsigma)) << print(p);
    }
    if (p.correction == Correction::kTaylor && n.tau_syn > 0) continue;
    EXPECT_GE(r.rate, 0) << print(p);
    EXPECT_LE(r.rate, 1 / n.t_ref) << print(p);
    EXPECT_LT(r.log_rate, kInfinity) << print(p);
    if (!silent) {
      EXPECT_TRUE(std::isfinite(r.dlog_rate_dmu) && std::isfinite(r.dlog_rate_dsigma)) << print(p);
    }
  }
}

}  // namespace
}  // namespace nuphi
