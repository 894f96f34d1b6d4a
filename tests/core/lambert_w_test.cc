#include <nuphi/core/special_functions.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support/csv.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

TEST(LambertW, MeetsTheTableToRounding) {
  const test::CsvTable table("lambert_w.csv");
  ASSERT_GT(table.size(), 1700u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const int branch = static_cast<int>(table.number(row, "branch"));
    const Complex z(table.number(row, "z_re"), table.number(row, "z_im"));
    const Complex w(table.number(row, "w_re"), table.number(row, "w_im"));
    EXPECT_LE(std::abs(lambert_w(branch, z) - w), 1e-15 * std::abs(w)) << branch << " " << z;
  }
}

TEST(LambertW, StaysOnItsBranchEverywhere) {
  for (int branch = -4; branch <= 4; ++branch) {
    for (double log10 = -15.9; log10 < 15; log10 += 0.0931) {
      for (double angle = 0.01; angle < std::numbers::pi; angle += 0.03) {
        const Complex offset = std::polar(std::pow(10, log10), angle);
        for (const Complex z : {offset, offset - std::exp(-1.0)}) {
          const Complex w = lambert_w(branch, z);
          const Complex turns(0, 2 * std::numbers::pi * branch);
          // The logarithms of w and z are rounded to 1e-16 of a few turns.
          EXPECT_LE(std::abs(w + std::log(w) - std::log(z) - turns), 2e-14 * (1 + std::abs(w)))
              << branch << " " << z;
        }
      }
    }
  }
}

TEST(LambertW, TakesTheSideOfTheCutFromTheSignOfZero) {
  const Complex above = lambert_w(0, {-1, 0.0}), below = lambert_w(0, {-1, -0.0});
  EXPECT_GT(above.imag(), 0);
  EXPECT_EQ(below, std::conj(above));
  EXPECT_EQ(lambert_w(-1, {-0.2, 0.0}).imag(), 0);
  EXPECT_EQ(lambert_w(1, {-0.2, -0.0}), lambert_w(-1, {-0.2, 0.0}));
}

TEST(LambertW, HasValuesAtItsSpecialPoints) {
  EXPECT_EQ(lambert_w(0, 0.0), 0.0);
  EXPECT_EQ(lambert_w(-1, 0.0).real(), -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(lambert_w(0, std::numbers::e).real(), 1, 2e-16);
  const double smallest = std::numeric_limits<double>::denorm_min();
  EXPECT_TRUE(std::isfinite(lambert_w(-1, -smallest).real()));
  EXPECT_TRUE(std::isfinite(lambert_w(3, std::numeric_limits<double>::max()).real()));
  EXPECT_TRUE(std::isnan(lambert_w(0, std::numeric_limits<double>::infinity()).real()));
}

}  // namespace
}  // namespace nuphi
