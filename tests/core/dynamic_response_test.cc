#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "support/accuracy.h"
#include "support/csv.h"
#include "support/random.h"
#include "support/response_budgets.h"

namespace nuphi {
namespace {

using namespace nuphi::units;
using test::CsvTable, test::ErrorStatistics, test::Random;
using Complex = std::complex<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Complex without_turns(Complex log_f) {
  return {log_f.real(), std::remainder(log_f.imag(), 2 * std::numbers::pi)};
}

double relative(Complex value, Complex truth) { return std::abs(value - truth) / std::abs(truth); }

/// ln f to rounding where it is small, its exponential elsewhere.
double log_difference(Complex a, Complex b) { return std::abs(without_turns(a - b)); }

ResponsePoint point(double y_t, double y_r, double rho) { return {y_t, y_r, y_t - y_r, rho}; }

ResponsePoint point_of(const CsvTable& table, std::size_t row) {
  return point(table.number(row, "y_t"), table.number(row, "y_r"), table.number(row, "rho"));
}

Complex truth_of(const CsvTable& table, std::size_t row, const std::string& name) {
  return {static_cast<double>(table.truth(row, name + "_re")),
          static_cast<double>(table.truth(row, name + "_im"))};
}

std::string print(const ResponsePoint& p, Complex lambda) {
  std::ostringstream out;
  out.precision(17);
  out << "y_t=" << p.y_t << " y_r=" << p.y_r << " rho=" << p.rho << " lambda=" << lambda;
  return out.str();
}

/// Working points over the domain of the reference tables.
ResponsePoint random_point(Random& random) {
  const double y_t = random.below(2) == 0 ? random.uniform(-40, 25) : random.uniform(-8, 9);
  const double rho = random.below(3) == 0 ? 0 : random.log_uniform(1e-3, 3);
  const double d = random.log_uniform(1e-3, 20);
  return {y_t, y_t - d, d, rho};
}

struct ResponseErrors {
  ErrorStatistics mu, variance, log_f;

  void add(const ResponseTerms& got, const CsvTable& table, std::size_t row,
           const std::string& where) {
    mu.add(relative(got.G_mu, truth_of(table, row, "G_mu")), where);
    variance.add(relative(got.G_variance, truth_of(table, row, "G_variance")), where);
    const Complex truth = truth_of(table, row, "log_f");
    const double error = log_difference(got.log_f, truth);
    log_f.add(truth == 0.0 ? error : error / std::abs(truth), where);
  }
  void expect(const test::ResponseBudget& budget, const std::string& what) const {
    test::expect_within(mu, budget.G_mu, what + ", G_mu");
    test::expect_within(variance, budget.G_variance, what + ", G_variance");
    test::expect_within(log_f, budget.log_f, what + ", log f");
  }
};

// ---------------------------------------------------------------- reference tables

TEST(ResponseReference, ImaginaryAxisStaysWithinBudget) {
  const CsvTable table("response.csv");
  ResponseErrors errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const ResponsePoint p = point_of(table, row);
    const Complex lambda{0, table.number(row, "omega_tau")};
    errors.add(response_terms(p, lambda), table, row, print(p, lambda));
  }
  errors.expect(test::kResponseAxis, "response.csv");
}

TEST(ResponseReference, VectorVersionStaysWithinBudget) {
  const CsvTable table("response.csv");
  ResponseErrors errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const ResponsePoint p = point_of(table, row);
    const std::array omega = {table.number(row, "omega_tau")};
    std::array<ResponseTerms, 1> terms;
    response_terms(p, omega, terms);
    errors.add(terms[0], table, row, print(p, {0, omega[0]}));
  }
  errors.expect(test::kResponseAxis, "response.csv, vector version");
}

TEST(ResponseReference, ComplexFrequenciesStayWithinBudget) {
  const CsvTable table("response_complex.csv");
  ResponseErrors errors;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const ResponsePoint p = point_of(table, row);
    const Complex lambda{table.number(row, "lambda_re"), table.number(row, "lambda_im")};
    errors.add(response_terms(p, lambda), table, row, print(p, lambda));
  }
  errors.expect(test::kResponseComplex, "response_complex.csv");
}

TEST(ResponseReference, RandomPointsStayWithinBudget) {
  const CsvTable table("response_random.csv");
  ResponseErrors errors;
  ErrorStatistics spectrum;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const ResponsePoint p = point_of(table, row);
    const Complex lambda{table.number(row, "lambda_re"), table.number(row, "lambda_im")};
    errors.add(response_terms(p, lambda), table, row, print(p, lambda));
    if (lambda.real() == 0) {
      spectrum.add(relative(spectrum_ratio(p, lambda.imag()),
                            static_cast<double>(table.truth(row, "spectrum"))),
                   print(p, lambda));
    }
  }
  errors.expect(test::kResponseRandom, "response_random.csv");
  test::expect_within(spectrum, test::kSpectrumRandomBudget, "response_random.csv, S/ν");
}

TEST(ResponseReference, FirstPassageAndSpectrumStayWithinBudget) {
  const CsvTable table("first_passage.csv");
  ErrorStatistics log_f, spectrum;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const ResponsePoint p = point_of(table, row);
    const double omega = table.number(row, "omega_tau");
    const std::string where = print(p, {0, omega});
    const Complex truth = truth_of(table, row, "log_f");
    log_f.add(log_difference(response_terms(p, {0, omega}).log_f, truth) / std::abs(truth), where);
    spectrum.add(
        relative(spectrum_ratio(p, omega), static_cast<double>(table.truth(row, "spectrum"))),
        where);
  }
  test::expect_within(log_f, test::kFirstPassageLogBudget, "first_passage.csv, log f");
  test::expect_within(spectrum, test::kSpectrumBudget, "first_passage.csv, S/ν");
}

TEST(ResponseReference, ColouredNeuronStaysWithinBudget) {
  const CsvTable table("transfer_function.csv");
  ErrorStatistics exact, rate_only;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto number = [&](const char* name) { return table.number(row, name); };
    const LifParameters neuron{.tau_m = number("tau_m"),
                               .t_ref = number("t_ref"),
                               .V_th = number("V_th"),
                               .V_reset = number("V_reset"),
                               .tau_syn = number("tau_syn")};
    const double omega = 2 * std::numbers::pi * number("frequency");
    const auto response = [&](Refractoriness refractoriness) {
      return DynamicResponse(number("mu"), number("sigma"), neuron, Correction::kShift,
                             refractoriness)
          .at_frequency(omega)
          .d_mu;
    };
    const std::string where = "row " + std::to_string(row);
    exact.add(relative(response(Refractoriness::kExact), truth_of(table, row, "exact")), where);
    rate_only.add(relative(response(Refractoriness::kRateOnly), truth_of(table, row, "rate_only")),
                  where);
  }
  test::expect_within(exact, test::kTransferFunctionBudget, "transfer_function.csv, exact");
  test::expect_within(rate_only, test::kTransferFunctionBudget, "transfer_function.csv, rate_only");
}

// ---------------------------------------------------------------- limits

const LifParameters kNeuron{
    .tau_m = 10 * ms, .t_ref = 2 * ms, .V_th = 15 * mV, .V_reset = 0, .tau_syn = 0.5 * ms};

struct WorkingPoint {
  double mu, sigma;
};
constexpr WorkingPoint kWorkingPoints[] = {{5 * mV, 4 * mV},   {14 * mV, 1 * mV},
                                           {15 * mV, 3 * mV},  {25 * mV, 2 * mV},
                                           {18 * mV, 20 * mV}, {40 * mV, 0.5 * mV}};
constexpr std::array kCorrections = {Correction::kNone, Correction::kShift, Correction::kTaylor,
                                     Correction::kShiftRefractory};

TEST(DynamicResponse, IsTheStaticDerivativeAtZeroFrequency) {
  for (const auto [mu, sigma] : kWorkingPoints) {
    for (const Correction correction : kCorrections) {
      const SiegertRate r = siegert(mu, sigma, kNeuron, correction);
      const LinearResponse n = DynamicResponse(mu, sigma, kNeuron, correction).at_frequency(0);
      EXPECT_EQ(n.d_mu, Complex(r.drate_dmu));
      EXPECT_EQ(n.d_variance, Complex(r.drate_dsigma / (2 * sigma)));
      EXPECT_EQ(n.log_first_passage, Complex(0));
      EXPECT_EQ(n.isi_transform, Complex(1));
    }
  }
}

TEST(DynamicResponse, ApproachesTheStaticDerivativeWithoutAStep) {
  for (const auto [mu, sigma] : kWorkingPoints) {
    for (const Correction correction : kCorrections) {
      const DynamicResponse response(mu, sigma, kNeuron, correction);
      const LinearResponse limit = response.at_frequency(0), near = response.at_frequency(1e-12);
      // kTaylor differentiates numerically
      const double tolerance = correction == Correction::kTaylor ? 1e-11 : 2e-14;
      EXPECT_LT(relative(near.d_mu, limit.d_mu), tolerance) << mu << " " << sigma;
      const double size = std::max(std::abs(limit.d_variance), std::abs(limit.d_mu) / sigma);
      EXPECT_LT(std::abs(near.d_variance - limit.d_variance) / size, tolerance)
          << mu << " " << sigma;
    }
  }
}

TEST(DynamicResponse, TaylorIsTheFirstOrderOfTheShiftInTheSquareRootOfTheSynapticTime) {
  LifParameters neuron = kNeuron;
  ColourResponse colour = ColourResponse::kQuasiStatic;
  const auto difference = [&](double tau_syn, double omega) {
    neuron.tau_syn = tau_syn;
    const auto response = [&](Correction correction) {
      return DynamicResponse(14 * mV, 3 * mV, neuron, correction, Refractoriness::kExact, colour)
          .at_frequency(omega);
    };
    const LinearResponse taylor = response(Correction::kTaylor),
                         shift = response(Correction::kShift);
    return std::array{relative(taylor.d_mu, shift.d_mu),
                      relative(taylor.d_variance, shift.d_variance)};
  };
  for (const double omega : {0.0, 10.0, 300.0, 5000.0}) {
    for (const bool moving : {false, true}) {
      colour = moving ? ColourResponse::kMoving : ColourResponse::kQuasiStatic;
      // Boundaries that move bring powers of c√|zτ_m| with them: the limit begins earlier.
      const double unit = moving ? 1.0 / 64 : 1;
      const auto coarse = difference(0.04 * ms * unit, omega),
                 fine = difference(0.01 * ms * unit, omega);
      for (const std::size_t i : {0U, 1U}) {
        EXPECT_NEAR(coarse[i] / fine[i], 4, 0.4) << omega;  // the second order is what differs
        EXPECT_LT(fine[i], 1e-2);
      }
    }
  }
}

// In the frame V − cσ(t) the boundaries stand still and the drift is μ − cσ − τ_m c dσ/dt.
TEST(DynamicResponse, BoundariesThatMoveAddTheirVelocity) {
  const double c = 1.4603545088095868 / std::numbers::sqrt2 * std::sqrt(0.05);  // |ζ(1/2)|/√2
  for (const auto [mu, sigma] : kWorkingPoints) {
    for (const Correction correction : {Correction::kShift, Correction::kShiftRefractory}) {
      const auto response = [&](ColourResponse colour) {
        return DynamicResponse(mu, sigma, kNeuron, correction, Refractoriness::kExact, colour);
      };
      const DynamicResponse moving = response(ColourResponse::kMoving),
                            fixed = response(ColourResponse::kQuasiStatic);
      EXPECT_EQ(fixed.moving_shift(), 0);
      EXPECT_NEAR(moving.moving_shift(), c, 1e-15);
      for (const Complex z : {Complex(0, 30), Complex(0, 2000), Complex(150, -700)}) {
        const LinearResponse with = moving.at(z), without = fixed.at(z);
        EXPECT_EQ(with.d_mu, without.d_mu);
        const Complex added = with.d_variance - without.d_variance;
        const Complex velocity = -c / (2 * sigma) * z * kNeuron.tau_m * with.d_mu;
        const double size = std::max(std::abs(velocity), std::abs(without.d_variance));
        EXPECT_LT(std::abs(added - velocity), 1e-14 * size) << mu << " " << sigma << " " << z;
      }
      // The road of many frequencies and that of hertz take the same boundaries.
      const std::array omega = {40.0, 900.0};
      std::array<LinearResponse, 2> many;
      moving.at_frequencies(omega, many);
      for (const std::size_t i : {0U, 1U}) {
        const LinearResponse one = moving.at_frequency(omega[i]);
        const LinearResponse hertz = moving.at_hertz(omega[i] / (2 * std::numbers::pi)).response;
        EXPECT_LT(relative(many[i].d_variance, one.d_variance), 2e-13);
        EXPECT_LT(relative(hertz.d_variance, one.d_variance), 1e-10);
      }
    }
  }
}

TEST(DynamicResponse, AtHertzIsExactForTheNumbersGiven) {
  // In units of σ and τ_m the table's inputs are the neuron's.
  const CsvTable table("response.csv");
  ErrorStatistics mu, variance, plain;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double omega = table.number(row, "omega_tau");
    const double frequency = omega / (2 * std::numbers::pi);
    if (2 * std::numbers::pi * frequency != omega) continue;
    const LifParameters neuron{.tau_m = 1,
                               .t_ref = table.number(row, "rho"),
                               .V_th = table.number(row, "y_t"),
                               .V_reset = table.number(row, "y_r")};
    const DynamicResponse response(0, 1, neuron);
    if (response.rate() < 1e-290) continue;
    const LinearResponse n = response.at_hertz(frequency).response;
    const std::string where = print(point_of(table, row), {0, omega});
    mu.add(relative(n.d_mu / response.rate(), truth_of(table, row, "G_mu")), where);
    variance.add(relative(n.d_variance / response.rate(), truth_of(table, row, "G_variance")),
                 where);
  }
  test::expect_within(mu, test::kResponseAxis.G_mu, "at_hertz, G_mu");
  test::expect_within(variance, test::kResponseAxis.G_variance, "at_hertz, G_variance");
}

TEST(DynamicResponse, AtHertzCarriesTheRoundingOfTheBoundariesAlong) {
  // Units in which nothing is rounded, and others: a resonance of 1 in 3000 at the 20th harmonic.
  const LifParameters plain{.tau_m = 1, .t_ref = 0.25, .V_th = -8, .V_reset = -12};
  const double sigma = 0.0078125 * 3, scale = 7e-3;
  const LifParameters scaled{.tau_m = 3, .t_ref = 0.75, .V_th = -8 * scale, .V_reset = -12 * scale};
  for (const double frequency : {0.375, 3.0, 48.0, 60.0}) {
    const auto a = DynamicResponse(0, sigma, plain).at_hertz(frequency);
    const auto b = DynamicResponse(0, sigma * scale, scaled).at_hertz(frequency / 3);
    EXPECT_LT(relative(b.response.d_mu * (3 * scale), a.response.d_mu), 1e-13) << frequency;
    EXPECT_NEAR(b.spectrum / a.spectrum, 1, 1e-12) << frequency;
  }
}

TEST(DynamicResponse, RateOnlyRefractorinessJumpsByTheShareOfTimeSpentRefractory) {
  for (const auto [mu, sigma] : kWorkingPoints) {
    const DynamicResponse response(mu, sigma, kNeuron, Correction::kShift,
                                   Refractoriness::kRateOnly);
    const double static_value = siegert(mu, sigma, kNeuron).drate_dmu;
    const double jump = (response.at_frequency(1e-9).d_mu / static_value).real();
    EXPECT_NEAR(jump * (1 - response.rate() * kNeuron.t_ref), 1, 1e-13);
    // At exactly 0 it is the derivative of the rate, as peers return it.
    EXPECT_EQ(response.at_frequency(0).d_mu, static_value);
  }
}

TEST(DynamicResponse, RefractorinessDoesNotMatterWithoutRefractoryTime) {
  const ResponsePoint p = point(1.5, -0.5, 0);
  const ResponseTerms a = response_terms(p, {0.1, 2}, Refractoriness::kExact);
  const ResponseTerms b = response_terms(p, {0.1, 2}, Refractoriness::kRateOnly);
  EXPECT_EQ(a.G_mu, b.G_mu);
  EXPECT_EQ(a.G_variance, b.G_variance);
}

TEST(DynamicResponse, HasTheHighFrequencyLimitsOfWhiteNoise) {
  // G_μ = √(2/λ)(1 + O(y/√λ)), G_v = 1 + O(y/√λ)
  for (const double y_t : {-6.0, 0.0, 2.0, 6.0}) {
    for (const double omega : {1e8, 1e12, 1e20}) {
      const ResponseTerms t = response_terms(point(y_t, y_t - 3, 0.1), {0, omega});
      const double order = 10 / std::sqrt(omega);
      EXPECT_LT(std::abs(t.G_mu * std::sqrt(Complex(0, omega / 2)) - 1.0), order);
      EXPECT_LT(std::abs(t.G_variance - 1.0), order);
    }
  }
}

TEST(Spectrum, TendsToSquaredCvAndToOne) {
  for (const auto [mu, sigma] : kWorkingPoints) {
    const DynamicResponse response(mu, sigma, kNeuron);
    const double cv = isi_cv(mu, sigma, kNeuron);
    EXPECT_NEAR(response.spectrum(0) / (cv * cv), 1, 3e-14) << mu << " " << sigma;
    EXPECT_NEAR(response.spectrum(1e-7) / (cv * cv), 1, 3e-14) << mu << " " << sigma;
    EXPECT_NEAR(response.spectrum(1e14), 1, 1e-12) << mu << " " << sigma;
    EXPECT_EQ(response.spectrum(-3.0), response.spectrum(3.0));
  }
}

TEST(Spectrum, FollowsFromTheTransformWhereThatIsWellConditioned) {
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    const double y_t = random.uniform(-2, 3), d = random.log_uniform(0.3, 5);
    const ResponsePoint p{y_t, y_t - d, d, random.uniform(0, 1)};
    const double omega = random.log_uniform(0.5, 50);
    const Complex log_f = response_terms(p, {0, omega}).log_f;
    const Complex isi = std::exp(log_f - Complex(0, omega * p.rho));
    const double truth = (1 - std::norm(std::exp(log_f))) / std::norm(1.0 - isi);
    EXPECT_LT(relative(spectrum_ratio(p, omega), truth), 2e-13) << print(p, {0, omega});
  }
}

TEST(DynamicResponse, TransformStartsWithTheMeanInterval) {
  for (const auto [mu, sigma] : kWorkingPoints) {
    const DynamicResponse response(mu, sigma, kNeuron);
    const double z = 1e-7 * response.rate();
    EXPECT_NEAR((1.0 - response.at({z, 0}).isi_transform).real() / 1e-7, 1, 1e-6);
  }
}

// ---------------------------------------------------------------- symmetry, seams, analyticity

TEST(DynamicResponse, IsConjugateAtTheConjugate) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const ResponsePoint p = random_point(random);
    const Complex lambda{random.uniform(-5, 20), random.log_uniform(1e-6, 1e3)};
    const ResponseTerms a = response_terms(p, lambda), b = response_terms(p, std::conj(lambda));
    EXPECT_EQ(a.G_mu, std::conj(b.G_mu));
    EXPECT_EQ(a.G_variance, std::conj(b.G_variance));
    EXPECT_EQ(a.log_f, std::conj(b.log_f));
  }
}

TEST(DynamicResponse, IsRealAtRealFrequencies) {
  Random random(2);
  for (int i = 0; i < 300; ++i) {
    const ResponsePoint p = random_point(random);
    const ResponseTerms t = response_terms(p, random.log_uniform(1e-6, 1e3));
    EXPECT_EQ(t.G_mu.imag(), 0);
    EXPECT_EQ(t.G_variance.imag(), 0);
    EXPECT_EQ(t.log_f.imag(), 0);
    EXPECT_LE(t.log_f.real(), 0);
  }
}

/// An interval cut in two takes other routes than the whole: φ_t/φ_r = (φ_t/φ_m)(φ_m/φ_r), and
/// differences add up. A step at any border between routes shows here.
TEST(DynamicResponse, AddsUpOverPartsOfTheInterval) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const double y_t = random.uniform(-12, 12), d = random.log_uniform(1e-2, 10);
    const double cut = d * random.uniform(0.05, 0.95);
    const Complex lambda{random.below(2) == 0 ? 0 : random.uniform(0, 5),
                         random.log_uniform(1e-3, 100)};
    const ResponsePoint whole{y_t, y_t - d, d, 0}, upper{y_t, y_t - cut, cut, 0},
        lower{y_t - cut, y_t - d, d - cut, 0};
    const ResponseTerms w = response_terms(whole, lambda), u = response_terms(upper, lambda),
                        l = response_terms(lower, lambda);
    const std::string where = print(whole, lambda) + " cut at " + std::to_string(y_t - cut);
    EXPECT_LT(log_difference(w.log_f, u.log_f + l.log_f), 1e-13 * (1 + std::abs(w.log_f))) << where;
    // in units of φ_t: (φ_t − φ_r) G = (φ_t − φ_m) G_u + (φ_m − φ_r) G_l
    const Complex f = std::exp(w.log_f), f_m = std::exp(u.log_f);
    const double size = std::abs((1.0 - f) * w.G_mu) + std::abs((1.0 - f_m) * u.G_mu) +
                        std::abs((f_m - f) * l.G_mu);
    EXPECT_LT(std::abs((1.0 - f) * w.G_mu - (1.0 - f_m) * u.G_mu - (f_m - f) * l.G_mu),
              2e-13 * size + 1e-15 * std::abs(w.G_mu))
        << where;
  }
}

/// Scans through the borders between routes: the sixth difference of a smooth function over steps
/// of 3e-5 is rounding, a step shows twentyfold (bound: 64 errors of 2e-14).
TEST(DynamicResponse, HasNoStepsAlongFrequency) {
  constexpr std::array kDifference = {1.0, -6.0, 15.0, -20.0, 15.0, -6.0, 1.0};
  Random random(4);
  for (int i = 0; i < 100; ++i) {
    const ResponsePoint p = random_point(random);
    const double first = random.log_uniform(0.05, 15);
    std::vector<Complex> g;
    for (int k = 0; k < 4000; ++k)
      g.push_back(response_terms(p, {0, first * std::exp(3e-5 * k)}).G_mu);
    for (std::size_t k = 0; k + kDifference.size() <= g.size(); ++k) {
      Complex difference = 0;
      for (std::size_t m = 0; m < kDifference.size(); ++m) difference += kDifference[m] * g[k + m];
      ASSERT_LT(std::abs(difference), 1.5e-12 * std::abs(g[k + 3]))
          << print(p, {0, first * std::exp(3e-5 * static_cast<double>(k + 3))});
    }
  }
}

TEST(DynamicResponse, IsAnalytic) {
  // the mean over a circle is the value at its centre, also where λ = 0, −1, −2 cancel
  Random random(6);
  for (int i = 0; i < 200; ++i) {
    const double y_t = random.uniform(-10, 6), d = random.log_uniform(0.1, 6);
    const ResponsePoint p{y_t, y_t - d, d, random.uniform(0, 0.3)};
    const Complex centre{random.uniform(0, 3), random.uniform(0, 3)};
    constexpr int kNodes = 48;
    Complex mean_mu = 0, mean_variance = 0;
    for (int k = 0; k < kNodes; ++k) {
      const Complex lambda = centre + std::polar(0.25, 2 * std::numbers::pi * (k + 0.5) / kNodes);
      const ResponseTerms t = response_terms(p, lambda);
      mean_mu += t.G_mu / static_cast<double>(kNodes);
      mean_variance += t.G_variance / static_cast<double>(kNodes);
    }
    const ResponseTerms t = response_terms(p, centre);
    EXPECT_LT(relative(mean_mu, t.G_mu), 3e-14) << print(p, centre);
    EXPECT_LT(relative(mean_variance, t.G_variance), 5e-14) << print(p, centre);
  }
}

TEST(DynamicResponse, IsRegularWhereTheFormulasDivideByZero) {
  for (const double y_t : {-9.0, -1.0, 0.0, 0.7, 2.0}) {
    for (const double d : {0.01, 1.0, 8.0}) {
      const ResponsePoint p{y_t, y_t - d, d, 0.1};
      for (const double lambda : {0.0, -1.0, -2.0, -3.0}) {
        const ResponseTerms t = response_terms(p, lambda);
        const ResponseTerms near = response_terms(p, lambda + 1e-9);
        EXPECT_LT(std::abs(near.G_mu - t.G_mu), 1e-6 * (1 + std::abs(t.G_mu))) << print(p, lambda);
        EXPECT_LT(std::abs(near.G_variance - t.G_variance), 1e-6 * (1 + std::abs(t.G_variance)))
            << print(p, lambda);
      }
    }
  }
}

// ---------------------------------------------------------------- many frequencies at once

void expect_agreement(const ResponsePoint& p, const std::vector<double>& omega) {
  std::vector<ResponseTerms> many(omega.size());
  response_terms(p, omega, many);
  for (std::size_t i = 0; i < omega.size(); ++i) {
    const ResponseTerms one = response_terms(p, {0, omega[i]});
    const std::string where = print(p, {0, omega[i]});
    EXPECT_LT(relative(many[i].G_mu, one.G_mu), 5e-14) << where;
    EXPECT_LT(relative(many[i].G_variance, one.G_variance), 5e-14) << where;
    EXPECT_LE(log_difference(many[i].log_f, one.log_f), 5e-14 * std::abs(one.log_f)) << where;
  }
}

TEST(DynamicResponse, AgreesBetweenOneAndManyFrequencies) {
  Random random(7);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> omega;
    for (int k = 0; k < 150; ++k) omega.push_back(random.log_uniform(1e-4, 1e4));
    if (i % 2 == 0) std::sort(omega.begin(), omega.end());
    expect_agreement(random_point(random), omega);
  }
}

TEST(DynamicResponse, TakesFrequenciesOfAnySignAndOrder) {
  expect_agreement(point(1, -1, 0.2), {3, -3, 0, 1e-320, 50, 1e30, -1e-9});
  expect_agreement(point(-9, -10, 0.2), {0});
  expect_agreement(point(-9, -10, 0.2), {});
}

TEST(DynamicResponse, OneBadFrequencySpoilsNoOther) {
  const std::vector<double> omega = {1, kNaN, 2, kInfinity, 3};
  std::vector<ResponseTerms> t(omega.size());
  response_terms(point(1, -1, 0.2), omega, t);
  for (std::size_t i = 0; i < omega.size(); ++i) {
    EXPECT_EQ(std::isnan(t[i].G_mu.real()), !std::isfinite(omega[i]));
    EXPECT_EQ(std::isnan(t[i].G_variance.real()), !std::isfinite(omega[i]));
    EXPECT_EQ(std::isnan(t[i].log_f.real()), !std::isfinite(omega[i]));
  }
}

TEST(DynamicResponse, AgreesBetweenOneAndManyFrequenciesInSiUnits) {
  const std::vector<double> omega = {0, 1, 10, 100, 1000, 1e4};
  for (const auto [mu, sigma] : kWorkingPoints) {
    for (const auto refractoriness : {Refractoriness::kExact, Refractoriness::kRateOnly}) {
      const DynamicResponse response(mu, sigma, kNeuron, Correction::kShiftRefractory,
                                     refractoriness);
      std::vector<LinearResponse> many(omega.size());
      response.at_frequencies(omega, many);
      for (std::size_t i = 0; i < omega.size(); ++i) {
        const LinearResponse one = response.at_frequency(omega[i]);
        EXPECT_LT(relative(many[i].d_mu, one.d_mu), 2e-14);
        EXPECT_LT(relative(many[i].d_variance, one.d_variance), 2e-13);
        EXPECT_LT(relative(many[i].isi_transform, one.isi_transform), 2e-13);
      }
    }
  }
}

// ---------------------------------------------------------------- extreme arguments

TEST(DynamicResponse, KeepsTheLogarithmWhereTheTransformUnderflows) {
  // f ≈ rate·…/λ ~ e^{−y²}; twice the height, four times the logarithm
  const double at_30 = response_terms(point(30, 0, 0), {0, 1}).log_f.real();
  const double at_60 = response_terms(point(60, 0, 0), {0, 1}).log_f.real();
  EXPECT_NEAR(at_30, -900, 10);
  EXPECT_NEAR(at_60, -3600, 10);
  // at frequencies as low as the rate f is not small: 1/(1 + λ T), T of order e^{y²}
  const ResponsePoint p = point(20, 10, 0);
  const double log_time = -response_terms(p, 1e-60).log_f.real() + 60 * std::log(10.0);
  const Complex f = std::exp(response_terms(p, {0, std::exp(-log_time)}).log_f);
  EXPECT_NEAR(std::abs(f - 1.0 / Complex(1, 1)), 0, 0.01);
}

TEST(DynamicResponse, ApproachesTheNoiselessLimit) {
  const LifParameters neuron{.tau_m = 10 * ms, .t_ref = 2 * ms, .V_th = 15 * mV, .V_reset = 0};
  const DynamicResponse noiseless(20 * mV, 0, neuron), quiet(20 * mV, 1e-9 * mV, neuron);
  for (const Complex z : {Complex(0, 0), Complex(0, 3), Complex(0, 500), Complex(-40, 700)}) {
    const LinearResponse a = noiseless.at(z), b = quiet.at(z);
    EXPECT_LT(relative(b.d_mu, a.d_mu), 1e-12) << z;
    EXPECT_LT(relative(b.d_variance, a.d_variance), 1e-12) << z;
    EXPECT_LT(relative(b.isi_transform, a.isi_transform), 1e-12) << z;
  }
  EXPECT_LT(relative(noiseless.at_frequency(0).d_mu, siegert(20 * mV, 0, neuron).drate_dmu), 1e-14);
  EXPECT_EQ(noiseless.spectrum(10), 0);
  EXPECT_EQ(noiseless.rate(), siegert(20 * mV, 0, neuron).rate);
}

TEST(DynamicResponse, IsZeroForASilentNeuronWithoutNoise) {
  const DynamicResponse response(10 * mV, 0, kNeuron);
  const LinearResponse n = response.at_frequency(100);
  EXPECT_EQ(response.rate(), 0);
  EXPECT_EQ(n.d_mu, Complex(0));
  EXPECT_EQ(n.d_variance, Complex(0));
  EXPECT_EQ(n.log_first_passage.real(), -kInfinity);
  EXPECT_EQ(n.isi_transform, Complex(0));
  EXPECT_TRUE(std::isnan(response.spectrum(100)));
}

TEST(DynamicResponse, HasNoValueAtThresholdWithoutNoise) {
  EXPECT_TRUE(std::isnan(DynamicResponse(15 * mV, 0, kNeuron).at_frequency(1).d_mu.real()));
}

TEST(DynamicResponse, HasNoVarianceResponseWithColourAndWithoutNoise) {
  const LinearResponse n = DynamicResponse(20 * mV, 0, kNeuron).at_frequency(1);
  EXPECT_TRUE(std::isfinite(n.d_mu.real()));
  EXPECT_TRUE(std::isnan(n.d_variance.real()));
}

TEST(DynamicResponse, IsFiniteOverTheWholeDomain) {
  Random random(8);
  for (int i = 0; i < 20000; ++i) {
    const double y_t = (random.below(2) == 0 ? 1 : -1) * random.log_uniform(1e-10, 1e8);
    const double d = random.log_uniform(1e-10, 1e8);
    const ResponsePoint p{y_t, y_t - d, d, random.log_uniform(1e-6, 1e3)};
    const Complex lambda{random.below(2) == 0 ? 0 : random.log_uniform(1e-30, 1e8),
                         random.log_uniform(1e-30, 1e8)};
    const ResponseTerms t = response_terms(p, lambda);
    EXPECT_TRUE(std::isfinite(t.G_mu.real() + t.G_mu.imag())) << print(p, lambda);
    EXPECT_TRUE(std::isfinite(t.G_variance.real() + t.G_variance.imag())) << print(p, lambda);
    EXPECT_TRUE(std::isfinite(t.log_f.real() + t.log_f.imag())) << print(p, lambda);
    EXPECT_LE(t.log_f.real(), 0) << print(p, lambda);
    const double s = spectrum_ratio(p, lambda.imag());
    EXPECT_TRUE(s >= 0 && std::isfinite(s)) << print(p, lambda);
  }
}

TEST(DynamicResponse, IsNaNOutsideItsDomain) {
  const auto is_nan = [](const ResponseTerms& t) {
    return std::isnan(t.G_mu.real()) && std::isnan(t.G_variance.imag()) &&
           std::isnan(t.log_f.real());
  };
  EXPECT_TRUE(is_nan(response_terms(point(1, kNaN, 0), 1.0)));
  EXPECT_TRUE(is_nan(response_terms(point(kInfinity, 0, 0), 1.0)));
  EXPECT_TRUE(is_nan(response_terms(point(1, 2, 0), 1.0)));
  EXPECT_TRUE(is_nan(response_terms(point(2, 1, -1), 1.0)));
  EXPECT_TRUE(is_nan(response_terms(point(2, 1, 0), Complex(kNaN, 1))));
  EXPECT_TRUE(is_nan(response_terms(point(2, 1, 0), Complex(1, kNaN))));
  EXPECT_TRUE(is_nan(response_terms(point(2, 1, 0), Complex(1, kInfinity))));
  EXPECT_TRUE(is_nan(response_terms(point(2, 1, 0), -21.0)));
  EXPECT_TRUE(std::isnan(spectrum_ratio(point(2, 1, 0), kNaN)));
  for (const DynamicResponse& response :
       {DynamicResponse(kNaN, 1 * mV, kNeuron), DynamicResponse(1 * mV, -1 * mV, kNeuron),
        DynamicResponse(1 * mV, kNaN, kNeuron),
        DynamicResponse(1 * mV, 1 * mV, kNeuron, Correction::kAdiabatic)}) {
    EXPECT_TRUE(std::isnan(response.at_frequency(1).d_mu.real()));
    EXPECT_TRUE(std::isnan(response.at_frequency(1).isi_transform.real()));
    EXPECT_TRUE(std::isnan(response.spectrum(1)));
  }
  EXPECT_TRUE(
      std::isnan(DynamicResponse(1 * mV, 1 * mV, kNeuron).at_frequency(kNaN).d_variance.imag()));
}

}  // namespace
}  // namespace nuphi
