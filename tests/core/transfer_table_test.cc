#include <gtest/gtest.h>
#include <nuphi/core/error.h>
#include <nuphi/core/transfer_function.h>
#include <nuphi/core/units.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace {
using namespace nuphi;
using namespace nuphi::units;
using Eigen::Index, Eigen::MatrixXd, Eigen::VectorXd;

VectorXd grid(double low, double high, Index n) { return VectorXd::LinSpaced(n, low, high); }

MatrixXd lif_rates(const VectorXd& mu, const VectorXd& sigma) {
  MatrixXd rates(mu.size(), sigma.size());
  for (Index i = 0; i < mu.size(); ++i) {
    for (Index j = 0; j < sigma.size(); ++j) rates(i, j) = siegert(mu[i], sigma[j], {}).rate;
  }
  return rates;
}

/// Derivatives against differences, well inside the cells of the grid.
void expect_derivatives(const TabulatedTransfer& f, double mu, double sigma, double h) {
  const TransferRate r = f(mu, sigma);
  const double d_mu = (f(mu + h, sigma).rate - f(mu - h, sigma).rate) / (2 * h);
  const double d_sigma = (f(mu, sigma + h).rate - f(mu, sigma - h).rate) / (2 * h);
  const double scale = 1e-6 * (std::abs(r.drate_dmu) + std::abs(r.drate_dsigma));
  EXPECT_NEAR(r.drate_dmu, d_mu, scale);
  EXPECT_NEAR(r.drate_dsigma, d_sigma, scale);
}

TEST(TabulatedTransfer, RunsThroughItsData) {
  const VectorXd mu = grid(0, 40 * mV, 21), sigma = grid(1 * mV, 8 * mV, 8);
  const MatrixXd rates = lif_rates(mu, sigma);
  const TabulatedTransfer surface(mu, sigma, rates), curve(mu, rates.col(3));
  for (Index i = 0; i < mu.size(); ++i) {
    EXPECT_NEAR(curve(mu[i], 0).rate, rates(i, 3), 1e-13 * rates(i, 3));
    for (Index j = 0; j < sigma.size(); ++j) {
      EXPECT_NEAR(surface(mu[i], sigma[j]).rate, rates(i, j), 1e-13 * rates(i, j));
    }
  }
}

TEST(TabulatedTransfer, IsExactForStraightLines) {
  VectorXd mu(5);
  mu << 0, 1, 1.5, 4, 9;
  const TabulatedTransfer line(mu, 2 * mu.array() + 3);
  for (const double x : {0.0, 0.3, 1.2, 2.0, 8.9, 9.0}) {
    EXPECT_NEAR(line(x, 0).rate, 2 * x + 3, 1e-14);
    EXPECT_NEAR(line(x, 0).drate_dmu, 2, 1e-14);
    EXPECT_EQ(line(x, 0).drate_dsigma, 0);
  }
}

TEST(TabulatedTransfer, RisesBetweenRisingData) {
  // The data of Fritsch & Carlson (1980), table 1, on which ordinary splines oscillate.
  VectorXd x(9), y(9);
  x << 7.99, 8.09, 8.19, 8.7, 9.2, 10, 12, 15, 20;
  y << 0, 2.76429e-5, 4.37498e-2, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994;
  const TabulatedTransfer f(x, y);
  double last = -1;
  for (int k = 0; k <= 4000; ++k) {
    const TransferRate r = f(7.99 + k * (20 - 7.99) / 4000, 0);
    EXPECT_GE(r.rate, last);
    EXPECT_GE(r.drate_dmu, 0);
    last = r.rate;
  }
  EXPECT_LE(last, 0.999994);
}

TEST(TabulatedTransfer, RisesBetweenAnyRisingData) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int trial = 0; trial < 200; ++trial) {
    VectorXd x(12), y(12);
    x[0] = y[0] = 0;
    for (Index i = 1; i < 12; ++i) {
      x[i] = x[i - 1] + std::exp(4 * unit(random) - 2);
      y[i] = y[i - 1] + (unit(random) < 0.2 ? 0 : std::exp(12 * unit(random) - 6));
    }
    const TabulatedTransfer f(x, y);
    for (int k = 0; k < 300; ++k) {
      ASSERT_GE(f(x[11] * unit(random), 0).drate_dmu, -1e-12 * y[11]) << "trial " << trial;
    }
  }
}

TEST(TabulatedTransfer, HasTheDerivativesOfItself) {
  const VectorXd mu = grid(0, 40 * mV, 21), sigma = grid(1 * mV, 8 * mV, 8);
  const MatrixXd rates = lif_rates(mu, sigma);
  const TabulatedTransfer surface(mu, sigma, rates), curve(mu, rates.col(3));
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> unit(0.05, 0.95);
  for (int k = 0; k < 200; ++k) {
    const double m = (std::floor(20 * unit(random)) + unit(random)) * 2 * mV;
    const double s = (1 + std::floor(6 * unit(random)) + unit(random)) * mV;
    expect_derivatives(surface, m, s, 1e-4 * mV);
    expect_derivatives(curve, m, s, 1e-4 * mV);
  }
}

TEST(TabulatedTransfer, HasContinuousDerivatives) {
  const VectorXd mu = grid(0, 40 * mV, 11), sigma = grid(1 * mV, 8 * mV, 5);
  const TabulatedTransfer f(mu, sigma, lif_rates(mu, sigma));
  const double tiny = 1e-12;
  for (Index i = 1; i < 10; ++i) {
    const TransferRate a = f(mu[i] - tiny, 3.3 * mV), b = f(mu[i] + tiny, 3.3 * mV);
    EXPECT_NEAR(a.drate_dmu, b.drate_dmu, 1e-6 * (1 + std::abs(a.drate_dmu)));
    EXPECT_NEAR(a.drate_dsigma, b.drate_dsigma, 1e-6 * (1 + std::abs(a.drate_dsigma)));
  }
  for (Index j = 1; j < 4; ++j) {
    const TransferRate a = f(17 * mV, sigma[j] - tiny), b = f(17 * mV, sigma[j] + tiny);
    EXPECT_NEAR(a.drate_dmu, b.drate_dmu, 1e-6 * (1 + std::abs(a.drate_dmu)));
    EXPECT_NEAR(a.drate_dsigma, b.drate_dsigma, 1e-6 * (1 + std::abs(a.drate_dsigma)));
  }
}

TEST(TabulatedTransfer, ConvergesToTheFunctionItSamples) {
  double last = INFINITY;
  for (const Index n : {11, 21, 41, 81}) {
    const VectorXd mu = grid(5 * mV, 35 * mV, n), sigma = grid(2 * mV, 8 * mV, n);
    const TabulatedTransfer f(mu, sigma, lif_rates(mu, sigma));
    double worst = 0;
    for (double m = 6; m < 34; m += 0.37) {
      for (double s = 2.1; s < 7.9; s += 0.31) {
        worst =
            std::max(worst, std::abs(f(m * mV, s * mV).rate - siegert(m * mV, s * mV, {}).rate));
      }
    }
    EXPECT_LT(worst, last / 3) << n;
    last = worst;
  }
  EXPECT_LT(last, 0.02);
}

TEST(TabulatedTransfer, SaysNothingOutsideUnlessAsked) {
  const VectorXd x = grid(0, 1, 3), y = grid(1, 2, 3);
  EXPECT_TRUE(std::isnan(TabulatedTransfer(x, y)(1.1, 0).rate));
  const TabulatedTransfer constant(x, y, Outside::kConstant);
  EXPECT_EQ(constant(1.1, 0).rate, 2);
  EXPECT_EQ(constant(-5, 0).rate, 1);
  EXPECT_EQ(constant(1.1, 0).drate_dmu, 0);
  EXPECT_TRUE(std::isnan(constant(NAN, 0).rate));
}

TEST(TabulatedTransfer, RefusesBadGrids) {
  const VectorXd two = grid(0, 1, 2);
  EXPECT_THROW(TabulatedTransfer(grid(0, 1, 1), grid(0, 1, 1)), std::invalid_argument);
  EXPECT_THROW(TabulatedTransfer(grid(1, 0, 2), two), std::invalid_argument);
  EXPECT_THROW(TabulatedTransfer(two, grid(0, 1, 3)), std::invalid_argument);
  EXPECT_THROW(TabulatedTransfer(two, Eigen::Vector2d(0, NAN)), std::invalid_argument);
  EXPECT_THROW(TabulatedTransfer(two, Eigen::Vector2d(-1, 1), MatrixXd::Zero(2, 2)),
               std::invalid_argument);
}

class TableFile : public testing::Test {
 protected:
  TabulatedTransfer read(const std::string& text) {
    std::ofstream(path_) << text;
    return TabulatedTransfer::from_csv(path_);
  }
  std::string fault(const std::string& text) {
    try {
      read(text);
    } catch (const ModelError& error) {
      const Diagnostic& d = error.diagnostics().front();
      return std::to_string(d.line) + ": " + d.message;
    }
    return "";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      (std::string("nuphi_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(TableFile, HoldsACurve) {
  const TabulatedTransfer f = read("# rates\r\nmu,rate\r\n0,1\r\n2,5\r\n1,3\r\n");
  EXPECT_NEAR(f(1.5, 7).rate, 4, 1e-14);
}

TEST_F(TableFile, HoldsASurface) {
  const TabulatedTransfer f = read("mu,sigma,rate\n0,1,1\n0,2,2\n1,2,4\n1,1,3\n");
  EXPECT_NEAR(f(0.5, 1.5).rate, 2.5, 1e-14);
  EXPECT_NEAR(f(0.5, 1.5).drate_dsigma, 1, 1e-14);
}

TEST_F(TableFile, TellsWhereItIsWrong) {
  EXPECT_EQ(fault("mu;rate\n"), "1: the header must be `mu,rate` or `mu,sigma,rate`");
  EXPECT_EQ(fault(""), "1: no header; it must be `mu,rate` or `mu,sigma,rate`");
  EXPECT_EQ(fault("mu,rate\n"), "1: no rows");
  EXPECT_EQ(fault("mu,rate\n0,1\n1\n"), "3: expected 2 finite numbers");
  EXPECT_EQ(fault("mu,rate\n0,1\n1,nan\n"), "3: expected 2 finite numbers");
  EXPECT_EQ(fault("mu,rate\n0,1\n1,2,3\n"), "3: expected 2 finite numbers");
  EXPECT_EQ(fault("mu,rate\n0,1\n0,2\n"), "3: this grid point appears twice");
  EXPECT_EQ(fault("mu,sigma,rate\n0,1,1\n0,2,2\n1,2,4\n"),
            "1: 1 points of the grid of 2 mu and 2 sigma are missing");
  EXPECT_EQ(fault("mu,rate\n0,1\n"), "1: at least two points along each axis are needed");
  EXPECT_THROW((void)TabulatedTransfer::from_csv("/nowhere/table.csv"), FileError);
}

}  // namespace
