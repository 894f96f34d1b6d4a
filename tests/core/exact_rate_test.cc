#include <gtest/gtest.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "coloured_points.h"
#include "support/budgets.h"
#include "support/csv.h"
#include "support/random.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using test::coloured_point;
using test::coloured_row;
using test::ColouredPoint;
using test::CsvTable;

ExactRate fine(const ColouredPoint& p, bool gradient = false, bool cv = false) {
  return exact_rate(p.mu, p.sigma, p.neuron,
                    {.resolution = ExactResolution::kFine, .gradient = gradient, .cv = cv});
}

/// Far from and near every special case of the equation.
const std::vector<ColouredPoint>& points() {
  static const std::vector<ColouredPoint> all = {
      coloured_point(0.5, -0.5, 0.3, 0.2),   coloured_point(-2, -4, 1, 0.1),
      coloured_point(2, 0, 0.5, 0.5),        coloured_point(-6, -9, 0.1, 1),
      coloured_point(0.2, -0.8, 1.4, 40),    coloured_point(1, -1, 1, 0),
      coloured_point(-0.3, -3.5, 3.2, 0.05), coloured_point(-15, -20, 0.5, 0.3),
      coloured_point(-3, -4, 0.01, 2),       coloured_point(4, 3.5, 0.2, 0.1),
      coloured_point(0.1, -0.2, 0.7, 3),     coloured_point(-40, -42, 0.05, 0.4)};
  return all;
}

// ------------------------------------------------------------------------------------------ rates

class ExactRateTable : public testing::TestWithParam<ExactResolution> {};

TEST_P(ExactRateTable, AgreesWithAnIndependentDiscretisation) {
  const CsvTable table("exact_rate.csv");
  ASSERT_EQ(table.size(), 462U);
  test::ErrorStatistics errors;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const ColouredPoint p = coloured_row(table, i);
    const ExactRate r = exact_rate(p.mu, p.sigma, p.neuron, {GetParam(), false});
    errors.add(std::abs(r.rate.rate / table.number(i, "rate") - 1), "row " + std::to_string(i));
    EXPECT_NEAR(r.rate.log_rate, std::log(r.rate.rate), 1e-13);
  }
  const auto level = static_cast<std::size_t>(GetParam());
  const test::ExactBudget& budget = test::kExactBudgets[level];
  test::expect_within(errors, budget.rate, std::string(budget.name) + ": rate");
}

INSTANTIATE_TEST_SUITE_P(Resolutions, ExactRateTable,
                         testing::Values(ExactResolution::kQuick, ExactResolution::kStandard,
                                         ExactResolution::kFine),
                         [](const auto& p) {
                           return std::string(
                               test::kExactBudgets[static_cast<std::size_t>(p.param)].name);
                         });

TEST(ExactRate, AgreesWithSimulations) {
  double square = 0, cv_square = 0;
  std::size_t count = 0;
  const CsvTable fast("simulation_exponential_synapses.csv"), slow("slow_synapse.csv");
  for (const CsvTable* table : {&fast, &slow}) {
    for (std::size_t i = 0; i < table->size(); ++i, ++count) {
      const ColouredPoint p = coloured_row(*table, i);
      const bool has_cv = table == &fast;
      const ExactRate r =
          exact_rate(p.mu, p.sigma, p.neuron, {ExactResolution::kStandard, false, has_cv});
      const double z = (r.rate.rate - table->number(i, "rate")) / table->number(i, "rate_se");
      EXPECT_LT(std::abs(z), 3) << "row " << i << " of " << (has_cv ? "fast" : "slow");
      square += z * z;
      if (!has_cv) continue;
      // The error of a CV is CV/√(2n) for normal intervals and about CV/√n for exponential ones.
      const double cv = table->number(i, "cv"), n = table->number(i, "n_isi");
      cv_square += std::pow((r.cv - cv) / cv, 2) * n;
    }
  }
  EXPECT_EQ(count, 51U);
  EXPECT_LT(square, 51 + 3 * std::sqrt(2 * 51.0));
  EXPECT_LT(cv_square / static_cast<double>(fast.size()), 1.5);
}

TEST(ExactRate, HasTheResidualAsAnErrorEstimate) {
  test::Random random(7);
  for (int i = 0; i < 40; ++i) {
    const double y_t = random.uniform(-12, 4);
    const ColouredPoint p =
        coloured_point(y_t, y_t - std::exp(random.uniform(-1, 3)),
                       std::exp(random.uniform(-4, 0.5)), std::exp(random.uniform(-4, 2)));
    const ExactRate quick = exact_rate(p.mu, p.sigma, p.neuron, {ExactResolution::kQuick, false});
    const double error = std::abs(quick.rate.log_rate - fine(p).rate.log_rate);
    EXPECT_LT(error, 50 * quick.residual + 1e-8) << i;
    EXPECT_LT(quick.residual, 3e-7) << i;
  }
}

// ------------------------------------------------------------------------------------ derivatives

/// Fourth-order difference of ln ν in whatever `moved` moves.
double difference(const std::function<ColouredPoint(double)>& moved, double step) {
  const auto f = [&](double h) { return fine(moved(h)).rate.log_rate; };
  return (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
}

TEST(ExactRate, HasItsGradientInEveryParameter) {
  for (std::size_t i = 0; i < points().size(); ++i) {
    const ColouredPoint& p = points()[i];
    const ExactRate r = fine(p, true);
    const auto check = [&](double slope, double scale, const char* name, auto move) {
      const double h = 1e-3 * scale;
      const double expected = difference(
          [&](double x) {
            ColouredPoint q = p;
            move(q, x);
            return q;
          },
          h);
      EXPECT_NEAR(slope * scale, expected * scale, 3e-8 * std::max(1.0, std::abs(slope * scale)))
          << "point " << i << ", " << name;
    };
    const LifPartials& d = r.parameters.dlog_rate;
    const LifParameters& n = p.neuron;
    check(r.rate.dlog_rate_dmu, p.sigma, "mu", [](ColouredPoint& q, double x) { q.mu += x; });
    check(r.rate.dlog_rate_dsigma, p.sigma, "sigma",
          [](ColouredPoint& q, double x) { q.sigma += x; });
    check(d.tau_m, n.tau_m, "tau_m", [](ColouredPoint& q, double x) { q.neuron.tau_m += x; });
    check(d.tau_syn, n.tau_syn, "tau_syn",
          [](ColouredPoint& q, double x) { q.neuron.tau_syn += x; });
    const double length = std::min(p.sigma, n.V_th - n.V_reset);
    check(d.V_th, length, "V_th", [](ColouredPoint& q, double x) { q.neuron.V_th += x; });
    check(d.V_reset, length, "V_reset", [](ColouredPoint& q, double x) { q.neuron.V_reset += x; });
    if (n.t_ref > 0)
      check(d.t_ref, n.t_ref, "t_ref", [](ColouredPoint& q, double x) { q.neuron.t_ref += x; });
    EXPECT_DOUBLE_EQ(r.rate.drate_dmu, r.rate.rate * r.rate.dlog_rate_dmu);
    EXPECT_DOUBLE_EQ(r.rate.drate_dsigma, r.rate.rate * r.rate.dlog_rate_dsigma);
    EXPECT_DOUBLE_EQ(r.parameters.drate.tau_syn, r.rate.rate * d.tau_syn);
  }
}

TEST(ExactRate, HasAGradientWithoutRefractoryTime) {
  const ColouredPoint p = coloured_point(1, -1, 1, 0);
  const double h = 1e-3 * p.neuron.tau_syn;
  const auto f = [&](int n) {
    ColouredPoint q = p;
    q.neuron.t_ref = n * h;
    return fine(q).rate.log_rate;
  };
  const double slope = (-25 * f(0) + 48 * f(1) - 36 * f(2) + 16 * f(3) - 3 * f(4)) / (12 * h);
  const double exact = fine(p, true).parameters.dlog_rate.t_ref;
  EXPECT_NEAR(exact, slope, 1e-7 * std::abs(slope));
}

TEST(ExactRate, HasGradientAndCvWithinBudgetAtEachResolution) {
  for (const ExactResolution level : {ExactResolution::kQuick, ExactResolution::kStandard}) {
    const auto& budget = test::kExactBudgets[static_cast<std::size_t>(level)];
    test::ErrorStatistics slopes, cvs;
    for (std::size_t i = 0; i < points().size(); ++i) {
      const ColouredPoint& p = points()[i];
      const ExactRate a = exact_rate(p.mu, p.sigma, p.neuron, {level, true, true});
      const ExactRate b = fine(p, true, true);
      const std::string where = "point " + std::to_string(i);
      const auto add = [&](double x, double exact, double scale) {
        slopes.add(std::abs(x - exact) * scale / std::max(1.0, std::abs(exact) * scale), where);
      };
      add(a.rate.dlog_rate_dmu, b.rate.dlog_rate_dmu, p.sigma);
      add(a.rate.dlog_rate_dsigma, b.rate.dlog_rate_dsigma, p.sigma);
      const LifPartials &x = a.parameters.dlog_rate, &y = b.parameters.dlog_rate;
      const LifParameters& n = p.neuron;
      add(x.tau_m, y.tau_m, n.tau_m);
      add(x.tau_syn, y.tau_syn, n.tau_syn);
      add(x.t_ref, y.t_ref, n.tau_syn);
      add(x.V_th, y.V_th, p.sigma);
      add(x.V_reset, y.V_reset, p.sigma);
      cvs.add(std::abs(a.cv - b.cv), where);
    }
    test::expect_within(slopes, budget.gradient, std::string(budget.name) + ": gradient");
    test::expect_within(cvs, budget.cv, std::string(budget.name) + ": CV");
  }
}

// ---------------------------------------------------------------------------------------- limits

// A layer of fast synapses looks like a threshold shifted by (α/2)√(τ_syn/τ_m), α/2 = |ζ(1/2)|/√2.
TEST(ExactRate, ShiftsTheThresholdByTheZetaConstantForFastSynapses) {
  const auto shift = [](double k) {
    const ColouredPoint p = coloured_point(0.5, -1.5, k, 50);
    const double rate = fine(p).rate.rate;
    // The threshold at which a white-noise neuron fires as often.
    double low = p.neuron.V_th, high = low + 3 * k * p.sigma;
    for (int i = 0; i < 60; ++i) {
      LifParameters n = p.neuron;
      n.V_th = (low + high) / 2;
      (siegert(p.mu, p.sigma, n, Correction::kNone).rate > rate ? low : high) = n.V_th;
    }
    return (low - p.neuron.V_th) / p.sigma / k;
  };
  const double c1 = shift(0.02), c2 = shift(0.01), c3 = shift(0.005);
  // Without the terms in k and k².
  EXPECT_NEAR((8 * c3 - 6 * c2 + c1) / 3, 1.0326265761156086, 2e-6);
}

TEST(ExactRate, PassesThroughEqualTimeConstants) {
  const double below = fine(coloured_point(0.3, -1, 1 - 1e-7, 0.3)).rate.log_rate;
  const double at = fine(coloured_point(0.3, -1, 1, 0.3)).rate.log_rate;
  const double above = fine(coloured_point(0.3, -1, 1 + 1e-7, 0.3)).rate.log_rate;
  EXPECT_NEAR(0.5 * (below + above), at, 1e-12);
}

TEST(ExactRate, JoinsTheOtherFormulasAtTheEdgesOfTheEquation) {
  const auto log_rate = [](double y_t, double y_r, double k, double rho) {
    return fine(coloured_point(y_t, y_r, k, rho)).rate.log_rate;
  };
  // Continuation in σ² from 60 standard deviations above threshold
  for (const double k : {0.01, 0.3, 1.0}) {
    EXPECT_NEAR(log_rate(-59.99999999, -70, k, 0.3), log_rate(-60.00000001, -70, k, 0.3), 1e-8);
  }
  // The average over slow currents
  EXPECT_NEAR(log_rate(-0.999999, -3, 10, 0.01), log_rate(-1.000001, -3, 10, 0.01), 1e-6 + 2e-8);
  EXPECT_NEAR(log_rate(-11.11111, -14, 3, 0.1), log_rate(-11.11112, -14, 3, 0.1), 1e-6 + 2e-8);
}

// The steps that the documentation of exact_rate() states for the edges of the time constants.
double step_at(double ratio, double y_t, double length, double delay) {
  const auto log_rate = [&](double tau_syn) {
    return exact_rate(0, 1,
                      {.tau_m = 1,
                       .t_ref = delay * ratio,
                       .V_th = y_t,
                       .V_reset = y_t - length,
                       .tau_syn = tau_syn},
                      {ExactResolution::kQuick, false})
        .rate.log_rate;
  };
  return std::abs(log_rate(ratio * (1 - 1e-9)) - log_rate(ratio * (1 + 1e-9)));
}

TEST(ExactRate, StepsToShiftedBoundariesAsDocumented) {
  for (const double delay : {0.0, 1.0, 100.0}) {
    for (const double y_t : {-30.0, -10.0, -3.0, 0.0, 1.0, 3.0, 6.0, 10.0}) {
      for (const double length : {1.0, 5.0, 20.0}) {
        EXPECT_LT(step_at(1e-6, y_t, length, delay), 3e-5) << y_t << ", " << length;
      }
      EXPECT_LT(step_at(1e-6, y_t, 0.2, delay), 1.2e-4) << y_t;
      EXPECT_LT(step_at(1e-6, y_t, 0.01, delay), 2e-3) << y_t;
    }
  }
  // It is as large as that, not only below.
  EXPECT_GT(step_at(1e-6, -30, 0.01, 1), 1e-3);
}

TEST(ExactRate, StepsToTheAverageOverSlowCurrentsAsDocumented) {
  constexpr double kSlowest = 1e3;
  const auto within = [](double step, double least, double most) {
    EXPECT_GT(step, std::log1p(least));
    EXPECT_LT(step, -std::log1p(-most));
  };
  const double delay = 1e-3;  // t_ref = τ_m
  for (const double length : {1.0, 5.0}) {
    EXPECT_LT(step_at(kSlowest, -0.1, length, delay), 1e-3) << length;
    within(step_at(kSlowest, 0, length, delay), 0.003, 0.022);
    within(step_at(kSlowest, 0.1, length, delay), 0.03, 0.15);
    within(step_at(kSlowest, 0.3, length, delay), 0.12, 0.37);
  }
}

TEST(ExactRate, ContinuesSmallNoise) {
  // The equation itself, just inside its domain, against the continuation from 60 on.
  const ColouredPoint p = coloured_point(-59, -70, 0.3, 0.3);
  ColouredPoint q = p;
  const double above = p.mu - p.neuron.V_th;
  const ExactRate r = fine(p, true, true);
  for (const double ratio : {0.9, 0.5}) {
    q.sigma = ratio * above / 60;
    const ExactRate small = fine(q, true, true);
    // ln ν − ln ν₀ ∝ σ², the next order being 1e-3 of it
    const double quiet = siegert(p.mu, 0, p.neuron, Correction::kNone).log_rate;
    const double expected = std::pow(q.sigma / p.sigma, 2) * (r.rate.log_rate - quiet);
    EXPECT_NEAR(small.rate.log_rate - quiet, expected, 3e-3 * std::abs(expected));
    EXPECT_NEAR(small.cv, r.cv * q.sigma / p.sigma, 1e-3 * small.cv);
    const double h = 1e-4 * above;
    const auto at = [&](double mu) {
      ColouredPoint moved = q;
      moved.mu = mu;
      return fine(moved).rate.log_rate;
    };
    EXPECT_NEAR(small.rate.dlog_rate_dmu, (at(q.mu + h) - at(q.mu - h)) / (2 * h),
                1e-6 * small.rate.dlog_rate_dmu);
  }
}

TEST(ExactRate, IsNoiselessWithoutNoise) {
  const LifParameters n{.tau_syn = 5 * ms};
  const ExactRate r = exact_rate(25 * mV, 0, n);
  EXPECT_DOUBLE_EQ(r.rate.rate, siegert(25 * mV, 0, n, Correction::kNone).rate);
  EXPECT_EQ(r.rate.drate_dsigma, 0);
  EXPECT_EQ(r.parameters.drate.tau_syn, 0);
  EXPECT_EQ(exact_rate(15 * mV, 0, n).rate.rate, 0);
  EXPECT_EQ(exact_rate(15 * mV, 0, n).rate.log_rate, -INFINITY);
}

TEST(ExactRate, IsWhiteWithoutTimeConstant) {
  const LifParameters n{};
  EXPECT_EQ(exact_rate(18 * mV, 5 * mV, n).rate.rate,
            siegert(18 * mV, 5 * mV, n, Correction::kNone).rate);
}

TEST(ExactRate, ReachesFarBelowThreshold) {
  // ln ν falls like the barrier of the free membrane, y_t²(1 + k²).
  for (const double y_t : {10.0, 100.0, 2e4, 1e8}) {
    const ExactRate r =
        exact_rate(-y_t, 1, {.tau_m = 1, .t_ref = 0.1, .V_th = 0, .V_reset = -1, .tau_syn = 0.25});
    EXPECT_NEAR(r.rate.log_rate / (-1.25 * y_t * y_t), 1, 10 / (y_t * y_t) + 1e-14) << y_t;
    EXPECT_NEAR(r.rate.dlog_rate_dmu / (2.5 * y_t), 1, 2 / (y_t * y_t) + 1e-14) << y_t;
    EXPECT_NEAR(r.parameters.dlog_rate.tau_syn / (-y_t * y_t), 1, 10 / y_t) << y_t;
  }
}

TEST(ExactRate, IsNotANumberOutsideTheDomain) {
  const LifParameters n{.tau_syn = 5 * ms};
  EXPECT_TRUE(std::isnan(exact_rate(NAN, 5 * mV, n).rate.rate));
  EXPECT_TRUE(std::isnan(exact_rate(15 * mV, -1 * mV, n).rate.rate));
  EXPECT_TRUE(std::isnan(exact_rate(15 * mV, 5 * mV, {.tau_syn = -1 * ms}).rate.rate));
  EXPECT_TRUE(std::isnan(exact_rate(15 * mV, 1e9, n).rate.rate));  // V_th − V_reset ≪ σ
}

TEST(ExactRate, DoesNotDependOnUnits) {
  const ColouredPoint p = coloured_point(0.5, -1, 0.6, 0.3);
  LifParameters n = p.neuron;
  for (double* x : {&n.tau_m, &n.t_ref, &n.tau_syn}) *x *= 1024;
  for (double* x : {&n.V_th, &n.V_reset}) *x *= 1024;
  const ExactRate a = exact_rate(p.mu, p.sigma, p.neuron),
                  b = exact_rate(1024 * p.mu, 1024 * p.sigma, n);
  EXPECT_DOUBLE_EQ(b.rate.rate, a.rate.rate / 1024);
  EXPECT_DOUBLE_EQ(b.rate.dlog_rate_dmu, a.rate.dlog_rate_dmu / 1024);
  EXPECT_DOUBLE_EQ(b.parameters.dlog_rate.tau_syn, a.parameters.dlog_rate.tau_syn / 1024);
}

TEST(ExactRate, StaysBelowTheInverseRefractoryTimeAndRisesWithTheMean) {
  test::Random random(3);
  for (int i = 0; i < 30; ++i) {
    const double y_t = random.uniform(-60, 6), k = std::exp(random.uniform(-6.9, 2.3));
    ColouredPoint p = coloured_point(y_t, y_t - std::exp(random.uniform(-1, 4)), k,
                                     std::exp(random.uniform(-6, 3)));
    const ExactRate r = exact_rate(p.mu, p.sigma, p.neuron, {ExactResolution::kQuick, true, true});
    ASSERT_TRUE(std::isfinite(r.rate.log_rate)) << i;
    EXPECT_GE(r.rate.rate, 0);
    EXPECT_LE(r.rate.rate, 1 / p.neuron.t_ref);
    EXPECT_GT(r.rate.dlog_rate_dmu, 0) << i;
    EXPECT_TRUE(std::isfinite(r.parameters.dlog_rate.tau_syn)) << i;
    EXPECT_GE(r.cv, 0) << i;
    EXPECT_LT(r.residual, 1e-6) << i;
  }
}

// --------------------------------------------------------------------------- intervals, other uses

// Far above threshold, where the stationary density underflows. Simulated 0.1784(1), of the
// interval without t_ref.
TEST(ExactRate, HasTheCvOfARegularNeuron) {
  const ColouredPoint p = coloured_point(-6, -8, 0.5, 0.2);
  const ExactRate r = fine(p, false, true);
  EXPECT_NEAR(r.cv / (1 - r.rate.rate * p.neuron.t_ref), 0.1784, 2e-4);
}

TEST(ExactRate, IsThePoissonCvFarBelowThreshold) {
  EXPECT_NEAR(fine(coloured_point(6, 4, 0.4, 1), false, true).cv, 1, 1e-5);
}

TEST(ExactRate, KeepsTheCvOfSlowCurrents) {
  // Just before and just behind the average over currents takes over.
  EXPECT_NEAR(fine(coloured_point(-0.99999, -3, 10, 0.01), false, true).cv,
              fine(coloured_point(-1.00001, -3, 10, 0.01), false, true).cv, 2e-4);
}

TEST(ExactRate, IsWhatTheOtherFunctionsGive) {
  const ColouredPoint p = coloured_point(0.5, -1, 0.6, 0.3);
  const ExactRate r = exact_rate(p.mu, p.sigma, p.neuron, {.cv = true});
  constexpr Correction kExact = Correction::kExact;
  const SiegertRate s = siegert(p.mu, p.sigma, p.neuron, kExact);
  EXPECT_EQ(s.rate, r.rate.rate);
  EXPECT_EQ(s.dlog_rate_dsigma, r.rate.dlog_rate_dsigma);
  const SiegertSecond second = siegert_second(p.mu, p.sigma, p.neuron, kExact);
  EXPECT_EQ(second.first.drate_dmu, r.rate.drate_dmu);
  EXPECT_TRUE(std::isnan(second.d2rate_dmu2));
  EXPECT_EQ(isi_cv(p.mu, p.sigma, p.neuron, kExact), r.cv);
  EXPECT_EQ(lif_parameter_gradient(p.mu, p.sigma, p.neuron, kExact).drate.tau_syn,
            r.parameters.drate.tau_syn);
  EXPECT_NEAR(siegert_inverse_mu(r.rate.rate, p.sigma, p.neuron, kExact), p.mu, 1e-10 * p.sigma);
}

TEST(ExactRate, IsTheSameInABatchOnAnyNumberOfThreads) {
  std::vector<double> mu, sigma;
  std::vector<LifParameters> neurons;
  for (const ColouredPoint& p : points()) {
    mu.push_back(p.mu);
    sigma.push_back(p.sigma);
    neurons.push_back(p.neuron);
  }
  const std::size_t n = mu.size();
  for (const int threads : {1, 3}) {
    std::vector<double> rate(n), slope(n), cv(n), second(n);
    siegert_batch(mu, sigma, neurons,
                  {.rate = rate, .dlog_rate_dmu = slope, .d2rate_dmu2 = second, .cv = cv},
                  {.correction = Correction::kExact, .threads = threads});
    for (std::size_t i = 0; i < n; ++i) {
      const ExactRate r = exact_rate(mu[i], sigma[i], neurons[i], {.cv = true});
      EXPECT_EQ(rate[i], r.rate.rate);
      EXPECT_EQ(slope[i], r.rate.dlog_rate_dmu);
      EXPECT_EQ(cv[i], r.cv);
      EXPECT_TRUE(std::isnan(second[i]));
    }
  }
}

TEST(ExactRate, MovesWithTheEffectiveTimeConstant) {
  const ColouredPoint p = coloured_point(0.5, -1, 0.6, 0.3);
  const SiegertRate r = siegert(p.mu, p.sigma, p.neuron, Correction::kExact);
  const double g = std::sqrt(p.neuron.tau_syn), h = 1e-3 * g;
  const auto at = [&](double root) {
    LifParameters n = p.neuron;
    n.tau_syn = root * root;
    return siegert(p.mu, p.sigma, n, Correction::kExact).rate;
  };
  EXPECT_NEAR(filter_weight_gain(p.mu, p.sigma, r, p.neuron, Correction::kExact).drate,
              (at(g + h) - at(g - h)) / (2 * h), 1e-5 * r.rate / g);
}

}  // namespace
