#include <gtest/gtest.h>
#include <nuphi/core/node_function.h>
#include <nuphi/core/transfer_function.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "support/csv.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using test::CsvTable;

TransferFunction function_of_row(const CsvTable& table, std::size_t i) {
  const double first = table.number(i, "first"), second = table.number(i, "second");
  const double theta = table.number(i, "theta");
  const std::string& name = table.text(i, "function");
  if (name == "binary") return BinaryTransfer{theta};
  if (name == "threshold_linear") return ThresholdLinearTransfer{first, theta, second};
  return NoisySoftplusTransfer{first, second, theta};
}

TEST(NodeFunction, TheTimeConstantThatActsDecidesWhereItIsEvaluated) {
  // Excitation through 1 ms, inhibition through 4 ms: g = q/σ² with g = √τ.
  LifTransfer lif;
  lif.neuron.tau_syn = 4 * ms;
  lif.several_tau_syn = true;
  const double mean = 18 * mV, variance = 25 * mV * mV;
  const NodeInput input{mean, variance,
                        variance * (0.3 * std::sqrt(1 * ms) + 0.7 * std::sqrt(4 * ms))};
  const LifParameters acting = effective_neuron(lif, input);
  EXPECT_NEAR(acting.tau_syn, std::pow(0.3 * std::sqrt(1 * ms) + 0.7 * std::sqrt(4 * ms), 2),
              1e-15 * ms);
  const SiegertRate at = evaluate_at(lif, acting, mean, 5 * mV);
  EXPECT_NEAR(at.rate, evaluate(lif, input).rate, 1e-13 * at.rate);
  EXPECT_EQ(at.rate, siegert(mean, 5 * mV, acting, lif.correction).rate);
  EXPECT_GT(std::abs(at.rate - siegert(mean, 5 * mV, lif.neuron, lif.correction).rate), 0.1);
  // Other transfer functions do not mind the neuron.
  const BinaryTransfer binary{15 * mV};
  EXPECT_EQ(evaluate_at(binary, acting, mean, 5 * mV).rate, binary(mean, 5 * mV).rate);
}

TEST(TransferFunction, AgreesWithReferenceTable) {
  const CsvTable table("transfer_functions.csv");
  ASSERT_EQ(table.size(), 360U);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double mu = table.number(i, "mu"), sigma = table.number(i, "sigma");
    const double theta = table.number(i, "theta");
    const TransferRate r = evaluate(function_of_row(table, i), mu, sigma);
    // A rounding error of the argument z of a Gaussian is magnified by z², that of u in e^u by u.
    const double width = table.text(i, "function") == "binary" ? sigma
                         : table.text(i, "function") == "threshold_linear"
                             ? sigma * table.number(i, "second")
                             : sigma * table.number(i, "first");
    const double z = (mu - theta) / width;
    const double magnification =
        table.text(i, "function") == "noisy_softplus" ? 1 + std::abs(z) : 1 + z * z;
    for (const auto& [value, column] : std::map<std::string, double>{
             {"rate", r.rate}, {"drate_dmu", r.drate_dmu}, {"drate_dsigma", r.drate_dsigma}}) {
      const double exact = table.number(i, value);
      if (std::abs(exact) < 1e-290) continue;
      EXPECT_NEAR(column, exact, 6e-16 * magnification * std::abs(exact))
          << value << " in row " << i << ", z = " << z;
    }
  }
}

TEST(BinaryTransfer, ReproducesPublishedGains) {
  // reference/networks/binary.json: gains and the fixed point of two populations.
  const double mu[] = {-1.0, 0.0, 0.5, 2.0, 10.0}, sigma[] = {0.5, 1.0, 2.0, 0.1, 3.0};
  const double theta[] = {0.0, 0.0, 1.0, 2.5, -1.0};
  const double gain[] = {0.022750131948179216, 0.5, 0.4012936743170763, 2.8665157187919545e-07,
                         0.9998771336100348};
  for (int k = 0; k < 5; ++k) {
    EXPECT_NEAR(BinaryTransfer{theta[k]}(mu[k], sigma[k]).rate, gain[k], 1e-14 * gain[k]);
  }
}

TEST(BinaryTransfer, HasThePublishedFixedPointOfTwoPopulations) {
  const double m[] = {0.6444985884614546, 0.3654516849570844}, theta[] = {-5.5, 8.5};
  const double indegree[2][2] = {{150, 200}, {350, 200}}, weight[] = {0.1, -0.2};
  for (int i = 0; i < 2; ++i) {
    double mean = 0, variance = 0;
    for (int j = 0; j < 2; ++j) {
      mean += indegree[i][j] * weight[j] * m[j];
      variance += indegree[i][j] * weight[j] * weight[j] * m[j] * (1 - m[j]);
    }
    EXPECT_NEAR(BinaryTransfer{theta[i]}(mean, std::sqrt(variance)).rate, m[i], 1e-14);
  }
}

TEST(TransferFunction, WithoutNoiseIsItsLimit) {
  const ThresholdLinearTransfer line{.gain = 2, .theta = 1};
  const NoisySoftplusTransfer softplus{.k = 0.3, .S = 2, .theta = 1};
  for (const TransferFunction& f : {TransferFunction(line), TransferFunction(softplus)}) {
    EXPECT_EQ(evaluate(f, 3, 0).rate, 4);
    EXPECT_EQ(evaluate(f, 3, 0).drate_dmu, 2);
    EXPECT_EQ(evaluate(f, -1, 0).rate, 0);
    EXPECT_EQ(evaluate(f, 1, 0).rate, 0);
    EXPECT_TRUE(std::isnan(evaluate(f, 1, 0).drate_dmu));
    for (const double mu : {0.5, 2.5}) {
      EXPECT_NEAR(evaluate(f, mu, 1e-9).rate, evaluate(f, mu, 0).rate, 1e-14);
      EXPECT_NEAR(evaluate(f, mu, 1e-9).drate_dmu, evaluate(f, mu, 0).drate_dmu, 1e-14);
    }
  }
  EXPECT_EQ(BinaryTransfer{1}(2, 0).rate, 1);
  EXPECT_EQ(BinaryTransfer{1}(0, 0).rate, 0);
  EXPECT_EQ(BinaryTransfer{1}(1, 0).rate, 0.5);
}

TEST(ThresholdLinearTransfer, WithoutSpreadIgnoresSigma) {
  const ThresholdLinearTransfer f{.gain = 3, .theta = 0, .spread = 0};
  EXPECT_EQ(f(2, 5).rate, 6);
  EXPECT_EQ(f(-2, 5).rate, 0);
  EXPECT_EQ(f(2, 5).drate_dsigma, 0);
}

TEST(NoisySoftplusTransfer, SurvivesAnyArgument) {
  const NoisySoftplusTransfer f{.k = 0.3, .S = 2};
  EXPECT_EQ(f(1e300, 1e-3).rate, 2e300);
  EXPECT_EQ(f(-1e300, 1e-3).rate, 0);
  EXPECT_EQ(f(-1e300, 1e-3).drate_dsigma, 0);
  EXPECT_EQ(f(INFINITY, 1).rate, INFINITY);
  EXPECT_EQ(f(-INFINITY, 1).drate_dsigma, 0);
}

TEST(TransferFunction, OutsideItsDomainIsNaN) {
  for (const TransferFunction& f :
       {TransferFunction(LifTransfer{}), TransferFunction(BinaryTransfer{}),
        TransferFunction(ThresholdLinearTransfer{}), TransferFunction(NoisySoftplusTransfer{}),
        TransferFunction(CallableTransfer{})}) {
    EXPECT_TRUE(std::isnan(evaluate(f, 1, -1).rate)) << f.index();
    EXPECT_TRUE(std::isnan(evaluate(f, NAN, 1).rate)) << f.index();
    EXPECT_TRUE(std::isnan(evaluate(f, 1, NAN).rate)) << f.index();
  }
  EXPECT_TRUE(std::isnan(NoisySoftplusTransfer{.k = 0}(1, 1).rate));
}

TEST(LifTransfer, IsTheSiegertRate) {
  const LifParameters neuron{.tau_syn = 2 * ms};
  for (const Correction correction : {Correction::kNone, Correction::kShift, Correction::kTaylor}) {
    const TransferRate r = evaluate(LifTransfer{neuron, correction}, 18 * mV, 4 * mV);
    const SiegertRate s = siegert(18 * mV, 4 * mV, neuron, correction);
    EXPECT_EQ(r.rate, s.rate);
    EXPECT_EQ(r.drate_dmu, s.drate_dmu);
    EXPECT_EQ(r.drate_dsigma, s.drate_dsigma);
  }
}

TEST(LifTransfer, KnowsSlowSynapses) {
  const LifParameters neuron{.tau_syn = 200 * ms};
  const TransferRate r = evaluate(LifTransfer{neuron, Correction::kAdiabatic}, 18 * mV, 8 * mV);
  EXPECT_GT(r.rate, 0);
  EXPECT_GT(r.drate_dsigma, 0);
}

TEST(CallableTransfer, IsCalled) {
  const TransferFunction f = CallableTransfer([](double mu, double sigma) {
    return TransferRate{mu * sigma, sigma, mu};
  });
  EXPECT_EQ(evaluate(f, 2, 3).rate, 6);
  EXPECT_EQ(evaluate(f, 2, 3).drate_dmu, 3);
}

TEST(RateBound, IsTheLargestRate) {
  EXPECT_EQ(rate_bound(LifTransfer{{.t_ref = 2 * ms}}), 500);
  EXPECT_EQ(rate_bound(LifTransfer{{.t_ref = 0}}), INFINITY);
  EXPECT_EQ(rate_bound(BinaryTransfer{}), 1);
  EXPECT_EQ(rate_bound(NoisySoftplusTransfer{}), INFINITY);
  EXPECT_EQ(rate_bound(TabulatedTransfer(Eigen::Vector2d(0, 1), Eigen::Vector2d(2, 5))), 5);
}

/// G_2(z) = (1 + z²) Φ(z) + z φ(z), the textbook's.
TEST(PowerLawTransfer, OfExponentTwoIsTheClosedForm) {
  const PowerLawTransfer f{.rate = 10, .at = 5e-3, .theta = 1e-3, .exponent = 2, .spread = 1};
  const double sigma = 2e-3;
  for (const double z : {-6.0, -2.0, -0.3, 0.0, 0.8, 4.0, 9.9, 10.1, 60.0}) {
    const double below = 0.5 * std::erfc(-z / std::sqrt(2));
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::acos(-1));
    const double scale = 10 * std::pow(sigma / 5e-3, 2);
    const double value = (1 + z * z) * below + z * density, slope = z * below + density;
    const TransferRate r = f(1e-3 + z * sigma, sigma);
    // The closed form itself cancels below threshold: z⁴ of its addends.
    const double tolerance = 1e-14 * (1 + z * z * z * z);
    EXPECT_NEAR(r.rate, scale * value, tolerance * scale * value) << z;
    EXPECT_NEAR(r.drate_dmu, 2 * scale / sigma * slope, tolerance * 2 * scale / sigma * slope) << z;
    EXPECT_NEAR(r.drate_dsigma, 2 * scale / sigma * below, tolerance * 2 * scale / sigma * below)
        << z;
  }
}

TEST(PowerLawTransfer, OfExponentOneIsThresholdLinear) {
  const PowerLawTransfer f{.rate = 8, .at = 2e-3, .theta = 3e-3, .exponent = 1};
  const ThresholdLinearTransfer g{.gain = 8 / 2e-3, .theta = 3e-3};
  for (const double mu : {-20e-3, -2e-3, 3e-3, 5e-3, 40e-3}) {
    const TransferRate a = f(mu, 2.5e-3), b = g(mu, 2.5e-3);
    EXPECT_NEAR(a.rate, b.rate, 1e-13 * b.rate) << mu;
    EXPECT_NEAR(a.drate_dmu, b.drate_dmu, 1e-13 * b.drate_dmu) << mu;
    EXPECT_NEAR(a.drate_dsigma, b.drate_dsigma, 1e-13 * (b.drate_dsigma + b.drate_dmu)) << mu;
  }
}

TEST(PowerLawTransfer, TakesAnyExponentWithItsGradient) {
  for (const double n : {0.5, 1.5, 3.3}) {
    const PowerLawTransfer f{.rate = 10, .at = 5e-3, .exponent = n};
    for (const double mu : {-15e-3, -4e-3, 0.0, 6e-3, 50e-3}) {
      const double sigma = 4e-3, h = 1e-6;
      const TransferRate r = f(mu, sigma);
      const auto in_mu = [&](double x) { return f(mu + x, sigma).rate; };
      const auto in_sigma = [&](double x) { return f(mu, sigma + x).rate; };
      const auto slope = [&](const auto& g) {
        return (8 * (g(h) - g(-h)) - (g(2 * h) - g(-2 * h))) / (12 * h);
      };
      EXPECT_NEAR(r.drate_dmu, slope(in_mu), 1e-8 * r.drate_dmu) << n << ' ' << mu;
      EXPECT_NEAR(r.drate_dsigma, slope(in_sigma), 1e-8 * (std::abs(r.drate_dsigma) + r.drate_dmu))
          << n << ' ' << mu;
    }
  }
}

TEST(PowerLawTransfer, WithoutNoiseIsThePowerLawAndRefusesWhatIsNone) {
  const PowerLawTransfer f{.rate = 10, .at = 5e-3, .theta = 1e-3};
  EXPECT_NEAR(f(11e-3, 0).rate, 40, 1e-13);
  EXPECT_NEAR(f(11e-3, 0).drate_dmu, 8000, 1e-11);
  EXPECT_EQ(f(1e-3, 0).rate, 0);
  EXPECT_EQ(f(-1, 0).drate_dmu, 0);
  EXPECT_TRUE(std::isnan(f(0, -1).rate));
  EXPECT_TRUE(std::isnan((PowerLawTransfer{.exponent = 0}(1, 1).rate)));
  EXPECT_EQ(name_of(TransferFunction(f)), "power_law");
  EXPECT_TRUE(std::isinf(rate_bound(f)));
}

}  // namespace
