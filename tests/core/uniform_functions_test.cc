#include <gtest/gtest.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "coloured_points.h"
#include "support/budgets.h"
#include "support/csv.h"

// What other functions make of kUniform.
namespace {
using namespace nuphi;
using namespace nuphi::units;
using test::coloured_point, test::coloured_points, test::CsvTable, test::difference,
    test::random_coloured_points;
using Point = test::ColouredPoint;

constexpr Correction kUniform = Correction::kUniform;

TEST(UniformRate, IsTheSameInABatchOnEveryInstructionSet) {
  std::vector<Point> all = random_coloured_points(700, 3);
  all.insert(all.end(), coloured_points().begin(), coloured_points().end());
  // Left to siegert(): slow, noiseless, white, undefined, far below threshold.
  all.push_back(coloured_point(-1, -3, 2, 0.1));
  all.push_back(coloured_point(8, 2, 0.5, 0.1));
  all.push_back(coloured_point(40, 2, 0.5, 0.1));
  all.push_back({25 * mV, 0, {.tau_syn = 5 * ms}});
  all.push_back({18 * mV, 5 * mV, {}});
  all.push_back({NAN, 5 * mV, {.tau_syn = 5 * ms}});
  std::vector<double> mu, sigma;
  std::vector<LifParameters> neurons;
  for (const Point& p : all) {
    mu.push_back(p.mu);
    sigma.push_back(p.sigma);
    neurons.push_back(p.neuron);
  }
  const std::size_t n = all.size();
  for (const InstructionSet set : available_instruction_sets()) {
    std::vector<double> rate(n), log_rate(n), d_mu(n), log_mu(n), log_sigma(n);
    siegert_batch(mu, sigma, neurons,
                  {.rate = rate,
                   .log_rate = log_rate,
                   .drate_dmu = d_mu,
                   .dlog_rate_dmu = log_mu,
                   .dlog_rate_dsigma = log_sigma},
                  {.correction = kUniform, .threads = 1, .instruction_set = set});
    test::ErrorStatistics errors;
    for (std::size_t i = 0; i < n; ++i) {
      const SiegertRate r = all[i].rate();
      const std::string where = "point " + std::to_string(i);
      const auto add = [&](double value, double expected, double size) {
        if (std::isnan(expected) || std::isinf(expected) || expected == 0) {
          EXPECT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected))) << where;
        } else {
          errors.add(std::abs(value - expected) / size, where);
        }
      };
      add(rate[i], r.rate, r.rate);
      add(log_rate[i], r.log_rate, std::max(1.0, std::abs(r.log_rate)));
      add(d_mu[i], r.drate_dmu, std::abs(r.drate_dmu));
      add(log_mu[i], r.dlog_rate_dmu, std::abs(r.dlog_rate_dmu));
      add(log_sigma[i], r.dlog_rate_dsigma,
          std::abs(r.dlog_rate_dmu) + std::abs(r.dlog_rate_dsigma));
    }
    test::expect_within(errors, test::kUniformBatchBudget,
                        "uniform: batch by set " + std::to_string(static_cast<int>(set)));
  }
}

TEST(UniformRate, IsWhatABatchWithSecondDerivativesAndCvGives) {
  const Point p = coloured_points()[0];
  std::vector<double> rate(1), second(1), cv(1);
  siegert_batch(std::vector{p.mu}, std::vector{p.sigma}, p.neuron,
                {.rate = rate, .d2rate_dmu2 = second, .cv = cv}, {.correction = kUniform});
  EXPECT_NEAR(rate[0] / p.rate().rate, 1, 1e-13);
  EXPECT_EQ(second[0], siegert_second(p.mu, p.sigma, p.neuron, kUniform).d2rate_dmu2);
  EXPECT_EQ(cv[0], isi_cv(p.mu, p.sigma, p.neuron, kUniform));
}

TEST(UniformRate, IsInvertedInTheMean) {
  for (const Point& p : coloured_points()) {
    EXPECT_NEAR(siegert_inverse_mu(p.rate().rate, p.sigma, p.neuron, kUniform), p.mu,
                1e-9 * p.sigma * std::max(1.0, 1 / (p.sigma * p.rate().dlog_rate_dmu)));
  }
}

TEST(UniformRate, MovesWithTheEffectiveTimeConstant) {
  const Point p = coloured_point(0.5, -1, 0.6, 0.3);
  const double g = std::sqrt(p.neuron.tau_syn);
  const double slope = difference(
      p, 1e-3 * g, [](const Point& q) { return q.rate().rate; },
      [g](Point& q, double h) { q.neuron.tau_syn = (g + h) * (g + h); });
  EXPECT_NEAR(filter_weight_gain(p.mu, p.sigma, p.rate(), p.neuron, kUniform).drate / slope, 1,
              1e-7);
}

// The effective time constant costs up to a tenth, not the fit: the exact rate is as far off.
TEST(UniformRate, AgreesWithSimulationsOfTwoTimeConstants) {
  const CsvTable table("two_time_constants.csv");
  double worst = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const double sigma = at("sigma_mV") * mV, share = at("share_1"), variance = sigma * sigma;
    const std::vector<FilteredVariance> parts = {{at("tau_1_ms") * ms, share * variance},
                                                 {at("tau_2_ms") * ms, (1 - share) * variance}};
    const LifParameters n{.tau_m = 20 * ms,
                          .t_ref = 2 * ms,
                          .V_th = 20 * mV,
                          .V_reset = 10 * mV,
                          .tau_syn = effective_filter(parts, kUniform).tau_syn};
    const double rate = siegert(at("mu_mV") * mV, sigma, n, kUniform).rate;
    const double exact = siegert(at("mu_mV") * mV, sigma, n, Correction::kExact).rate;
    EXPECT_NEAR(rate / exact, 1, test::kUniformBudget.worst) << "row " << i;
    worst = std::max(worst, std::abs(rate / at("rate_Hz") - 1));
  }
  EXPECT_LT(worst, 0.1);
}

// The CV of white noise at the effective boundaries.
TEST(UniformRate, HasARoughCv) {
  test::ErrorStatistics errors;
  for (const Point& p : random_coloured_points(60, 31)) {
    const double exact =
        exact_rate(p.mu, p.sigma, p.neuron, {ExactResolution::kQuick, false, true}).cv;
    errors.add(std::abs(isi_cv(p.mu, p.sigma, p.neuron, kUniform) - exact), "");
  }
  EXPECT_LT(errors.worst(), 0.4);
}

}  // namespace
