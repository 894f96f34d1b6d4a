#include <nuphi/core/exact_response_curve.h>

#include <gtest/gtest.h>
#include <nuphi/core/units.h>

#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <span>

namespace nuphi {
namespace {

using namespace units;

struct Neuron {
  double mu, sigma;
  LifParameters p;
  int most_solutions;
};

/// A neuron of the microcircuit, one with slow synapses, and one that fires like a clock.
const std::array<Neuron, 3> kNeurons = {
    Neuron{7 * mV, 5.5 * mV, {10 * ms, 2 * ms, 15 * mV, 0, 0.5 * ms}, 20},
    Neuron{14 * mV, 4 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 5 * ms}, 30},
    Neuron{30 * mV, 2 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 2 * ms}, 50}};

double angular(double frequency) { return 2 * std::numbers::pi * frequency; }

double relative(std::complex<double> a, std::complex<double> b) {
  return std::abs(a - b) / std::abs(b);
}

// The tolerance is 1e-3; these frequencies are none at which the curve was solved.
TEST(ExactResponseCurve, IsTheExactResponseBetweenItsSolutions) {
  for (const Neuron& n : kNeurons) {
    const ExactResponseCurve curve(n.mu, n.sigma, n.p);
    for (double frequency = 0.71; frequency < 200; frequency *= 3.1) {
      const double omega = angular(frequency);
      const ExactResponse exact = exact_response(n.mu, n.sigma, n.p, std::span(&omega, 1))[0];
      const ExactResponse at = curve.at_frequency(omega);
      EXPECT_LE(relative(at.d_mu, exact.d_mu), 1e-3) << frequency;
      EXPECT_LE(relative(at.d_variance, exact.d_variance), 1e-3) << frequency;
      EXPECT_LE(relative(at.spectrum, exact.spectrum), 1e-3) << frequency;
    }
    const ExactResponseCurve::Quality quality = curve.quality(angular(200));
    EXPECT_GT(quality.error, 0);
    EXPECT_LE(quality.error, 1e-3);
    EXPECT_LE(quality.solutions, n.most_solutions);
  }
}

TEST(ExactResponseCurve, IsTheExactResponseAtZeroAndContinuousThere) {
  const Neuron& n = kNeurons[0];
  const ExactResponseCurve curve(n.mu, n.sigma, n.p);
  const double zero = 0;
  const ExactResponse start =
      exact_response(n.mu, n.sigma, n.p, std::span(&zero, 1), ExactResolution::kQuick)[0];
  EXPECT_EQ(curve.at_frequency(0).d_mu, start.d_mu);
  EXPECT_LE(relative(curve.at_frequency(1e-6).d_mu, start.d_mu), 1e-8);
  EXPECT_LE(relative(curve.at_frequency(1e-6).d_variance, start.d_variance), 1e-8);
}

TEST(ExactResponseCurve, IsNaNWhereTheExactResponseIs) {
  const ExactResponseCurve curve(14 * mV, 0, kNeurons[1].p);
  EXPECT_TRUE(std::isnan(curve.at_frequency(0).d_mu.real()));
  EXPECT_TRUE(std::isnan(curve.at_frequency(10).d_mu.real()));
  EXPECT_TRUE(std::isnan(ExactResponseCurve(14 * mV, 4 * mV, kNeurons[1].p)
                             .at_frequency(std::numeric_limits<double>::quiet_NaN())
                             .d_mu.real()));
}

}  // namespace
}  // namespace nuphi
