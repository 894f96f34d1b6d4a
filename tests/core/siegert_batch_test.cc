#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/accuracy.h"
#include "support/random.h"

namespace nuphi {
namespace {

using test::ErrorStatistics, test::Point, test::Random;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr test::Budget kStepBudget = {4e-15, 4e-16};
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

/// Every field of every entry against siegert_second() and isi_cv().
void expect_as_scalar(const Inputs& inputs, const Arrays& arrays, Correction correction,
                      double tolerance) {
  for (std::size_t i = 0; i < inputs.mu.size(); ++i) {
    const auto expected = scalar(inputs.mu[i], inputs.sigma[i], inputs.neurons[i], correction);
    const auto where = [&] {
      return print(Point{inputs.mu[i], inputs.sigma[i], inputs.neurons[i], correction});
    };
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
          EXPECT_EQ(f[k][i], expected[k]) << k << " " << where();
        } else if (std::isnan(expected[k])) {
          EXPECT_TRUE(std::isnan(f[k][i])) << k << " " << where();
        } else {
          EXPECT_NEAR(f[k][i], expected[k], 1e-289) << k << " " << where();
        }
        continue;
      }
      EXPECT_NEAR(f[k][i], expected[k], tolerance * std::abs(scale[k])) << k << " " << where();
    }
    if (!f[12].empty() && !(std::isnan(f[12][i]) && std::isnan(expected[12]))) {
      EXPECT_NEAR(f[12][i], expected[12], tolerance * expected[12]) << where();
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

TEST_P(SiegertBatch, SlowSynapsesAreThoseOfOneNeuronBitForBit) {
  Random random(24);
  Inputs inputs;
  for (int i = 0; i < 3000; ++i) {
    Point p = test::cortical_point(random);
    p.neuron.tau_syn = random.log_uniform(1e-3, 1);
    if (i % 10 == 0) p.sigma = 0;
    inputs.add(p);
  }
  for (const bool second : {false, true}) {
    Arrays arrays(inputs.mu.size(), second);
    inputs.evaluate(arrays, GetParam(), Correction::kAdiabatic);
    for (std::size_t i = 0; i < inputs.mu.size(); ++i) {
      const auto expected =
          scalar(inputs.mu[i], inputs.sigma[i], inputs.neurons[i], Correction::kAdiabatic);
      for (std::size_t k = 0; k < arrays.field.size(); ++k) {
        if (arrays.field[k].empty()) continue;
        const double x = arrays.field[k][i];
        EXPECT_TRUE(x == expected[k] || (std::isnan(x) && std::isnan(expected[k])))
            << k << " " << i << ": " << x << " " << expected[k];
        EXPECT_TRUE(k < 6 || std::isnan(x)) << k << " " << i;
      }
    }
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

/// Changes of the rate between neighbours that the slope does not explain, over 3.6 million points
/// through the places where the evaluation changes its form. `evaluate` fills the rates and
/// the slopes of their logarithm.
template <class Evaluate>
ErrorStatistics steps_at_seams(Evaluate evaluate) {
  constexpr std::size_t kPoints = 20000;
  std::vector<double> mu(kPoints), rate(kPoints), slope(kPoints);
  ErrorStatistics steps;
  for (const double sigma : {1e-3, 7e-3}) {
    for (const double d : {0.03, 0.15, 0.5, 1.0, 3.0, 8.0}) {
      LifParameters neuron{.t_ref = 0};
      neuron.V_reset = neuron.V_th - d * sigma;
      // Threshold at the mean; reset at it; limits of narrow; pieces of P; far and faint.
      for (const double y :
           {0.0, d, std::max(0.01, (0.6 / d - 1) / 2), std::max(0.01, (0.2 / d - 1) / 2), 1.0, 2.0,
            3.0, 4.0, 5.0, 6.0, 7.0, d + 1, d + 3, d + 7, std::sqrt(90.0)}) {
        const double step = 1e-13 * sigma;
        const std::string where = "y = " + std::to_string(y) + ", d = " + std::to_string(d);
        for (std::size_t i = 0; i < kPoints; ++i) {
          mu[i] = neuron.V_th - y * sigma +
                  (static_cast<double>(i) - static_cast<double>(kPoints) / 2) * step;
        }
        evaluate(mu, sigma, neuron, rate, slope);
        for (std::size_t i = 1; i < kPoints; ++i) {
          const double change = (rate[i] - rate[i - 1]) / rate[i] - slope[i] * (mu[i] - mu[i - 1]);
          steps.add(std::abs(change), where);
        }
      }
    }
  }
  return steps;
}

TEST_P(SiegertBatch, HasNoStepAtTheSeams) {
  const ErrorStatistics steps =
      steps_at_seams([](const auto& mu, double sigma, const auto& neuron, auto& rate, auto& slope) {
        const std::vector<double> noise(mu.size(), sigma);
        siegert_batch(mu, noise, neuron, {.rate = rate, .dlog_rate_dmu = slope},
                      {.threads = 1, .instruction_set = GetParam()});
      });
  expect_within(steps, kStepBudget, "rate: step between neighbours");
}

TEST(SiegertRate, HasNoStepAtTheSeams) {
  const ErrorStatistics steps =
      steps_at_seams([](const auto& mu, double sigma, const auto& neuron, auto& rate, auto& slope) {
        for (std::size_t i = 0; i < mu.size(); ++i) {
          const SiegertRate r = siegert(mu[i], sigma, neuron);
          rate[i] = r.rate;
          slope[i] = r.dlog_rate_dmu;
        }
      });
  expect_within(steps, kStepBudget, "rate: step between neighbours");
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
