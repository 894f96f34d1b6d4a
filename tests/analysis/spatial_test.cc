#include <nuphi/analysis/spatial.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/units.h>
#include <nuphi/models/delays.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "support/csv.h"

namespace nuphi {
namespace {

using namespace units;

using Complex = std::complex<double>;
constexpr double mm = 1e-3;

Delay constant(double d) { return {DelayDistribution::kConstant, d}; }

/// E–I ring of Senk et al. (2020) at the working point mu = sigma = 10 mV of the table
/// spatial_eigenvalues.csv.
SpatialRateModel senk2020() {
  SpatialRateModel model;
  model.weights.resize(2, 2);
  model.weights << 2.7348668620761787, -3.4185835775952236, 2.7348668620761787, -3.4185835775952236;
  model.tau = Eigen::Vector2d::Constant(0.001938016203379818);
  model.profiles = per_source<SpatialProfile>(
      {{Profile::kBoxcar, 0.2 * mm}, {Profile::kBoxcar, 7.000000000000001e-05}});
  model.delays.assign(4, constant(1.5 * ms));
  return model;
}

/// The same with everything different: no closed form.
SpatialRateModel mixed() {
  SpatialRateModel model = senk2020();
  model.tau = Eigen::Vector2d(2 * ms, 3 * ms);
  model.profiles[1].shape = Profile::kGaussian;
  model.profiles[2] = {Profile::kExponential, 0.1 * mm};
  model.delays[1] = constant(0.8 * ms);
  model.delays[2] = {DelayDistribution::kGamma, 1.5 * ms, 0.5 * ms};
  model.delays[3] = {DelayDistribution::kTruncatedGaussian, 1 * ms, 0.5 * ms};
  return model;
}

TEST(ProfileTransform, MeetsItsIntegral) {
  const double w = 0.3 * mm;
  for (const Profile shape : {Profile::kBoxcar, Profile::kGaussian, Profile::kExponential}) {
    for (const double x : {0.0, 0.1, 0.49, 0.51, 2.0, 5.0}) {
      const double k = x / w, reach = shape == Profile::kBoxcar ? w : 45 * w;
      // Midpoint rule over space, one dimension and the plane; error about h² of the integrand's
      // curvature.
      const int n = 40000;
      double line = 0, line_norm = 0, plane = 0, plane_norm = 0;
      for (int i = 0; i < n; ++i) {
        const double r = (i + 0.5) * reach / n, y = r / w;
        const double p = shape == Profile::kBoxcar     ? 1
                         : shape == Profile::kGaussian ? std::exp(-0.5 * y * y)
                                                       : std::exp(-y);
        line += p * std::cos(k * r), line_norm += p;
        plane += p * r * std::cyl_bessel_j(0, k * r), plane_norm += p * r;
      }
      EXPECT_NEAR(profile_transform({shape, w}, k, 1).value, line / line_norm, 2e-6);
      EXPECT_NEAR(profile_transform({shape, w}, k, 2).value, plane / plane_norm, 2e-6);
    }
  }
}

TEST(ProfileTransform, HasTheDerivativeOfItsValue) {
  for (const Profile shape : {Profile::kBoxcar, Profile::kGaussian, Profile::kExponential})
    for (const int dimensions : {1, 2})
      for (const double x : {0.02, 0.3, 0.4999, 0.5001, 1.7, 9.0}) {
        const double h = 1e-3, w = 2;
        const auto value = [&](double y) {
          return profile_transform({shape, w}, y / w, dimensions).value;
        };
        // Five points: error h⁴/30 of the fifth derivative.
        const double difference =
            (8 * (value(x + h) - value(x - h)) - value(x + 2 * h) + value(x - 2 * h)) / (12 * h);
        EXPECT_NEAR(profile_transform({shape, w}, x / w, dimensions).derivative, w * difference,
                    2e-11);
      }
  EXPECT_EQ(profile_transform({Profile::kBoxcar, 0}, 1e5).value, 1);
  EXPECT_THROW((void)profile_transform({Profile::kBoxcar, 1}, 1, 3), std::invalid_argument);
  EXPECT_THROW((void)profile_transform({Profile::kBoxcar, -1}, 1), std::invalid_argument);
}

TEST(SpatialModes, MeetTheTableOnAllItsBranches) {
  const test::CsvTable table("spatial_eigenvalues.csv");
  ASSERT_EQ(table.size(), 6u * 198);
  const SpatialRateModel model = senk2020();
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double k = table.number(row, "k");
    // The rows of W are equal: one eigenvalue is 0, the other the trace.
    const double c = model.weights(0, 0) * profile_transform(model.profiles[0], k).value +
                     model.weights(1, 1) * profile_transform(model.profiles[3], k).value;
    const Complex expected(table.number(row, "lambda_re"), table.number(row, "lambda_im"));
    const Complex lambda = rate_mode(c, model.tau[0], model.delays[0].mean,
                                     static_cast<int>(table.number(row, "branch")));
    EXPECT_LE(std::abs(lambda - expected), 1e-12 * std::abs(expected)) << "k " << k;
  }
}

TEST(SpatialModes, OfTheClosedFormAreThoseOfTheSearch) {
  SpatialRateModel searched = senk2020();
  for (Delay& d : searched.delays)  // a spread of 1e-7: no closed form, and the same modes to 1e-12
    d = {DelayDistribution::kUniform, 0, 0, 1.5 * ms * (1 - 1e-7), 1.5 * ms * (1 + 1e-7)};
  for (const double k : {0.0, 5e3, 19e3, 60e3}) {
    const SpatialSpectrum expected = spatial_modes(senk2020(), k, -2500);
    const SpatialSpectrum found = spatial_modes(searched, k, -2500);
    ASSERT_TRUE(expected.complete && found.complete);
    ASSERT_GT(expected.modes.size(), 6u);
    ASSERT_EQ(found.modes.size(), expected.modes.size());
    for (std::size_t m = 0; m < found.modes.size(); ++m) {
      const Complex lambda = expected.modes[m].eigenvalue;
      EXPECT_LE(std::abs(found.modes[m].eigenvalue - lambda), 1e-10 * std::abs(lambda)) << m;
      EXPECT_NEAR(found.modes[m].group_velocity, expected.modes[m].group_velocity, 1e-9);
    }
  }
}

TEST(SpatialModes, OfAMixedModelSolveItsCharacteristicEquation) {
  const SpatialRateModel model = mixed();
  for (const double k : {0.0, 8e3, 30e3}) {
    const SpatialSpectrum spectrum = spatial_modes(model, k, -1500);
    ASSERT_TRUE(spectrum.complete);
    ASSERT_FALSE(spectrum.modes.empty());
    for (const SpatialMode& mode : spectrum.modes) {
      Complex A[4];
      for (int i = 0; i < 4; ++i) {
        const double p = profile_transform(model.profiles[static_cast<std::size_t>(i)], k).value;
        A[i] = -model.weights(i / 2, i % 2) * p *
               delay_transform(model.delays[static_cast<std::size_t>(i)], mode.eigenvalue).value;
      }
      A[0] += 1.0 + mode.eigenvalue * model.tau[0];
      A[3] += 1.0 + mode.eigenvalue * model.tau[1];
      const double size = std::abs(A[0] * A[3]) + std::abs(A[1] * A[2]);
      EXPECT_LE(std::abs(A[0] * A[3] - A[1] * A[2]), 1e-11 * (1 + size));
    }
  }
}

TEST(SpatialModes, MoveWithTheSlopeOfTheirEigenvalue) {
  for (const SpatialRateModel& model : {senk2020(), mixed()}) {
    const double k = 12e3, h = 1;
    const SpatialMode mode = spatial_modes(model, k, -1500).modes.at(0);
    const SpatialMode up = spatial_modes(model, k + h, -1500).modes.at(0);
    const SpatialMode down = spatial_modes(model, k - h, -1500).modes.at(0);
    const Complex slope = (up.eigenvalue - down.eigenvalue) / (2 * h);
    // h²/6 of the third derivative, (0.2 mm)³ of 1000/s: 1e-9.
    EXPECT_NEAR(mode.growth_slope, slope.real(), 1e-8);
    EXPECT_NEAR(mode.group_velocity, slope.imag(), 1e-8);
  }
}

TEST(SpatialModes, WithoutDelayAreEigenvaluesOfTheMatrix) {
  SpatialRateModel model = senk2020();
  model.delays.assign(4, constant(0));
  const SpatialSpectrum spectrum = spatial_modes(model, 0, -1e4);
  ASSERT_EQ(spectrum.modes.size(), 2u);
  const double tau = model.tau[0], c = model.weights(0, 0) + model.weights(1, 1);
  EXPECT_NEAR(spectrum.modes[0].eigenvalue.real(), -1 / tau, 1e-9);
  EXPECT_NEAR(spectrum.modes[1].eigenvalue.real(), (c - 1) / tau, 1e-9);
  EXPECT_TRUE(std::isnan(rate_mode(0.5, tau, 0, 1).real()));
}

TEST(SpatialModes, RefuseModelsThatAreNone) {
  SpatialRateModel model = senk2020();
  model.delays[0] = {DelayDistribution::kGaussian, 1 * ms, 1 * ms};
  EXPECT_THROW((void)spatial_modes(model, 0, -100), std::invalid_argument);
  model = senk2020();
  model.delays.pop_back();
  EXPECT_THROW((void)spatial_modes(model, 0, -100), std::invalid_argument);
  model = senk2020();
  model.tau[0] = 0;
  EXPECT_THROW((void)spatial_modes(model, 0, -100), std::invalid_argument);
  model = senk2020();
  model.delays[0] = {DelayDistribution::kExponential, 1 * ms};
  EXPECT_THROW((void)spatial_modes(model, 0, -1000), std::invalid_argument);
}

TEST(SpatialStability, OfThePublishedNetworkPredictsWaves) {
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(198, 1000, 99500);
  const SpatialStability result = spatial_stability(senk2020(), k);
  EXPECT_TRUE(result.complete);
  EXPECT_FALSE(result.stable);
  EXPECT_EQ(result.pattern, SpatialPattern::kTuringHopf);
  // On the grid of the table the maximum is at 19 000/m; between its points it is a little higher.
  EXPECT_NEAR(result.leading[36].wavenumber, 19000, 1e-9);
  EXPECT_NEAR(result.leading[36].eigenvalue.real(), 40.05919171123378, 1e-9);
  EXPECT_NEAR(result.leading[36].eigenvalue.imag(), 1314.0673347867112, 1e-9);
  EXPECT_NEAR(result.critical.wavenumber, 19000, 250);
  EXPECT_GE(result.critical.eigenvalue.real(), 40.05919171123378);
  EXPECT_NEAR(result.critical.growth_slope, 0, 1e-9);
}

/// One population with W, a Gaussian profile and the delay d.
SpatialRateModel one(double weight, double delay) {
  SpatialRateModel model;
  model.weights = Eigen::MatrixXd::Constant(1, 1, weight);
  model.tau = Eigen::VectorXd::Constant(1, 5 * ms);
  model.profiles = {{Profile::kGaussian, 1 * mm}};
  model.delays = {constant(delay)};
  return model;
}

TEST(SpatialStability, NamesTheFourPatterns) {
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(101, 0, 1e4);
  const SpatialStability uniform = spatial_stability(one(1.2, 2 * ms), k);
  EXPECT_EQ(uniform.pattern, SpatialPattern::kUniform);
  EXPECT_FALSE(uniform.stable);
  EXPECT_FALSE(spatial_stability(one(1.0001, 2 * ms), k).stable);
  EXPECT_TRUE(spatial_stability(one(0.9999, 2 * ms), k).stable);

  // Delayed inhibition oscillates beyond W = −1/cos(ωd), tan(ωd) = −ωτ.
  const SpatialStability hopf = spatial_stability(one(-8, 2 * ms), k);
  EXPECT_EQ(hopf.pattern, SpatialPattern::kHopf);
  EXPECT_FALSE(hopf.stable);

  // Excitation narrower than inhibition, no delay: a pattern at the maximum of the difference of
  // Gaussians.
  SpatialRateModel turing = one(0, 0);
  turing.weights.resize(2, 2);
  turing.weights << 4, -3.5, 4, -3.5;
  turing.tau = Eigen::Vector2d::Constant(5 * ms);
  turing.profiles =
      per_source<SpatialProfile>({{Profile::kGaussian, 0.5 * mm}, {Profile::kGaussian, 1 * mm}});
  turing.delays.assign(4, constant(0));
  const SpatialStability pattern = spatial_stability(turing, k);
  EXPECT_EQ(pattern.pattern, SpatialPattern::kTuring);
  const double a = 0.5 * mm, b = 1 * mm;
  // d/dk² of 4 e^{−k²a²/2} − 3.5 e^{−k²b²/2} vanishes.
  const double expected = std::sqrt(2 * std::log(3.5 * b * b / (4 * a * a)) / (b * b - a * a));
  EXPECT_NEAR(pattern.critical.wavenumber, expected, 1e-7 * expected);

  // Unequal times go through the search; equal limits must agree with the closed form.
  SpatialRateModel waves = mixed();
  const SpatialStability wave = spatial_stability(waves, Eigen::VectorXd::LinSpaced(25, 0, 6e4));
  EXPECT_TRUE(wave.complete);
}

TEST(SpatialStability, ProvesDecayAlsoWhereDelaysHideTheModes) {
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(3, 0, 1e4);
  for (const DelayDistribution kind :
       {DelayDistribution::kLognormal, DelayDistribution::kExponential, DelayDistribution::kGamma,
        DelayDistribution::kUniform}) {
    SpatialRateModel model = one(-2, 0);
    model.delays = {{kind, 2 * ms, 1 * ms, 1 * ms, 3 * ms}};
    const SpatialStability stable = spatial_stability(model, k);
    EXPECT_TRUE(stable.complete);
    EXPECT_TRUE(stable.stable) << static_cast<int>(kind);
    model.weights(0, 0) = -40;
    const SpatialStability waves = spatial_stability(model, k);
    EXPECT_TRUE(waves.complete);
    // A delay without a lower bound but with a short tail cannot make one inhibitory population
    // oscillate: exponential.
    EXPECT_EQ(waves.stable, kind == DelayDistribution::kExponential) << static_cast<int>(kind);
    if (!waves.stable) {
      EXPECT_EQ(waves.pattern, SpatialPattern::kHopf);
    }
  }
}

TEST(SpatialStability, FindsTheHopfPointOfDelayedInhibition) {
  const double d = 2 * ms, tau = 5 * ms;
  double low = std::numbers::pi / 2 / d, high = std::numbers::pi / d;  // tan(ωd) = −ωτ
  for (int i = 0; i < 200; ++i) {
    const double omega = 0.5 * (low + high);
    (std::sin(omega * d) + omega * tau * std::cos(omega * d) > 0 ? low : high) = omega;
  }
  const double weight = 1 / std::cos(low * d);
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(11, 0, 1e4);
  const SpatialStability critical = spatial_stability(one(weight, d), k);
  EXPECT_NEAR(critical.critical.eigenvalue.real(), 0, 1e-9);
  EXPECT_NEAR(std::abs(critical.critical.eigenvalue.imag()), low, 1e-9);
}

/// N(ω) at the frequencies of low_pass_transfer.csv.
struct Response {
  Eigen::VectorXd omega;
  Eigen::VectorXcd transfer;
};

Response response_at(double mu, double sigma) {
  static const test::CsvTable table("low_pass_transfer.csv");
  Response result{Eigen::VectorXd(199), Eigen::VectorXcd(199)};
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.number(row, "mu") != mu || table.number(row, "sigma") != sigma) continue;
    const auto k = static_cast<Eigen::Index>(table.number(row, "frequency")) - 1;
    result.omega[k] = 2 * std::numbers::pi * table.number(row, "frequency");
    result.transfer[k] = {table.number(row, "N_re"), table.number(row, "N_im")};
  }
  return result;
}

TEST(LowPassFit, FindsTheLeastSquares) {
  const test::CsvTable table("low_pass_fit.csv");
  ASSERT_EQ(table.size(), 6u);
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Response r = response_at(table.number(row, "mu"), table.number(row, "sigma"));
    const LowPass fit = fit_low_pass(r.omega, r.transfer);
    EXPECT_TRUE(fit.converged);
    EXPECT_NEAR(fit.tau, table.number(row, "tau"), 1e-12 * fit.tau);
    EXPECT_NEAR(fit.gain, table.number(row, "h0"), 1e-12 * fit.gain);
  }
}

TEST(LowPassFit, AgreesWithThePublishedMappingAsFarAsItsOptimiserWent) {
  // NNMT 1.3.0 at six working points; its optimiser stops up to 4e-7 before the minimum.
  struct WorkingPoint {
    double mu, sigma, tau, weight, error;
  };
  const WorkingPoint points[] = {
      {0.006, 0.006, 0.0034514434500124047, 1.0270210292510498, 0.004791512684212051},
      {0.006, 0.012, 0.0024056022891230737, 2.0197560681159024, 0.00674439703218576},
      {0.01, 0.01, 0.001938016203379818, 2.7348668620761787, 0.004789872444564582},
      {0.012, 0.012, 0.0017433192746123443, 2.976574682046199, 0.004772027896668753},
      {0.008, 0.008, 0.002378217160506572, 2.2261643864238154, 0.004735143680708843},
      {0.012, 0.006, 0.0016720381980036198, 3.582677981975241, 0.0027029974819980335}};
  const double synapses = 400, jump = 0.1756 * mV, tau_m = 5 * ms;
  for (const WorkingPoint& point : points) {
    const Response r = response_at(point.mu, point.sigma);
    const LowPass fit = fit_low_pass(r.omega, r.transfer);
    EXPECT_NEAR(fit.tau, point.tau, 1e-6 * point.tau);
    EXPECT_NEAR(fit.gain * synapses * jump * tau_m, point.weight, 1e-6 * point.weight);
    EXPECT_NEAR(fit.relative_error, point.error, 1e-5 * point.error);
  }
}

TEST(LowPassFit, RecoversALowPassExactly) {
  const Eigen::VectorXd omega = Eigen::VectorXd::LinSpaced(40, 1, 2000);
  for (const double tau : {3 * ms, -3 * ms}) {
    Eigen::VectorXcd transfer(40);
    for (int k = 0; k < 40; ++k) transfer[k] = 2500.0 / Complex(1, omega[k] * tau);
    const LowPass fit = fit_low_pass(omega, transfer);
    EXPECT_TRUE(fit.converged);
    EXPECT_NEAR(fit.gain, 2500, 1e-9);
    EXPECT_NEAR(fit.tau, tau, 1e-14);
    EXPECT_LE(fit.relative_error, 1e-10);
  }
  EXPECT_THROW((void)fit_low_pass(omega.head(2), Eigen::VectorXcd(2)), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
