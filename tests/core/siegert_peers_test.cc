#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>

#include <cmath>
#include <random>

#include "support/siegert_peers.h"

namespace {
using namespace nuphi;
using test::PeerRate;

double error(const PeerRate& r, double mu, double sigma, const LifParameters& n) {
  return std::abs(r.rate / siegert(mu, sigma, n, Correction::kShift).rate - 1);
}

TEST(SiegertPeers, AgreeWithTheClosedFormInTheFluctuationDrivenRegime) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int k = 0; k < 500; ++k) {
    const LifParameters n{.tau_m = 0.02,
                          .t_ref = 0.002,
                          .V_th = 0.02,
                          .V_reset = 0.02 * unit(random) - 0.005,
                          .tau_syn = k % 2 == 0 ? 0.0 : 0.002};
    const double sigma = 0.005 + 0.005 * unit(random);
    const double mu = n.V_th + sigma * (4 * unit(random) - 3);
    for (const test::Peer& peer : test::kPeers) {
      EXPECT_LT(error(peer.rate(mu, sigma, n), mu, sigma, n), 1e-7)
          << peer.name << ": mu " << mu << ", sigma " << sigma;
    }
  }
}

// What each is known for. The neuron is in units of mV and ms.
constexpr LifParameters kNeuron{.tau_m = 20, .t_ref = 2, .V_th = 20, .V_reset = 10};

TEST(SiegertPeers, PlainQuadratureHasNoDigitsWhenMeanDriven) {
  EXPECT_FALSE(error(test::plain_quadrature(40, 1, kNeuron), 40, 1, kNeuron) < 1e-6);
  EXPECT_LT(error(test::half_line(40, 1, kNeuron), 40, 1, kNeuron), 1e-8);
  EXPECT_LT(error(test::scaled_erfcx(40, 1, kNeuron), 40, 1, kNeuron), 1e-8);
}

TEST(SiegertPeers, PlainQuadratureOverflowsFarBelowThreshold) {
  const PeerRate r = test::plain_quadrature(-7, 1, kNeuron);  // y_t = 27
  EXPECT_TRUE(r.gave_up || r.rate == 0 || std::isnan(r.rate));
}

TEST(SiegertPeers, HalfLineAndErfcxCancelForNarrowIntervals) {
  LifParameters narrow = kNeuron;
  narrow.V_reset = narrow.V_th - 1e-9;
  narrow.t_ref = 0;
  EXPECT_GT(error(test::half_line(14, 2, narrow), 14, 2, narrow), 1e-10);
  EXPECT_GT(error(test::scaled_erfcx(14, 2, narrow), 14, 2, narrow), 1e-10);
}

TEST(SiegertPeers, NoneTakesZeroNoise) {
  for (const test::Peer& peer : test::kPeers) {
    const PeerRate r = peer.rate(25, 0, kNeuron);
    EXPECT_TRUE(r.gave_up || !(std::abs(r.rate / siegert(25, 0, kNeuron).rate - 1) < 1e-3))
        << peer.name;
  }
}

}  // namespace
