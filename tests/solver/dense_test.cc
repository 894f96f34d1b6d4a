#include <gtest/gtest.h>
#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Dense>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace nuphi {
namespace {

// On both sides of the size from which LAPACK calculates.
class Dense : public testing::TestWithParam<Eigen::Index> {
 protected:
  void SetUp() override { std::srand(7); }  // Eigen's Random() draws from it
  const Eigen::Index n_ = GetParam();
  // Rounding of n terms, with room for the condition of random matrices.
  const double tolerance_ = 1e-10 * static_cast<double>(n_);
};
INSTANTIATE_TEST_SUITE_P(Sizes, Dense, testing::Values(1, 3, 99, 100, 180));

TEST_P(Dense, InverseTimesMatrixIsOne) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_, n_);
  const Eigen::MatrixXcd Z = Eigen::MatrixXcd::Random(n_, n_);
  EXPECT_LE((A * dense::inverse(A) - Eigen::MatrixXd::Identity(n_, n_)).norm(), tolerance_);
  EXPECT_LE((Z * dense::inverse(Z) - Eigen::MatrixXcd::Identity(n_, n_)).norm(), tolerance_);
}

TEST_P(Dense, SolutionMeetsItsEquations) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_, n_);
  const Eigen::VectorXd b = Eigen::VectorXd::Random(n_);
  EXPECT_LE((A * dense::solve(A, b) - b).norm(), tolerance_);
}

TEST_P(Dense, FactorsSolveWithTheTransposedMatrixAndWithManyColumns) {
  const Eigen::MatrixXcd A = Eigen::MatrixXcd::Random(n_, n_), B = Eigen::MatrixXcd::Random(n_, 7);
  const dense::Lu<std::complex<double>> lu(A);
  EXPECT_LE((A * lu.solve_columns(B) - B).norm(), tolerance_);
  EXPECT_LE((A.transpose() * lu.solve_transposed(B.col(0)) - B.col(0)).norm(), tolerance_);
  EXPECT_LE((A * lu.solve(B.col(1)) - B.col(1)).norm(), tolerance_);
  EXPECT_LE((A * lu.inverse() - Eigen::MatrixXcd::Identity(n_, n_)).norm(), tolerance_);
}

TEST_P(Dense, DeterminantOfAProductIsTheProductOfDeterminants) {
  const Eigen::MatrixXcd A = Eigen::MatrixXcd::Random(n_, n_), B = Eigen::MatrixXcd::Random(n_, n_);
  using Lu = dense::Lu<std::complex<double>>;
  const dense::Determinant a = Lu(A).determinant(), b = Lu(B).determinant(),
                           both = Lu(dense::product(A, B)).determinant();
  EXPECT_NEAR(both.log_modulus, a.log_modulus + b.log_modulus, tolerance_);
  EXPECT_LE(std::abs(both.direction - a.direction * b.direction), tolerance_);
}

TEST_P(Dense, DeterminantIsEigens) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_, n_) / std::sqrt(static_cast<double>(n_));
  const dense::Determinant d = dense::Lu<double>(A).determinant();
  EXPECT_NEAR(d.direction.real() * std::exp(d.log_modulus) / A.determinant(), 1, tolerance_);
  EXPECT_EQ(d.direction.imag(), 0);
}

TEST_P(Dense, SingularMatricesHaveDeterminantZero) {
  const dense::Determinant d = dense::Lu<double>(Eigen::MatrixXd::Zero(n_, n_)).determinant();
  EXPECT_EQ(d.direction, 0.0);
  EXPECT_EQ(d.log_modulus, -std::numeric_limits<double>::infinity());
}

TEST_P(Dense, RepeatedCallsGiveTheSameDigits) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_, n_);
  EXPECT_EQ(dense::inverse(A), dense::inverse(A));
  EXPECT_EQ(dense::product(A, A), dense::product(A, A));
  EXPECT_EQ(dense::eigenvalues(A), dense::eigenvalues(A));
}

TEST_P(Dense, ProductsOfOblongMatricesAreEigens) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_, n_ + 20);
  const Eigen::MatrixXd B = Eigen::MatrixXd::Random(n_ + 20, n_ + 5);
  const Eigen::MatrixXcd Z = A.cast<std::complex<double>>() * std::complex<double>(0, 1);
  EXPECT_LE((dense::product(A, B) - A * B).norm(), 1e-13 * A.norm() * B.norm());
  const Eigen::MatrixXcd W = B.cast<std::complex<double>>();
  EXPECT_LE((dense::product(Z, W) - Z * W).norm(), 1e-13 * A.norm() * B.norm());
}

TEST_P(Dense, ProductsOfBlocksAreThoseOfTheirCopies) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n_ + 5, n_ + 3);
  const Eigen::MatrixXd left = A.middleRows(1, n_), right = A.block(1, 1, n_ + 3, n_);
  EXPECT_EQ(dense::product(A.middleRows(1, n_), A.block(1, 1, n_ + 3, n_)),
            dense::product(left, right));
}

TEST_P(Dense, EigenvaluesOfACirculantAreItsFourierTransform) {
  Eigen::MatrixXd A(n_, n_);
  for (Eigen::Index i = 0; i < n_; ++i) {
    for (Eigen::Index j = 0; j < n_; ++j) A(i, j) = std::pow(0.5, (j - i + n_) % n_);
  }
  const Eigen::VectorXcd real = dense::eigenvalues(A);
  const Eigen::VectorXcd complex =
      dense::eigenvalues(Eigen::MatrixXcd(A.cast<std::complex<double>>() * 2.0));
  for (Eigen::Index k = 0; k < n_; ++k) {
    std::complex<double> expected = 0;
    for (Eigen::Index d = 0; d < n_; ++d) {
      const double turn =
          2 * std::numbers::pi * static_cast<double>(k * d) / static_cast<double>(n_);
      expected += std::pow(0.5, d) * std::polar(1.0, turn);
    }
    EXPECT_LE((real.array() - expected).abs().minCoeff(), 1e-12);
    EXPECT_LE((complex.array() - 2.0 * expected).abs().minCoeff(), 1e-12);
  }
}

TEST_P(Dense, NotANumberStaysOne) {
  Eigen::MatrixXd A = Eigen::MatrixXd::Identity(n_, n_);
  A(0, 0) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(dense::eigenvalues(A).allFinite());
  EXPECT_FALSE(dense::inverse(A).allFinite());
}

TEST_P(Dense, SingularMatricesHaveNoFiniteInverse) {
  const Eigen::MatrixXd zero = Eigen::MatrixXd::Zero(n_, n_);
  EXPECT_FALSE(dense::inverse(zero).allFinite());
  EXPECT_FALSE(dense::solve(zero, Eigen::VectorXd::Ones(n_)).allFinite());
}

}  // namespace
}  // namespace nuphi
