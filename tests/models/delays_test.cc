#include <nuphi/models/delays.h>
#include <nuphi/models/words.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/csv.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

DelayDistribution distribution(const std::string& name) {
  return from_word(kDelayDistributions, name).value();
}

constexpr DelayDistribution kAll[] = {
    DelayDistribution::kConstant,          DelayDistribution::kUniform,
    DelayDistribution::kExponential,       DelayDistribution::kGamma,
    DelayDistribution::kTruncatedGaussian, DelayDistribution::kGaussian,
    DelayDistribution::kLognormal};

TEST(DelayTransform, MeetsTheTableOfComplexArguments) {
  const test::CsvTable table("delays.csv");
  ASSERT_EQ(table.size(), 840u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto number = [&](const char* column) { return table.number(row, column); };
    const Delay delay{distribution(table.text(row, "distribution")), number("mean"), number("sd"),
                      number("min"), number("max")};
    const Complex z(number("z_re"), number("z_im"));
    const Complex value(number("D_re"), number("D_im")), slope(number("dD_re"), number("dD_im"));
    const DelayTransform result = delay_transform(delay, z);
    const double mean = std::max(delay.mean, delay.max);
    EXPECT_LE(std::abs(result.value - value), 1e-13 * std::max(1.0, std::abs(value)))
        << table.text(row, "distribution") << " mean " << mean << " sd " << delay.sd << " z " << z;
    EXPECT_LE(std::abs(result.derivative - slope), 1e-12 * std::max(mean, std::abs(slope)))
        << table.text(row, "distribution") << " mean " << mean << " sd " << delay.sd << " z " << z;
  }
}

TEST(DelayTransform, MeetsTheTableOfFrequencies) {
  const test::CsvTable table("delay_distributions.csv");
  ASSERT_EQ(table.size(), 256u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Delay delay{distribution(table.text(row, "distribution")), table.number(row, "mean"),
                      table.number(row, "sd")};
    const double omega = 2 * std::numbers::pi * table.number(row, "frequency");
    const Complex truth(table.number(row, "D_re"), table.number(row, "D_im"));
    EXPECT_LE(std::abs(delay_transform(delay, {0, omega}).value - truth), 1e-14)
        << table.text(row, "distribution") << " omega " << omega;
  }
}

TEST(DelayTransform, IsOneAtZeroWithTheMeanAsSlope) {
  for (const DelayDistribution kind : kAll) {
    const Delay delay{kind, 2e-3, 1e-4, 1e-3, 3e-3};  // truncation at 20 s.d. moves no mean
    const DelayTransform result = delay_transform(delay, 0.0);
    EXPECT_NEAR(result.value.real(), 1, 1e-15);
    EXPECT_EQ(result.value.imag(), 0);
    EXPECT_NEAR(result.derivative.real(), -2e-3, 1e-15);
  }
}

TEST(DelayTransform, NarrowDistributionsBecomeTheConstantDelay) {
  const Complex z(30, 5e6);  // a phase of 7500 radians
  const Complex expected = delay_transform({DelayDistribution::kConstant, 1.5e-3}, z).value;
  for (const DelayDistribution kind : kAll) {
    if (kind == DelayDistribution::kExponential) continue;
    for (const double sd : {0.0, 1e-300, 1e-20, 1e-16}) {
      const Delay delay{kind, 1.5e-3, sd, 1.5e-3, 1.5e-3};
      // The spread itself changes D by less than |z sd|² = 3e-19.
      EXPECT_LE(std::abs(delay_transform(delay, z).value - expected), 1e-15)
          << static_cast<int>(kind) << " sd " << sd;
    }
  }
}

TEST(DelayTransform, DoesNotDependOnTheUnitOfTime) {
  for (const DelayDistribution kind : kAll) {
    const Delay delay{kind, 1.5, 0.75, 0.5, 2.5}, scaled{kind, 1.5e-9, 0.75e-9, 0.5e-9, 2.5e-9};
    const Complex z(0.3, 4);
    EXPECT_LE(std::abs(delay_transform(delay, z).value - delay_transform(scaled, z * 1e9).value),
              1e-14);
  }
}

TEST(DelayTransform, IsTheComplexConjugateAtConjugateArguments) {
  for (const DelayDistribution kind : kAll) {
    const Delay delay{kind, 1.5e-3, 2e-3, 1e-3, 3e-3};
    const Complex z(20, 900);
    const DelayTransform up = delay_transform(delay, z),
                         down = delay_transform(delay, std::conj(z));
    EXPECT_LE(std::abs(up.value - std::conj(down.value)), 1e-15);
    EXPECT_LE(std::abs(up.derivative - std::conj(down.derivative)), 1e-17);
  }
}

TEST(DelayTransform, StaysFiniteFarFromTheOrigin) {
  for (const DelayDistribution kind : kAll) {
    for (const Complex z : {Complex(1e8, 0), Complex(1e8, 1e8), Complex(0, 1e8)}) {
      const DelayTransform result = delay_transform({kind, 1.5e-3, 1e-3, 1e-3, 3e-3}, z);
      if (kind == DelayDistribution::kGaussian && z.real() > 0) continue;  // grows without bound
      EXPECT_LE(std::abs(result.value), 1 + 1e-15) << static_cast<int>(kind) << z;
    }
  }
}

TEST(DelayTransform, IsNaNForParametersThatAreNoDelay) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Delay& delay : {Delay{DelayDistribution::kConstant, -1e-3},
                             Delay{DelayDistribution::kUniform, 0, 0, 3e-3, 1e-3},
                             Delay{DelayDistribution::kGamma, 0, 1e-3},
                             Delay{DelayDistribution::kLognormal, 1e-3, -1e-3},
                             Delay{DelayDistribution::kTruncatedGaussian, nan, 1e-3}})
    EXPECT_TRUE(std::isnan(delay_transform(delay, {0, 1}).value.real()));
  EXPECT_TRUE(std::isnan(delay_transform({DelayDistribution::kConstant, 1}, nan).value.real()));
}

TEST(DelayTransform, OnlyTheGaussianIsAcausal) {
  for (const DelayDistribution kind : kAll)
    EXPECT_EQ(is_causal({kind, 1e-3, 1e-3, 0, 1e-3}), kind != DelayDistribution::kGaussian);
  EXPECT_TRUE(is_causal({DelayDistribution::kGaussian, 1e-3, 0}));
}

}  // namespace
}  // namespace nuphi
