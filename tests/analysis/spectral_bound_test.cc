#include <nuphi/analysis/covariances.h>

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "random_connectivity.h"
#include "support/csv.h"

namespace nuphi {
namespace {

TEST(SpectralBound, OfThePairwiseNetworkMeetsTheReference) {
  const test::CsvTable table("pairwise_network.csv");
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(100, 100);
  for (std::size_t k = 0; k < table.size(); ++k)
    W(static_cast<int>(table.number(k, "row")), static_cast<int>(table.number(k, "column"))) =
        table.number(k, "W");
  EXPECT_NEAR(std::abs(spectral_bound(W).eigenvalue), 0.07826836699828585, 1e-14);
}

TEST(SpectralBound, IsTheSameByBothRoads) {
  for (const double g :
       {3.0, 6.0}) {  // an outlier to the right of the bulk, and the edge of the bulk
    const Eigen::SparseMatrix<double> W = test::random_connectivity(300, 60, 0.03, g, 1);
    const SpectralBound dense = spectral_bound(W, {.dense_limit = 300});
    const SpectralBound iterative = spectral_bound(W);
    ASSERT_TRUE(dense.converged && iterative.converged);
    EXPECT_LE(std::abs(dense.eigenvalue - iterative.eigenvalue), 1e-9);
    const SpectralBound full = spectral_bound(Eigen::MatrixXd(W));
    EXPECT_LE(std::abs(full.eigenvalue - iterative.eigenvalue), 1e-9);
    EXPECT_LE(iterative.residual, 1e-10);
    EXPECT_GE(iterative.eigenvalue.imag(), 0);
  }
}

TEST(SpectralBound, OfALargeSparseNetworkIsItsKnownOutlier) {
  // A fixed in-degree makes the population-averaged eigenvalue K w (4 − g)/5 exact, with the
  // constant eigenvector.
  const Eigen::SparseMatrix<double> W = test::random_connectivity(10000, 100, 0.02, 2, 2);
  const SpectralBound bound = spectral_bound(W);
  ASSERT_TRUE(bound.converged);
  EXPECT_NEAR(bound.eigenvalue.real(), 100 * 0.02 * (4 - 2) / 5, 1e-10);
  EXPECT_EQ(bound.eigenvalue.imag(), 0);
}

TEST(SpectralBound, RefusesWhatIsNoSquareMatrixAndReportsNonFiniteEntries) {
  EXPECT_THROW((void)spectral_bound(Eigen::MatrixXd(2, 3)), std::invalid_argument);
  EXPECT_THROW((void)spectral_bound(Eigen::MatrixXd(2, 2), {.tolerance = 0}),
               std::invalid_argument);
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(2, 2);
  W(0, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(spectral_bound(W).converged);
  EXPECT_TRUE(std::isnan(spectral_bound(W).eigenvalue.real()));
}

}  // namespace
}  // namespace nuphi
