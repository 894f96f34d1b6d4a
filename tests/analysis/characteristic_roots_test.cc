#include <nuphi/analysis/stability.h>
#include <nuphi/core/special_functions.h>

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <stdexcept>

namespace nuphi {
namespace {

using Complex = std::complex<double>;

/// A 1×1 matrix function.
MatrixFunction scalar(Complex (*f)(Complex), Complex (*slope)(Complex)) {
  return [=](Complex z) {
    return MatrixFunctionValue{Eigen::MatrixXcd::Constant(1, 1, f(z)),
                               Eigen::MatrixXcd::Constant(1, 1, slope(z))};
  };
}

const MatrixFunction kDelayed = scalar([](Complex z) { return z + 2.0 * std::exp(-z); },
                                       [](Complex z) { return 1.0 - 2.0 * std::exp(-z); });

TEST(CharacteristicRoots, OfADelayedFeedbackAreTheBranchesOfLambertW) {
  // z e^z = −2
  const CharacteristicRoots result = characteristic_roots(kDelayed, {-3.5, 1, -60, 60});
  ASSERT_TRUE(result.complete);
  std::vector<Complex> expected;
  for (int branch = -20; branch < 20; ++branch) {
    const Complex z = lambert_w(branch, -2.0);
    if (z.real() > -3.5 && std::abs(z.imag()) < 60) expected.push_back(z);
  }
  ASSERT_EQ(result.roots.size(), expected.size());
  EXPECT_EQ(result.count, static_cast<int>(expected.size()));
  for (const Complex& root : result.roots) {
    double nearest = 1;
    for (const Complex& z : expected) nearest = std::min(nearest, std::abs(root - z));
    EXPECT_LE(nearest, 1e-13 * std::abs(root));
  }
}

TEST(CharacteristicRoots, ComeByFallingRealPart) {
  const CharacteristicRoots result = characteristic_roots(kDelayed, {-3.5, 1, -60, 60});
  for (std::size_t k = 1; k < result.roots.size(); ++k)
    EXPECT_GE(result.roots[k - 1].real(), result.roots[k].real());
}

TEST(CharacteristicRoots, OfAMatrixPencilAreItsEigenvalues) {
  Eigen::MatrixXcd M(3, 3);
  M << 1, 2, 0, -2, 1, 0, 0, 0, -4;  // 1 ± 2i, −4
  const MatrixFunction pencil = [&](Complex z) {
    return MatrixFunctionValue{z * Eigen::MatrixXcd::Identity(3, 3) - M,
                               Eigen::MatrixXcd::Identity(3, 3)};
  };
  const CharacteristicRoots result = characteristic_roots(pencil, {-10, 10, -10, 10});
  ASSERT_TRUE(result.complete);
  ASSERT_EQ(result.roots.size(), 3u);
  EXPECT_LE(std::abs(result.roots[0] - Complex(1, 2)), 1e-14);
  EXPECT_LE(std::abs(result.roots[1] - Complex(1, -2)), 1e-14);
  EXPECT_LE(std::abs(result.roots[2] - Complex(-4, 0)), 1e-14);
  EXPECT_TRUE(characteristic_roots(pencil, {2, 10, -1, 1}).roots.empty());
}

TEST(CharacteristicRoots, RepeatMultipleRoots) {
  const MatrixFunction square =
      scalar([](Complex z) { return (z - 0.3) * (z - 0.3) * (z + 1.0); },
             [](Complex z) { return 2.0 * (z - 0.3) * (z + 1.0) + (z - 0.3) * (z - 0.3); });
  const CharacteristicRoots result = characteristic_roots(square, {-2, 2, -2, 2});
  EXPECT_EQ(result.count, 3);
  ASSERT_EQ(result.roots.size(), 3u);
  EXPECT_LE(std::abs(result.roots[0] - 0.3), 1e-6);  // half the digits at a double root
  EXPECT_LE(std::abs(result.roots[1] - 0.3), 1e-6);
}

TEST(CharacteristicRoots, OnTheBoundaryCountAsInside) {
  const MatrixFunction line =
      scalar([](Complex z) { return z - 1.0; }, [](Complex) { return Complex(1); });
  const CharacteristicRoots result = characteristic_roots(line, {-1, 1, -1, 1});
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.count, 1);
}

TEST(CharacteristicRoots, SayWhenTheBudgetEnds) {
  const CharacteristicRoots result =
      characteristic_roots(kDelayed, {-3.5, 1, -60, 60}, {.max_evaluations = 50});
  EXPECT_FALSE(result.complete);
  EXPECT_THROW((void)characteristic_roots(kDelayed, {1, 1, -1, 1}), std::invalid_argument);
  EXPECT_THROW((void)characteristic_roots(kDelayed, {0, 1, -1, 1}, {.tolerance = 0}),
               std::invalid_argument);
}

TEST(CharacteristicRoot, IsReachedFromNearby) {
  const Complex expected = lambert_w(0, -2.0);
  EXPECT_LE(std::abs(characteristic_root(kDelayed, expected + Complex(0.1, -0.1)) - expected),
            1e-14);
}

}  // namespace
}  // namespace nuphi
