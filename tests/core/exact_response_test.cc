#include <nuphi/core/exact_response.h>

#include <gtest/gtest.h>
#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/units.h>

#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

namespace nuphi {
namespace {

using namespace units;

struct Neuron {
  double mu, sigma;
  LifParameters p;
};

/// From fast to slow synapses, below, at and above threshold.
const std::array<Neuron, 4> kNeurons = {
    Neuron{14 * mV, 4 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 2 * ms}},
    Neuron{22 * mV, 3 * mV, {10 * ms, 2 * ms, 15 * mV, 0, 0.5 * ms}},
    Neuron{12 * mV, 6 * mV, {10 * ms, 0, 15 * mV, 0, 10 * ms}},
    Neuron{15 * mV, 5 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 40 * ms}}};

double angular(double frequency) { return 2 * std::numbers::pi * frequency; }

double relative(std::complex<double> a, std::complex<double> b) {
  return std::abs(a - b) / std::abs(b);
}

TEST(ExactResponse, StartsWithTheDerivativesOfTheExactRate) {
  for (const Neuron& n : kNeurons) {
    const std::array omega = {0.0, 1e-6};
    const auto r = exact_response(n.mu, n.sigma, n.p, omega, ExactResolution::kFine);
    const SiegertRate rate =
        exact_rate(n.mu, n.sigma, n.p, {.resolution = ExactResolution::kFine}).rate;
    for (const ExactResponse& at : r) {
      // Two discretisations: moved boundaries there, displaced means here. Measured: 1.2e-8.
      EXPECT_LE(relative(at.d_mu, rate.drate_dmu), 2e-8) << n.p.tau_syn;
      EXPECT_LE(relative(at.d_variance, rate.drate_dsigma / (2 * n.sigma)), 3e-8) << n.p.tau_syn;
    }
  }
}

// The error of white noise between shifted boundaries falls with τ_syn.
TEST(ExactResponse, BecomesThatOfWhiteNoiseAsSynapsesBecomeFast) {
  const std::array omega = {angular(10), angular(80)};
  std::array<double, 2> before = {1, 1};
  for (const double tau_syn : {0.1 * ms, 0.01 * ms, 0.001 * ms}) {
    const LifParameters p{10 * ms, 2 * ms, 15 * mV, 0, tau_syn};
    const auto exact = exact_response(14 * mV, 4 * mV, p, omega);
    const DynamicResponse white(14 * mV, 4 * mV, p, Correction::kShiftRefractory);
    for (std::size_t k = 0; k < omega.size(); ++k) {
      const LinearResponse w = white.at_frequency(omega[k]);
      const double error =
          std::max(relative(w.d_mu, exact[k].d_mu), relative(w.d_variance, exact[k].d_variance));
      EXPECT_LT(error, before[k] / 3) << tau_syn << " " << omega[k];
      before[k] = error;
    }
  }
  EXPECT_LT(before[0], 2e-3);
  EXPECT_LT(before[1], 2e-3);
}

// With boundaries that move the response to the variance is nearer to the exact one.
TEST(ExactResponse, IsNearerToBoundariesThatMoveThanToThoseThatDoNot) {
  const Neuron n{7 * mV, 5.5 * mV, {10 * ms, 2 * ms, 15 * mV, 0, 0.5 * ms}};
  const std::array omega = {angular(40), angular(80), angular(150)};
  const auto exact = exact_response(n.mu, n.sigma, n.p, omega, ExactResolution::kQuick);
  for (std::size_t k = 0; k < omega.size(); ++k) {
    const auto error = [&](ColourResponse colour) {
      const DynamicResponse r(n.mu, n.sigma, n.p, Correction::kShift, Refractoriness::kExact,
                              colour);
      return relative(r.at_frequency(omega[k]).d_variance, exact[k].d_variance);
    };
    EXPECT_LT(error(ColourResponse::kMoving), 0.3 * error(ColourResponse::kQuasiStatic));
  }
}

TEST(ExactResponse, DoesNotDependOnHowFinelyItIsSampled) {
  const Neuron& n = kNeurons[0];
  const std::array omega = {angular(20), angular(150)};
  const auto standard = exact_response(n.mu, n.sigma, n.p, omega);
  const auto fine = exact_response(n.mu, n.sigma, n.p, omega, ExactResolution::kFine);
  for (std::size_t k = 0; k < omega.size(); ++k) {
    EXPECT_LE(relative(standard[k].d_mu, fine[k].d_mu), 2e-7);
    EXPECT_LE(relative(standard[k].d_variance, fine[k].d_variance), 2e-7);
  }
}

// A modulated mean that passes the synapses is answered by less and less, an unfiltered one by a
// finite response at the highest frequencies (Brunel, Chance, Fourcaud & Abbott 2001).
TEST(ExactResponse, ToAnUnfilteredMeanStaysFinite) {
  const Neuron& n = kNeurons[0];
  const std::array omega = {angular(1000), angular(2000)};
  const auto r = exact_response(n.mu, n.sigma, n.p, omega, ExactResolution::kQuick);
  EXPECT_NEAR(std::abs(r[1].d_mu) / std::abs(r[0].d_mu), 1, 0.03);
}

// E[e^{−iωT}] = 1 − iω/ν − ω²E[T²]/2 …, the moments from exact_rate().
TEST(ExactResponse, TransformOfTheIntervalHasItsMoments) {
  for (const Neuron& n : kNeurons) {
    const ExactRate rate = exact_rate(n.mu, n.sigma, n.p, {.cv = true});
    const double mean = 1 / rate.rate.rate;
    const std::array omega = {0.0, 1e-3 / mean};
    const auto r = exact_response(n.mu, n.sigma, n.p, omega);
    EXPECT_EQ(r[0].isi_transform, 1.0);
    EXPECT_NEAR(-r[1].isi_transform.imag() / (omega[1] * mean), 1, 2e-6);  // O(ω²) of the third
    // CV of the interval without t_ref, of which exact_rate() has the part that varies.
    const double square = 2 * (1 - r[1].isi_transform.real()) / std::pow(omega[1] * mean, 2);
    EXPECT_NEAR(square, 1 + rate.cv * rate.cv, 1e-5) << n.p.tau_syn;
  }
}

// As τ_syn → 0 intervals are independent and those of white noise.
TEST(ExactResponse, SpectrumBecomesThatOfARenewalProcess) {
  const LifParameters p{10 * ms, 2 * ms, 15 * mV, 0, 0.001 * ms};
  const std::array omega = {0.0, angular(10), angular(80), angular(400)};
  const auto exact = exact_response(14 * mV, 4 * mV, p, omega);
  const DynamicResponse white(14 * mV, 4 * mV, p, Correction::kShiftRefractory);
  for (std::size_t k = 0; k < omega.size(); ++k)
    EXPECT_NEAR(exact[k].spectrum, white.spectrum(omega[k]), 2e-3) << omega[k];
}

TEST(ExactResponse, SpectrumStartsFlatAndEndsAtOne) {
  for (const Neuron& n : kNeurons) {
    const std::array omega = {0.0, 1e-3, angular(300)};
    const auto r = exact_response(n.mu, n.sigma, n.p, omega, ExactResolution::kQuick);
    EXPECT_NEAR(r[1].spectrum, r[0].spectrum, 1e-6 * r[0].spectrum);
    EXPECT_NEAR(r[2].spectrum, 1, 2e-2);
  }
}

TEST(ExactResponse, IsNaNWhereTheEquationIsNotSolved) {
  const std::array omega = {1.0, -1.0, std::numeric_limits<double>::infinity()};
  LifParameters p = kNeurons[0].p;
  const auto r = exact_response(14 * mV, 4 * mV, p, omega, ExactResolution::kQuick);
  EXPECT_TRUE(std::isfinite(r[0].d_mu.real()));
  EXPECT_TRUE(std::isnan(r[1].d_mu.real()));
  EXPECT_TRUE(std::isnan(r[2].d_mu.real()));
  EXPECT_TRUE(std::isnan(exact_response(14 * mV, 0, p, omega)[0].d_mu.real()));
  p.tau_syn = 0;
  EXPECT_TRUE(std::isnan(exact_response(14 * mV, 4 * mV, p, omega)[0].d_mu.real()));
}

// ---------------------------------------------------------------- uniform

TEST(UniformResponse, StartsWithTheDerivativesOfTheRateAndHasItsInterval) {
  for (const Neuron& n : kNeurons) {
    const DynamicResponse response(n.mu, n.sigma, n.p, Correction::kUniform);
    ASSERT_EQ(response.regime(), DynamicResponse::Regime::kNoisy);
    const SiegertRate rate = siegert(n.mu, n.sigma, n.p, Correction::kUniform);
    const LinearResponse start = response.at_frequency(1e-9);
    EXPECT_LE(relative(start.d_mu, rate.drate_dmu), 1e-8);
    EXPECT_LE(relative(start.d_variance, rate.drate_dsigma / (2 * n.sigma)), 1e-8);
    EXPECT_EQ(response.at_frequency(0).d_mu, rate.drate_dmu);
    // −dF/dz at 0 is the mean interval.
    const double h = 1e-3 * rate.rate;
    const double T = -response.at({0, h}).isi_transform.imag() / h;
    EXPECT_NEAR(T * rate.rate, 1, 1e-5);
  }
}

TEST(UniformResponse, IsThatOfShiftRefractoryForFastSynapses) {
  const LifParameters p{10 * ms, 2 * ms, 15 * mV, 0, 1e-6 * ms};
  const DynamicResponse uniform(14 * mV, 4 * mV, p, Correction::kUniform),
      shift(14 * mV, 4 * mV, p, Correction::kShiftRefractory);
  for (const double frequency : {0.0, 30.0, 300.0}) {
    const LinearResponse a = uniform.at_frequency(angular(frequency)),
                         b = shift.at_frequency(angular(frequency));
    EXPECT_LE(relative(a.d_mu, b.d_mu), 1e-4);
    EXPECT_LE(relative(a.d_variance, b.d_variance), 1e-4);
  }
}

TEST(UniformResponse, IsNoFurtherFromTheExactOneThanThatOfTheShift) {
  for (const double tau_syn : {0.5 * ms, 2 * ms}) {
    const LifParameters p{20 * ms, 2 * ms, 20 * mV, 10 * mV, tau_syn};
    const std::array omega = {angular(1), angular(10), angular(80)};
    const auto exact = exact_response(14 * mV, 4 * mV, p, omega, ExactResolution::kQuick);
    const DynamicResponse uniform(14 * mV, 4 * mV, p, Correction::kUniform),
        shift(14 * mV, 4 * mV, p);
    for (std::size_t k = 0; k < omega.size(); ++k) {
      const LinearResponse u = uniform.at_frequency(omega[k]), s = shift.at_frequency(omega[k]);
      EXPECT_LE(relative(u.d_mu, exact[k].d_mu), 1.05 * relative(s.d_mu, exact[k].d_mu) + 2e-3);
      EXPECT_LE(relative(u.d_variance, exact[k].d_variance),
                relative(s.d_variance, exact[k].d_variance) + 2e-3);
    }
  }
}

}  // namespace
}  // namespace nuphi
