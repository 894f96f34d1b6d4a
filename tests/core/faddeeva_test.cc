#include <nuphi/core/special_functions.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/csv.h"

namespace nuphi {
namespace {

using Complex = std::complex<double>;

/// Size of what the value is a difference of below the real axis, of the value itself above it.
double scale(Complex z, Complex w) {
  if (z.imag() >= 0) return std::abs(w);
  return 2 * std::exp(z.imag() * z.imag() - z.real() * z.real()) + std::abs(faddeeva(-z));
}

TEST(Faddeeva, MeetsTheTableToRounding) {
  const test::CsvTable table("faddeeva.csv");
  ASSERT_GT(table.size(), 800u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Complex z(table.number(row, "z_re"), table.number(row, "z_im"));
    const Complex w(table.number(row, "w_re"), table.number(row, "w_im"));
    EXPECT_LE(std::abs(faddeeva(z) - w), 1e-15 * scale(z, w)) << "z = " << z;
  }
}

TEST(Faddeeva, IsContinuousAcrossItsRules) {
  for (double angle = 0; angle < 3.14; angle += 0.01) {
    const Complex inside = std::polar(8 * (1 - 1e-15), angle), outside = std::polar(8.0, angle);
    EXPECT_LE(std::abs(faddeeva(inside) - faddeeva(outside)), 5e-15 * std::abs(faddeeva(outside)));
  }
}

TEST(Faddeeva, KeepsItsSymmetry) {
  for (const Complex z : {Complex(0.3, 0.2), Complex(4, 7), Complex(20, 0.1), Complex(1, -2)})
    EXPECT_EQ(faddeeva(-std::conj(z)), std::conj(faddeeva(z)));
}

TEST(Faddeeva, PassesNaNOnAndVanishesAtInfinity) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(faddeeva({nan, 0}).real()));
  EXPECT_LE(std::abs(faddeeva({1e300, 1e300})), 1e-300);
  EXPECT_NEAR(faddeeva({0, 1e200}).real() * 1e200, 0.56418958354775629, 1e-15);
}

}  // namespace
}  // namespace nuphi
