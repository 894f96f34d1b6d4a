#include <nuphi/core/isi_statistics.h>

#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "support/accuracy.h"
#include "support/budgets.h"
#include "support/csv.h"
#include "support/random.h"

namespace nuphi {
namespace {

using test::CsvTable, test::ErrorStatistics, test::Point, test::Random;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double cv_at(const Point& p) { return isi_cv(p.mu, p.sigma, p.neuron, p.correction); }

LifParameters neuron_of(const CsvTable& table, std::size_t row) {
  return {.tau_m = table.number(row, "tau_m"),
          .t_ref = table.number(row, "t_ref"),
          .V_th = table.number(row, "V_th"),
          .V_reset = table.number(row, "V_reset"),
          .tau_syn = table.number(row, "tau_syn")};
}

double relative(double value, long double truth) {
  return static_cast<double>(std::abs((value - truth) / truth));
}

class IsiCvReference : public testing::TestWithParam<std::string> {};

TEST_P(IsiCvReference, StaysWithinBudget) {
  static const CsvTable table("cv.csv");
  const test::CvBudget& budget =
      *std::find_if(test::kCvBudgets.begin(), test::kCvBudgets.end(),
                    [](const auto& b) { return b.regime == GetParam(); });
  ErrorStatistics errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "regime") != budget.regime) continue;
    const double cv =
        isi_cv(table.number(row, "mu"), table.number(row, "sigma"), neuron_of(table, row));
    errors.add(relative(cv, table.truth(row, "cv")), "id " + table.text(row, "id"));
  }
  EXPECT_GT(errors.count(), 0) << "no such regime in the table";
  expect_within(errors, budget.cv, "CV");
}

TEST_P(IsiCvReference, GradientStaysWithinBudget) {
  static const CsvTable table("cv.csv");
  ErrorStatistics mu_errors, sigma_errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "regime") != GetParam()) continue;
    const double mu = table.number(row, "mu"), sigma = table.number(row, "sigma");
    const LifParameters neuron = neuron_of(table, row);
    const IsiCv r = isi_cv_gradient(mu, sigma, neuron);
    const std::string where = "id " + table.text(row, "id");
    EXPECT_NEAR(r.cv, isi_cv(mu, sigma, neuron), 4e-16 * r.cv) << where;
    // Differences, judged against the larger addend.
    const SiegertRate rate = siegert(mu, sigma, neuron);
    const long double d_mu = table.truth(row, "dcv_dmu"), d_sigma = table.truth(row, "dcv_dsigma");
    const long double c = 1.0326L * std::sqrt(neuron.tau_syn / neuron.tau_m);
    const long double of_rate = r.cv * rate.dlog_rate_dmu;
    const auto judge = [&](double value, long double truth, long double scale) {
      return static_cast<double>(std::abs(value - truth) / std::max(scale, std::abs(truth)));
    };
    mu_errors.add(judge(r.dcv_dmu, d_mu, of_rate), where);
    sigma_errors.add(judge(r.dcv_dsigma, d_sigma,
                           std::max<long double>(
                               r.cv * std::abs(rate.dlog_rate_dsigma) + c * of_rate, c * of_rate)),
                     where);
  }
  expect_within(mu_errors, test::kCvGradientBudget, "∂CV/∂μ");
  expect_within(sigma_errors, test::kCvGradientBudget, "∂CV/∂σ");
}

std::vector<std::string> regimes() {
  std::vector<std::string> names;
  for (const auto& b : test::kCvBudgets) names.emplace_back(b.regime);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Regimes, IsiCvReference, testing::ValuesIn(regimes()),
                         [](const auto& parameter) { return parameter.param; });

TEST(IsiCv, HasABudgetForEveryRegimeOfTheTable) {
  const CsvTable table("cv.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string& regime = table.text(row, "regime");
    EXPECT_TRUE(std::any_of(test::kCvBudgets.begin(), test::kCvBudgets.end(), [&](const auto& b) {
      return b.regime == regime;
    })) << regime;
  }
}

TEST(IsiCv, AgreesWithQuadratureAtTheSeamsAndForEachCorrection) {
  const CsvTable table("siegert_seams.csv");
  const std::map<std::string, Correction> corrections = {
      {"none", Correction::kNone},
      {"shift", Correction::kShift},
      {"shift_refractory", Correction::kShiftRefractory}};
  std::map<std::string, ErrorStatistics> errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "correction") == "taylor") continue;
    const double cv = isi_cv(table.number(row, "mu"), table.number(row, "sigma"),
                             neuron_of(table, row), corrections.at(table.text(row, "correction")));
    errors[table.text(row, "regime")].add(relative(cv, table.truth(row, "cv")),
                                          "row " + std::to_string(row));
  }
  for (const auto& [regime, e] : errors) expect_within(e, test::kCvSeamBudget, regime + ": CV");
}

TEST(IsiCv, DoesNotChangeWithTheUnits) {
  Random random(21);
  for (int i = 0; i < 10000; ++i) {
    const Point p = cortical_point(random);
    Point q = p;
    for (double* x : {&q.mu, &q.sigma, &q.neuron.V_th, &q.neuron.V_reset}) *x *= 1024;
    for (double* x : {&q.neuron.tau_m, &q.neuron.t_ref, &q.neuron.tau_syn}) *x *= 4096;
    EXPECT_EQ(cv_at(p), cv_at(q)) << print(p);
    for (const int power : {-500, 500}) {  // beyond the range in which no rescaling is needed
      Point r = p;
      for (double* x : {&r.mu, &r.sigma, &r.neuron.V_th, &r.neuron.V_reset}) {
        *x = std::ldexp(*x, power);
      }
      for (double* x : {&r.neuron.tau_m, &r.neuron.t_ref, &r.neuron.tau_syn}) {
        *x = std::ldexp(*x, power);
      }
      EXPECT_NEAR(cv_at(r), cv_at(p), 3e-15 * cv_at(p)) << print(p);
    }
  }
}

TEST(IsiCv, IsOneFarBelowThreshold) {
  Random random(22);
  for (int i = 0; i < 5000; ++i) {
    Point p = cortical_point(random);
    p.neuron.V_reset = p.neuron.V_th - random.uniform(5, 20) * p.sigma;
    p.mu = p.neuron.V_th - random.log_uniform(8, 1e12) * p.sigma;
    EXPECT_NEAR(cv_at(p), 1, 2e-15) << print(p);
  }
}

TEST(IsiCv, ExceedsOneInANarrowIntervalBelowThreshold) {
  // CV² → coth(d y) deep below threshold: clustered spikes when the reset is near the threshold.
  for (const double y : {1e3, 1e6, 1e9, 1e11, 1e13}) {
    for (const double dy : {1e-3, 0.1, 0.3, 1.0, 5.0}) {
      const LifParameters neuron{.tau_m = 1, .t_ref = 0, .V_th = 0, .V_reset = -dy / y};
      EXPECT_NEAR(isi_cv(-y, 1, neuron), 1 / std::sqrt(std::tanh(dy)), 20 / (y * y) + 4e-15 / dy)
          << "y=" << y << " dy=" << dy;
    }
  }
}

TEST(IsiCv, VanishesWithTheNoiseAboveThreshold) {
  Random random(23);
  for (int i = 0; i < 2000; ++i) {
    Point p = cortical_point(random);
    p.correction = Correction::kNone;
    p.mu = p.neuron.V_th + random.log_uniform(1e-3, 0.1);
    // CV = σ ν √(τ_m²/2 [1/(μ−V_th)² − 1/(μ−V_r)²]) to first order in σ
    const double a = 1 / (p.mu - p.neuron.V_th), b = 1 / (p.mu - p.neuron.V_reset);
    p.sigma = 1e-12;
    const double rate = siegert(p.mu, p.sigma, p.neuron, p.correction).rate;
    const double slope = rate * p.neuron.tau_m * std::sqrt((a - b) * (a + b) / 2);
    EXPECT_NEAR(cv_at(p) / p.sigma, slope, 1e-12 * slope) << print(p);
    p.sigma = 1e-200;
    EXPECT_NEAR(cv_at(p) / p.sigma, slope, 1e-12 * slope) << print(p);
    p.sigma = 0;
    EXPECT_EQ(cv_at(p), 0) << print(p);
  }
}

TEST(IsiCv, IsReducedByTheRefractoryTimeByTheShareOfTheRestOfTheInterval) {
  Random random(24);
  for (int i = 0; i < 5000; ++i) {
    Point p = cortical_point(random);
    p.correction = Correction::kShift;
    p.neuron.t_ref = random.uniform(0.5e-3, 5e-3);
    LifParameters free = p.neuron;
    free.t_ref = 0;
    const double share = 1 - siegert_second(p.mu, p.sigma, p.neuron).first.rate * p.neuron.t_ref;
    EXPECT_NEAR(cv_at(p), isi_cv(p.mu, p.sigma, free) * share, 4e-15 * isi_cv(p.mu, p.sigma, free))
        << print(p);
  }
}

TEST(IsiCv, GradientIsThatOfTheValueForEachCorrection) {
  Random random(31);
  for (const Correction correction :
       {Correction::kNone, Correction::kShift, Correction::kShiftRefractory, Correction::kTaylor}) {
    for (int i = 0; i < 2000; ++i) {
      Point p = cortical_point(random);
      p.neuron.tau_syn = 1e-4;
      p.correction = correction;
      const IsiCv r = isi_cv_gradient(p.mu, p.sigma, p.neuron, correction);
      const auto difference = [&](double Point::*x) {  // of sixth order
        const double h = 0.02 * p.sigma;
        const auto at = [&](int k) {
          Point q = p;
          q.*x += k * h;
          return cv_at(q);
        };
        return ((at(3) - at(-3)) - 9 * (at(2) - at(-2)) + 45 * (at(1) - at(-1))) / (60 * h);
      };
      EXPECT_EQ(r.cv, cv_at(p));
      EXPECT_NEAR(r.dcv_dmu, difference(&Point::mu), 1e-6 / p.sigma) << print(p);
      EXPECT_NEAR(r.dcv_dsigma, difference(&Point::sigma), 1e-6 / p.sigma) << print(p);
    }
  }
}

TEST(IsiCv, GradientHasTheLimitsOfNoNoise) {
  const LifParameters neuron{};
  const double mu = 25e-3;
  const IsiCv none = isi_cv_gradient(mu, 0, neuron);
  EXPECT_EQ(none.cv, 0);
  EXPECT_EQ(none.dcv_dmu, 0);
  EXPECT_NEAR(none.dcv_dsigma, isi_cv(mu, 1e-12, neuron) / 1e-12, 1e-8 * none.dcv_dsigma);
  for (const double silent : {0.0, neuron.V_th}) {
    const IsiCv r = isi_cv_gradient(silent, 0, neuron);
    EXPECT_TRUE(std::isnan(r.cv) && std::isnan(r.dcv_dmu) && std::isnan(r.dcv_dsigma));
  }
}

/// Numbers of any size within the domain, half of them ordinary.
Point any_point(Random& random) {
  const auto any = [&] {
    return random.below(2) == 0 ? random.any_finite()
                                : (random.below(2) == 0 ? 1 : -1) * random.log_uniform(1e-6, 1e6);
  };
  Point p;
  p.mu = any();
  p.sigma = std::abs(any());
  p.neuron = {std::abs(any()), std::abs(any()), any(), any(),
              random.below(2) == 0 ? 0 : std::abs(any())};
  p.correction = random.below(2) == 0 ? Correction::kShift : Correction::kShiftRefractory;
  if (p.neuron.V_th < p.neuron.V_reset) std::swap(p.neuron.V_th, p.neuron.V_reset);
  return p;
}

TEST(IsiCv, GradientIsFiniteWhereTheCvIs) {
  Random random(32);
  for (int i = 0; i < 200000; ++i) {
    const Point p = any_point(random);
    const IsiCv r = isi_cv_gradient(p.mu, p.sigma, p.neuron, p.correction);
    EXPECT_NEAR(r.cv, cv_at(p), 1e-15 * r.cv) << print(p);
    EXPECT_TRUE(std::isfinite(r.dcv_dmu) && std::isfinite(r.dcv_dsigma)) << print(p);
  }
}

TEST(IsiCv, IsContinuousAcrossTheSeams) {
  const auto scan = [](Point p, double y_seam) {
    const double start = p.neuron.V_th - y_seam * p.sigma - 200 * 0x1p-58;
    double last = 0;
    for (int k = 0; k <= 400; ++k) {
      p.mu = start + k * 0x1p-58;
      const double now = cv_at(p);
      if (k > 0) {
        EXPECT_NEAR(now, last, 5e-15 * now) << print(p);
      }
      last = now;
    }
  };
  Point p;
  p.sigma = 5e-3;
  for (const double d : {1e-3, 0.1, 0.5, 1.0, 8.0}) {
    p.neuron.V_reset = p.neuron.V_th - d * p.sigma;
    scan(p, 0);
    scan(p, d);
    if (d < 0.6) scan(p, (0.6 / d - 1) / 2);
    for (const double y : {0.5, 1.0, 1.5, 2.5, 6.5, 7.0, 7.5}) {
      scan(p, y);
      scan(p, y + d / 2);
      scan(p, y + d);
    }
  }
}

TEST(IsiCv, TakesTheShiftForTheFirstOrderCorrectionAndHasNoneForSlowSynapses) {
  const LifParameters neuron{.tau_syn = 1e-3};
  EXPECT_EQ(isi_cv(15e-3, 5e-3, neuron, Correction::kTaylor),
            isi_cv(15e-3, 5e-3, neuron, Correction::kShift));
  EXPECT_NE(isi_cv(15e-3, 5e-3, neuron, Correction::kNone),
            isi_cv(15e-3, 5e-3, neuron, Correction::kShift));
  EXPECT_TRUE(std::isnan(isi_cv(15e-3, 5e-3, neuron, Correction::kAdiabatic)));
  const LifParameters white{};
  EXPECT_EQ(isi_cv(15e-3, 5e-3, white, Correction::kAdiabatic), isi_cv(15e-3, 5e-3, white));
}

TEST(IsiCv, IsNanForASilentNeuronAndOutsideTheDomain) {
  const LifParameters neuron{};
  EXPECT_TRUE(std::isnan(isi_cv(neuron.V_th, 0, neuron)));
  EXPECT_TRUE(std::isnan(isi_cv(0, 0, neuron)));
  for (const double x : {kNaN, kInfinity, -kInfinity}) {
    EXPECT_TRUE(std::isnan(isi_cv(x, 5e-3, neuron)));
    EXPECT_TRUE(std::isnan(isi_cv(15e-3, x, neuron)));
  }
  EXPECT_TRUE(std::isnan(isi_cv(15e-3, -5e-3, neuron)));
  EXPECT_TRUE(std::isnan(isi_cv(15e-3, 5e-3, {.tau_m = 0})));
  EXPECT_TRUE(std::isnan(isi_cv(15e-3, 5e-3, {.t_ref = -1e-3})));
  EXPECT_TRUE(std::isnan(isi_cv(15e-3, 5e-3, {.V_th = 10e-3, .V_reset = 10e-3})));
}

TEST(IsiCv, IsFiniteForEveryOtherFiniteDouble) {
  Random random(25);
  for (int i = 0; i < 200000; ++i) {
    const Point p = any_point(random);
    const double cv = cv_at(p);
    EXPECT_GE(cv, 0) << print(p);
    EXPECT_TRUE(std::isfinite(cv)) << print(p);
  }
}

}  // namespace
}  // namespace nuphi
