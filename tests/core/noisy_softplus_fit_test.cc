#include <gtest/gtest.h>
#include <nuphi/core/transfer_function.h>
#include <nuphi/core/units.h>

#include <cmath>

namespace {
using namespace nuphi;
using namespace nuphi::units;
using Eigen::VectorXd;

const VectorXd kMu = VectorXd::LinSpaced(31, 0, 30 * mV);
const VectorXd kSigma = VectorXd::LinSpaced(8, 1 * mV, 8 * mV);

TEST(NoisySoftplusFit, RecoversTheParametersOfANoisySoftplus) {
  const NoisySoftplusTransfer truth{.k = 0.31, .S = 3700, .theta = 19 * mV};
  const NoisySoftplusFit fit = fit_noisy_softplus(truth, kMu, kSigma, truth.theta);
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.function.k, truth.k, 1e-11);
  EXPECT_NEAR(fit.function.S, truth.S, 1e-7);
  EXPECT_LT(fit.worst_error, 1e-8);
}

TEST(NoisySoftplusFit, RecoversThemFromAfar) {
  for (const double k : {0.02, 5.0}) {
    const NoisySoftplusTransfer truth{.k = k, .S = 1, .theta = 19 * mV};
    const NoisySoftplusFit fit = fit_noisy_softplus(truth, kMu, kSigma, truth.theta);
    EXPECT_TRUE(fit.converged);
    EXPECT_NEAR(fit.function.k, k, 1e-9 * k);
  }
}

TEST(NoisySoftplusFit, OfALifNeuronIsALocalMinimum) {
  const LifTransfer lif{};
  const NoisySoftplusFit fit = fit_noisy_softplus(lif, kMu, kSigma, lif.neuron.V_th);
  ASSERT_TRUE(fit.converged);
  const auto cost = [&](double k, double S) {
    double sum = 0;
    for (const double s : kSigma) {
      for (const double m : kMu) {
        const double f = NoisySoftplusTransfer{k, S, lif.neuron.V_th}(m, s).rate;
        sum += (f - lif(m, s).rate) * (f - lif(m, s).rate);
      }
    }
    return sum;
  };
  const double k = fit.function.k, S = fit.function.S, best = cost(k, S);
  EXPECT_NEAR(fit.rms_error, std::sqrt(best / static_cast<double>(kMu.size() * kSigma.size())),
              1e-12);
  for (const double factor : {0.999, 1.001}) {
    EXPECT_GT(cost(k * factor, S), best);
    EXPECT_GT(cost(k, S * factor), best);
  }
}

TEST(NoisySoftplusFit, RefusesTargetsItCannotFit) {
  EXPECT_THROW((void)fit_noisy_softplus(LifTransfer{}, kMu, VectorXd::Zero(1), 0),
               std::invalid_argument);
  EXPECT_THROW((void)fit_noisy_softplus(LifTransfer{}, VectorXd(), kSigma, 0),
               std::invalid_argument);
  EXPECT_THROW((void)fit_noisy_softplus(CallableTransfer{}, kMu, kSigma, 0), std::invalid_argument);
}

}  // namespace
