#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace nuphi {
namespace {

using namespace units;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr LifParameters kNeuron{20 * ms, 2 * ms, 20 * mV, 10 * mV, 0};
constexpr LifParameters kColoured{20 * ms, 2 * ms, 20 * mV, 10 * mV, 2 * ms};

/// How far a rounding of the rate and of its argument moves the root.
double reach(const SiegertRate& r, double slope, double size) {
  return kEpsilon * (std::max(1.0, std::abs(r.log_rate)) / std::abs(slope) + size);
}

TEST(SiegertInverseMu, FindsTheMeanOfMpmathRates) {
  // Rows of a table of the rate made with mpmath at 100 digits, any coherent units; the inputs are
  // exact in binary.
  struct Row {
    double mu, sigma, V_th, V_reset, tau_m, t_ref, tau_syn, rate;
  };
  const std::vector<Row> rows = {
      {4854.953691597268, 1.0, 0.0, -10.272972594882567, 1.0, 0.0, 0.0, 473.0946594426191},
      {-9.285077242605702e-05, 1.0, 0.0, -4.978790927346246e-10, 1.0, 0.0, 0.0, 1133067209.750032},
      {-3.4918938585751444, 1.0, 0.0, -3715.9347638666104, 1.0, 0.0, 0.0, 9.522774575373264e-06},
      {-71.12176501025355, 5.517529829161854, -50.0, -60.0, 10.0, 0.0, 0.5, 1.5494968794821195e-08},
      {0.30501929680198714, 13.98266789059636, 20.0, 0.0, 10.0, 3.9346223407338097,
       0.8218799190269789, 0.004486555461167704},
      {-69.4860513092898, 15.145183922539058, -50.0, -60.0, 46.168177102423606, 0.0, 2.0,
       0.002137032430693276},
      {12.862084290371243, 8.991567286756874, 14.3, -5.699999999999999, 44.70540666869704,
       4.818041675027602, 3.985604721387629, 0.007845405076733706},
      {21.640883436070204, 2.7959542299368858e-11, 20.0, 10.0, 20.0, 0.0, 1.0, 0.0255194671447718},
      {15.000000000000028, 0.0017625749518510854, 15.0, 0.0, 20.0, 2.0, 0.0, 0.004935451833439548},
      {14.999999999722727, 0.26799616158659606, 15.0, 0.0, 20.0, 2.0, 1.0, 0.008971077759357462},
      {-40.88093741795681, 2.361144778595331, 15.0, 0.0, 37.16563461905679, 2.0, 0.0,
       1.983455249598785e-244},
      {11.428129366193719, 0.16725738099605492, 15.0, 0.0, 25.763849021589728, 2.0, 0.0,
       4.032912572445748e-199},
  };
  for (const Row& r : rows) {
    const LifParameters p{r.tau_m, r.t_ref, r.V_th, r.V_reset, r.tau_syn};
    const double mu = siegert_inverse_mu(r.rate, r.sigma, p);
    const SiegertRate at = siegert(r.mu, r.sigma, p);
    EXPECT_NEAR(mu, r.mu, reach(at, at.dlog_rate_dmu, std::abs(mu) + std::abs(r.V_th - mu)));
  }
}

TEST(SiegertInverseMu, RoundTripsFromSilenceToSaturation) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> log_sigma(std::log(1e-3 * mV), std::log(100 * mV));
  std::uniform_real_distribution<double> distance(-15, 60);  // (μ − V_th)/σ
  for (const Correction correction :
       {Correction::kNone, Correction::kShift, Correction::kShiftRefractory}) {
    for (int trial = 0; trial < 2000; ++trial) {
      const double sigma = std::exp(log_sigma(random));
      const double mu = kColoured.V_th + distance(random) * sigma;
      const SiegertRate r = siegert(mu, sigma, kColoured, correction);
      const double found = siegert_inverse_mu(r.rate, sigma, kColoured, correction);
      const double size = std::abs(mu) + std::abs(kColoured.V_th - mu);
      // Two evaluations of the rate differ from each other by a few roundings.
      EXPECT_NEAR(found, mu, 3 * reach(r, r.dlog_rate_dmu, size))
          << "sigma " << sigma << ", rate " << r.rate;
    }
  }
}

TEST(SiegertInverseMu, InvertsTheFirstOrderColourCorrectionWhereTheRateIsPositive) {
  for (const double mu : {15 * mV, 20 * mV, 25 * mV, 40 * mV}) {
    const SiegertRate r = siegert(mu, 5 * mV, kColoured, Correction::kTaylor);
    ASSERT_GT(r.rate, 0);
    EXPECT_NEAR(siegert_inverse_mu(r.rate, 5 * mV, kColoured, Correction::kTaylor), mu, 1e-13 * mu);
  }
}

TEST(SiegertInverseMu, InvertsTheRateWithSlowSynapses) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> distance(-20, 20), log_size(-4, 1);
  for (int trial = 0; trial < 2000; ++trial) {
    LifParameters neuron = kColoured;
    neuron.tau_syn = 100 * ms * std::exp(log_size(random));
    const double sigma = 10 * mV * std::exp(log_size(random));
    const double s = sigma * std::sqrt(neuron.tau_m / (2 * neuron.tau_syn));
    const double mu = neuron.V_th + distance(random) * s;
    const SiegertRate r = siegert(mu, sigma, neuron, Correction::kAdiabatic);
    const double found = siegert_inverse_mu(r.rate, sigma, neuron, Correction::kAdiabatic);
    const double size = std::abs(mu) + std::abs(neuron.V_th - mu);
    // The quadrature is good to some roundings, between whose nodes' borders it may step.
    EXPECT_NEAR(found, mu, 20 * reach(r, r.dlog_rate_dmu, size)) << sigma << ", rate " << r.rate;
  }
}

TEST(SiegertInverseMu, WithoutNoiseIsTheClosedForm) {
  // T − t_ref = τ_m ln 2: μ − V_reset = 2 (μ − V_th).
  const double rate = 1 / (2 * ms + 20 * ms * std::log(2.0));
  EXPECT_NEAR(siegert_inverse_mu(rate, 0, kNeuron), 30 * mV, 1e-15 * 30 * mV * 8);
  // Continuous in σ.
  EXPECT_NEAR(siegert_inverse_mu(rate, 1e-9 * mV, kNeuron), 30 * mV, 1e-13 * mV);
}

TEST(SiegertInverseMu, OutsideTheDomainIsNan) {
  for (const double rate :
       {0.0, -1.0, 500.0, 600.0, std::nan(""), std::numeric_limits<double>::infinity()})
    EXPECT_TRUE(std::isnan(siegert_inverse_mu(rate, 5 * mV, kNeuron))) << rate;
  EXPECT_TRUE(std::isnan(siegert_inverse_mu(10, -1 * mV, kNeuron)));
  EXPECT_TRUE(std::isnan(siegert_inverse_mu(10, std::nan(""), kNeuron)));
  EXPECT_TRUE(std::isnan(siegert_inverse_mu(10, 5 * mV, {0, 0, 20 * mV, 10 * mV, 0})));
  EXPECT_TRUE(std::isnan(siegert_inverse_mu(10, 5 * mV, {20 * ms, 0, 10 * mV, 20 * mV, 0})));
}

TEST(SiegertInverseSigma, BelowThresholdIsUniqueAndRoundTrips) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> mean(-20 * mV, 20 * mV);
  std::uniform_real_distribution<double> log_sigma(std::log(2 * mV), std::log(100 * mV));
  for (int trial = 0; trial < 2000; ++trial) {
    const double mu = mean(random);
    const double sigma = std::exp(log_sigma(random));
    const SiegertRate r = siegert(mu, sigma, kColoured);
    const SigmaRoots roots = siegert_inverse_sigma(r.rate, mu, kColoured);
    ASSERT_EQ(roots.count, 1) << mu << " " << sigma;
    const double moved = sigma + (std::abs(mu) + 20 * mV) * r.drate_dmu / r.drate_dsigma;
    EXPECT_NEAR(roots.lower, sigma, 3 * reach(r, r.dlog_rate_dsigma, moved));
    EXPECT_TRUE(std::isnan(roots.upper));
  }
}

TEST(SiegertInverseSigma, AboveThresholdColourGivesBothRoots) {
  std::mt19937 random(9);
  std::uniform_real_distribution<double> mean(20.5 * mV, 80 * mV);
  std::uniform_real_distribution<double> fraction(0.02, 0.98);
  for (int trial = 0; trial < 500; ++trial) {
    const double mu = mean(random);
    const double noiseless = siegert(mu, 0, kColoured).rate;
    // The lowest rate, by a scan that knows nothing of the method.
    double lowest = noiseless;
    for (double sigma = 0.01 * mV; sigma < 200 * mV; sigma *= 1.02)
      lowest = std::min(lowest, siegert(mu, sigma, kColoured).rate);
    const double rate = lowest + fraction(random) * (noiseless - lowest);
    const SigmaRoots roots = siegert_inverse_sigma(rate, mu, kColoured);
    ASSERT_EQ(roots.count, 2) << "mu " << mu;
    EXPECT_LT(roots.lower, roots.upper);
    for (const double sigma : {roots.lower, roots.upper})
      EXPECT_NEAR(siegert(mu, sigma, kColoured).rate, rate, 1e-13 * rate) << mu;
    EXPECT_LT(siegert(mu, roots.lower, kColoured).drate_dsigma, 0);
    EXPECT_GT(siegert(mu, roots.upper, kColoured).drate_dsigma, 0);
    EXPECT_EQ(siegert_inverse_sigma(0.999 * lowest, mu, kColoured).count, 0);
    EXPECT_EQ(siegert_inverse_sigma(1.001 * noiseless, mu, kColoured).count, 1);
  }
}

TEST(SiegertInverseSigma, WithAWeakerShiftAtTheResetTheRateHasALimitBelowSaturation) {
  // Strong noise: y_t → c, y_r → c_r < c, and the interval between them never closes.
  const Correction correction = Correction::kShiftRefractory;
  const double limit = siegert(15 * mV, 1e9 * mV, kColoured, correction).rate;
  EXPECT_LT(limit, 100);
  EXPECT_EQ(siegert_inverse_sigma(1.01 * limit, 15 * mV, kColoured, correction).count, 0);
  const SigmaRoots below = siegert_inverse_sigma(0.9 * limit, 15 * mV, kColoured, correction);
  ASSERT_EQ(below.count, 1);
  EXPECT_NEAR(siegert(15 * mV, below.lower, kColoured, correction).rate, 0.9 * limit,
              1e-13 * limit);
  // Far above threshold the rate falls from the noiseless one to the limit: one root between them,
  // none elsewhere.
  const double noiseless = siegert(60 * mV, 0, kColoured, correction).rate;
  ASSERT_GT(noiseless, limit);
  const double between = (noiseless + limit) / 2;
  const SigmaRoots falling = siegert_inverse_sigma(between, 60 * mV, kColoured, correction);
  ASSERT_EQ(falling.count, 1);
  EXPECT_NEAR(siegert(60 * mV, falling.lower, kColoured, correction).rate, between,
              1e-13 * between);
  EXPECT_EQ(siegert_inverse_sigma(1.01 * noiseless, 60 * mV, kColoured, correction).count, 0);
  EXPECT_EQ(siegert_inverse_sigma(0.9 * limit, 60 * mV, kColoured, correction).count, 0);
}

TEST(SiegertInverseSigma, WithoutColourNoiseOnlyRaisesTheRate) {
  const double mu = 25 * mV;
  const double noiseless = siegert(mu, 0, kNeuron).rate;
  EXPECT_EQ(siegert_inverse_sigma(0.99 * noiseless, mu, kNeuron).count, 0);
  const SigmaRoots at = siegert_inverse_sigma(noiseless, mu, kNeuron);
  EXPECT_EQ(at.count, 1);
  EXPECT_EQ(at.lower, 0);
  const SigmaRoots above = siegert_inverse_sigma(1.2 * noiseless, mu, kNeuron);
  EXPECT_EQ(above.count, 1);
  EXPECT_NEAR(siegert(mu, above.lower, kNeuron).rate, 1.2 * noiseless, 1e-13 * noiseless);
}

TEST(SiegertInverseSigma, HasNoRootOutsideTheDomain) {
  for (const double rate : {0.0, -1.0, 500.0, std::nan("")})
    EXPECT_EQ(siegert_inverse_sigma(rate, 15 * mV, kNeuron).count, 0) << rate;
  EXPECT_EQ(siegert_inverse_sigma(10, std::nan(""), kNeuron).count, 0);
  EXPECT_EQ(siegert_inverse_sigma(10, 15 * mV, kColoured, Correction::kTaylor).count, 0);
  EXPECT_EQ(siegert_inverse_sigma(10, 15 * mV, kColoured, Correction::kAdiabatic).count, 0);
  // Without colour all corrections are one.
  EXPECT_EQ(siegert_inverse_sigma(10, 15 * mV, kNeuron, Correction::kAdiabatic).count, 1);
}

}  // namespace
}  // namespace nuphi
