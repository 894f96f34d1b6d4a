#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/siegert_batch.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
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

/// Arrays for every quantity.
struct Arrays {
  std::array<std::vector<double>, 13> field;

  explicit Arrays(std::size_t n, bool second = true) {
    for (std::size_t k = 0; k < field.size(); ++k) {
      if (second || k < 6) field[k].assign(n, 1234.5);
    }
  }
  SiegertBatchOutput output() {
    auto& f = field;
    return {f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12]};
  }
};

struct Inputs {
  std::vector<double> mu, sigma;
  std::vector<LifParameters> neurons;

  void add(const Point& p) {
    mu.push_back(p.mu);
    sigma.push_back(p.sigma);
    neurons.push_back(p.neuron);
  }
  void evaluate(Arrays& arrays, InstructionSet set, Correction correction, int threads = 1) const {
    siegert_batch(mu, sigma, neurons, arrays.output(),
                  {.correction = correction, .threads = threads, .instruction_set = set});
  }
};

std::array<double, 13> scalar(double mu, double sigma, const LifParameters& neuron, Correction c) {
  const SiegertSecond s = siegert_second(mu, sigma, neuron, c);
  const SiegertRate& r = s.first;
  return {r.rate,
          r.log_rate,
          r.drate_dmu,
          r.drate_dsigma,
          r.dlog_rate_dmu,
          r.dlog_rate_dsigma,
          s.d2rate_dmu2,
          s.d2rate_dmudsigma,
          s.d2rate_dsigma2,
          s.d2log_rate_dmu2,
          s.d2log_rate_dmudsigma,
          s.d2log_rate_dsigma2,
          isi_cv(mu, sigma, neuron, c)};
}

class SiegertBatch : public testing::TestWithParam<InstructionSet> {};

std::string name_of(InstructionSet set) {
  if (set == InstructionSet::kAvx2) return "avx2";
  return set == InstructionSet::kAvx512 ? "avx512" : "baseline";
}

INSTANTIATE_TEST_SUITE_P(Sets, SiegertBatch, testing::ValuesIn(available_instruction_sets()),
                         [](const auto& parameter) { return name_of(parameter.param); });

LifParameters neuron_of(const CsvTable& table, std::size_t row) {
  return {.tau_m = table.number(row, "tau_m"),
          .t_ref = table.number(row, "t_ref"),
          .V_th = table.number(row, "V_th"),
          .V_reset = table.number(row, "V_reset"),
          .tau_syn = table.number(row, "tau_syn")};
}

bool representable(long double x) { return std::abs(x) > 1e-306L && std::abs(x) < 1e308L; }

double scaled_error(double value, long double truth, long double scale) {
  return static_cast<double>(std::abs(value - truth) / scale);
}

TEST_P(SiegertBatch, StaysWithinBudgetOnTheReferenceTable) {
  static const CsvTable table("siegert.csv");
  Inputs inputs;
  for (std::size_t row = 0; row < table.size(); ++row) {
    inputs.add({.mu = table.number(row, "mu"),
                .sigma = table.number(row, "sigma"),
                .neuron = neuron_of(table, row)});
  }
  Arrays arrays(table.size());
  inputs.evaluate(arrays, GetParam(), Correction::kShift);
  std::map<std::string, ErrorStatistics> errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string where = "id " + table.text(row, "id");
    const auto value = [&](std::size_t k) { return arrays.field[k][row]; };
    const long double nu = table.truth(row, "nu"), log_nu = table.truth(row, "log_nu");
    if (std::isinf(log_nu)) {
      EXPECT_EQ(value(0), 0) << where;
      EXPECT_EQ(value(1), -kInfinity) << where;
      EXPECT_TRUE(std::isnan(value(4)) && std::isnan(value(5))) << where;
      continue;
    }
    const long double l_mu = table.truth(row, "dlognu_dmu");
    const long double l_sigma = table.truth(row, "dlognu_dsigma");
    const long double c =
        1.03262657611560858734L * std::sqrt(static_cast<long double>(inputs.neurons[row].tau_syn) /
                                            inputs.neurons[row].tau_m);
    const long double sigma_scale = std::max(std::abs(l_sigma + c * l_mu), c * l_mu);
    errors["log rate"].add(scaled_error(value(1), log_nu, std::max(1.0L, std::abs(log_nu))), where);
    errors["∂"].add(scaled_error(value(4), l_mu, l_mu), where);
    if (sigma_scale > 0) errors["∂"].add(scaled_error(value(5), l_sigma, sigma_scale), where);
    if (representable(nu)) errors["rate"].add(scaled_error(value(0), nu, nu), where);
    if (representable(nu * l_mu)) {
      const long double truth = table.truth(row, "dnu_dmu");
      errors["∂"].add(scaled_error(value(2), truth, truth), where);
    }
    if (representable(nu * sigma_scale)) {
      errors["∂"].add(scaled_error(value(3), table.truth(row, "dnu_dsigma"), nu * sigma_scale),
                      where);
    }
    const long double t_mm = l_mu * l_mu - table.truth(row, "d2lognu_dmu2");
    const long double t_ms = l_mu * l_sigma - table.truth(row, "d2lognu_dmudsigma");
    const long double t_ss = l_sigma * l_sigma - table.truth(row, "d2lognu_dsigma2");
    const long double f2 = std::abs(t_ms + c * t_mm);
    const long double f3 = std::abs(t_ss + t_mm / 2 + 2 * c * (t_ms + c * t_mm) - c * c * t_mm);
    const auto second = [&](std::size_t k, const char* column, long double scale) {
      if (scale > 0)
        errors["second"].add(scaled_error(value(k), table.truth(row, column), scale), where);
    };
    second(9, "d2lognu_dmu2", std::max(l_mu * l_mu, std::abs(t_mm)));
    second(10, "d2lognu_dmudsigma", std::max({l_mu * sigma_scale, f2, std::abs(c * t_mm)}));
    second(11, "d2lognu_dsigma2",
           std::max({sigma_scale * sigma_scale, f3, std::abs(t_mm / 2), std::abs(2 * c * f2),
                     std::abs(c * c * t_mm)}));
  }
  for (const auto& [what, statistics] : errors) {
    RecordProperty(what == "∂" ? "d" : what, std::to_string(statistics.worst() * 1e15));
  }
  expect_within(errors["rate"], test::kBatchBudget.rate, "rate");
  expect_within(errors["log rate"], test::kBatchBudget.log_rate, "log rate");
  expect_within(errors["∂"], test::kBatchBudget.d_mu, "∂");
  expect_within(errors["second"], test::kBatchBudget.second, "second derivatives");
}

/// Every field of every entry against siegert_second() and isi_cv().
void expect_as_scalar(const Inputs& inputs, const Arrays& arrays, Correction correction,
                      double tolerance) {
  for (std::size_t i = 0; i < inputs.mu.size(); ++i) {
    const auto expected = scalar(inputs.mu[i], inputs.sigma[i], inputs.neurons[i], correction);
    const std::string where =
        print(Point{inputs.mu[i], inputs.sigma[i], inputs.neurons[i], correction});
    const auto& f = arrays.field;
    const double c = 1.0326 * std::sqrt(inputs.neurons[i].tau_syn / inputs.neurons[i].tau_m);
    const double l = std::abs(expected[5]) + (1 + c) * std::abs(expected[4]);
    const std::array<double, 6> scale = {expected[0], std::max(1.0, std::abs(expected[1])),
                                         expected[2], expected[0] * l,
                                         expected[4], l};
    for (std::size_t k = 0; k < 6; ++k) {
      if (f[k][i] == expected[k]) continue;
      if (!std::isfinite(expected[k]) || std::abs(expected[k]) < 1e-290) {
        if (std::isinf(expected[k])) {
          EXPECT_EQ(f[k][i], expected[k]) << k << " " << where;
        } else if (std::isnan(expected[k])) {
          EXPECT_TRUE(std::isnan(f[k][i])) << k << " " << where;
        } else {
          EXPECT_NEAR(f[k][i], expected[k], 1e-289) << k << " " << where;
        }
        continue;
      }
      EXPECT_NEAR(f[k][i], expected[k], tolerance * std::abs(scale[k])) << k << " " << where;
    }
    if (!f[12].empty() && !(std::isnan(f[12][i]) && std::isnan(expected[12]))) {
      EXPECT_NEAR(f[12][i], expected[12], tolerance * expected[12]) << where;
    }
  }
}

TEST_P(SiegertBatch, AgreesWithOneNeuronAtATime) {
  for (const Correction correction :
       {Correction::kNone, Correction::kShift, Correction::kShiftRefractory}) {
    Random random(21);
    Inputs inputs;
    for (int i = 0; i < 50000; ++i) inputs.add(test::cortical_point(random));
    for (const bool second : {false, true}) {
      Arrays arrays(inputs.mu.size(), second);
      inputs.evaluate(arrays, GetParam(), correction);
      expect_as_scalar(inputs, arrays, correction, 4e-15);
    }
  }
}

TEST_P(SiegertBatch, LeavesToOneAtATimeWhatIsNotOrdinary) {
  Random random(22);
  for (const Correction correction :
       {Correction::kShift, Correction::kTaylor, Correction::kAdiabatic}) {
    Inputs inputs;
    for (int i = 0; i < 3000; ++i) {
      Point p = test::cortical_point(random);
      switch (random.below(9)) {
        case 0:
          p.sigma = 0;
          break;
        case 1:
          p.mu = kNaN;
          break;
        case 2:
          p.sigma = -p.sigma;
          break;
        case 3:
          p.mu = p.neuron.V_th;
          p.sigma = 0;
          break;
        case 4:
          p.neuron.tau_m = random.below(2) == 0 ? kNaN : 0;
          break;
        case 5:
          p.mu *= 1e200;
          break;
        case 6:
          p.sigma *= 1e-200;
          break;
        case 7:
          p.sigma = kInfinity;
          break;
        default:
          break;
      }
      inputs.add(p);
    }
    Arrays arrays(inputs.mu.size());
    inputs.evaluate(arrays, GetParam(), correction);
    expect_as_scalar(inputs, arrays, correction, 4e-15);
  }
}

TEST_P(SiegertBatch, DoesNotDependOnPositionNumberOrThreads) {
  Random random(23);
  Inputs inputs;
  const LifParameters neuron{};
  for (int i = 0; i < 60000; ++i) {
    Point p = test::cortical_point(random);
    p.neuron = neuron;
    inputs.add(p);
  }
  Arrays all(inputs.mu.size(), false), one(inputs.mu.size(), false),
      threads(inputs.mu.size(), false);
  inputs.evaluate(all, GetParam(), Correction::kShift);
  inputs.evaluate(threads, GetParam(), Correction::kShift, 2);
  siegert_batch(inputs.mu, inputs.sigma, neuron, one.output(),
                {.threads = 1, .instruction_set = GetParam()});
  EXPECT_EQ(all.field, threads.field);
  EXPECT_EQ(all.field, one.field);
  for (std::size_t n = 0; n < 40; ++n) {
    Arrays few(n, false);
    siegert_batch(std::span(inputs.mu).subspan(n * n, n), std::span(inputs.sigma).subspan(n * n, n),
                  neuron, few.output(), {.instruction_set = GetParam()});
    for (std::size_t k = 0; k < 6; ++k) {
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(few.field[k][i], all.field[k][n * n + i]);
    }
  }
}

TEST_P(SiegertBatch, WritesOnlyWhatIsWanted) {
  const LifParameters neuron{};
  const std::vector<double> mu(100, 18e-3), sigma(100, 4e-3);
  std::vector<double> slope(100), curvature(100);
  siegert_batch(mu, sigma, neuron, {.drate_dmu = slope, .d2rate_dmu2 = curvature},
                {.instruction_set = GetParam()});
  const SiegertSecond s = siegert_second(18e-3, 4e-3, neuron);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_NEAR(slope[i], s.first.drate_dmu, 5e-15 * slope[i]);
    EXPECT_NEAR(curvature[i], s.d2rate_dmu2, 2e-14 * std::abs(curvature[i]));
  }
  siegert_batch(mu, sigma, neuron, {}, {.instruction_set = GetParam()});
}

TEST_P(SiegertBatch, HasNoStepAtTheSeams) {
  // 1.2e6 points through the places where the evaluation changes its form. Neighbours differ by
  // their slope, and by rounding.
  constexpr std::size_t kPoints = 20000;
  double worst = 0;
  for (const double sigma : {1e-3, 7e-3}) {
    for (const double d : {0.01, 0.15, 0.5, 1.0, 3.0, 8.0}) {
      LifParameters neuron{.t_ref = 0};
      neuron.V_reset = neuron.V_th - d * sigma;
      // Threshold at the mean; reset at it; limits of narrow, and of faint; the last piece of P.
      for (const double y : {0.0, d, std::max(0.01, (0.6 / d - 1) / 2),
                             std::max(0.01, (0.2 / d - 1) / 2), std::sqrt(90.0)}) {
        std::vector<double> mu(kPoints), noise(kPoints, sigma), rate(kPoints), slope(kPoints);
        const double step = 1e-13 * sigma;
        for (std::size_t i = 0; i < kPoints; ++i) {
          mu[i] = neuron.V_th - y * sigma +
                  (static_cast<double>(i) - static_cast<double>(kPoints) / 2) * step;
        }
        siegert_batch(mu, noise, neuron, {.rate = rate, .dlog_rate_dmu = slope},
                      {.threads = 1, .instruction_set = GetParam()});
        for (std::size_t i = 1; i < kPoints; ++i) {
          const double change = (rate[i] - rate[i - 1]) / rate[i] - slope[i] * (mu[i] - mu[i - 1]);
          worst = std::max(worst, std::abs(change));
        }
      }
    }
  }
  RecordProperty("worst", std::to_string(worst * 1e15));
  EXPECT_LE(worst, 4e-15);
}

TEST(SiegertBatchErrors, RefusesLengthsThatDiffer) {
  const std::vector<double> three(3, 1e-3), two(2, 1e-3);
  const std::vector<LifParameters> neurons(2);
  std::vector<double> out(3), short_out(2);
  EXPECT_THROW(siegert_batch(three, two, LifParameters{}, {.rate = out}), std::invalid_argument);
  EXPECT_THROW(siegert_batch(three, three, LifParameters{}, {.rate = short_out}),
               std::invalid_argument);
  EXPECT_THROW(siegert_batch(three, three, neurons, {.rate = out}), std::invalid_argument);
  EXPECT_THROW(siegert_batch(three, three, LifParameters{}, {.rate = out}, {.threads = -1}),
               std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
