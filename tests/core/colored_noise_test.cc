#include <gtest/gtest.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "support/csv.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using test::CsvTable;

double slow_deviation(double sigma, const LifParameters& n) {
  return sigma * std::sqrt(0.5 * n.tau_m / n.tau_syn);
}

// ---------------------------------------------------------------------------------- adiabatic rate

struct Worst {
  double value = 0;
  std::size_t row = 0;
  void add(double error, std::size_t at) {
    if (!(error <= value)) *this = {error, at};
  }
};

TEST(AdiabaticRate, AgreesWithReferenceTable) {
  const CsvTable table("adiabatic.csv");
  ASSERT_GT(table.size(), 300U);
  Worst rate, log_rate, mu, sigma;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const LifParameters n{.tau_m = at("tau_m"),
                          .t_ref = at("t_ref"),
                          .V_th = at("V_th"),
                          .V_reset = at("V_reset"),
                          .tau_syn = at("tau_syn")};
    const SiegertRate r = siegert_adiabatic(at("mu"), at("sigma"), n);
    if (at("rate") > 1e-290) rate.add(std::abs(r.rate / at("rate") - 1), i);
    const double l = at("log_rate");
    log_rate.add(std::abs(r.log_rate - l) / std::max(1.0, std::abs(l)), i);
    // ν/s and ν/σ are the natural sizes of the derivatives: where they are small, addends of that
    // size cancel.
    const double s = slow_deviation(at("sigma"), n);
    const double l_mu = at("dlog_rate_dmu") * s, l_sigma = at("dlog_rate_dsigma") * at("sigma");
    const auto error = [](double computed, double exact) {
      return std::abs(computed - exact) / std::max(1.0, std::abs(exact));
    };
    mu.add(error(r.dlog_rate_dmu * s, l_mu), i);
    sigma.add(error(r.dlog_rate_dsigma * at("sigma"), l_sigma), i);
    if (at("rate") > 1e-290) {
      mu.add(error(r.drate_dmu / at("rate") * s, l_mu), i);
      sigma.add(error(r.drate_dsigma / at("rate") * at("sigma"), l_sigma), i);
    }
  }
  EXPECT_LT(rate.value, 4e-15) << "row " << rate.row;
  EXPECT_LT(log_rate.value, 2e-15) << "row " << log_rate.row;
  EXPECT_LT(mu.value, 4e-15) << "row " << mu.row;
  EXPECT_LT(sigma.value, 1e-14) << "row " << sigma.row;
}

TEST(AdiabaticRate, IsTheNoiselessRateWithoutNoise) {
  const LifParameters n{.t_ref = 1 * ms, .tau_syn = 100 * ms};
  for (const double mu : {19 * mV, 21 * mV, 40 * mV}) {
    const SiegertRate slow = siegert_adiabatic(mu, 0, n);
    const SiegertRate noiseless = siegert(mu, 0, n, Correction::kNone);
    EXPECT_DOUBLE_EQ(slow.rate, noiseless.rate);
    EXPECT_NEAR(slow.drate_dmu, noiseless.drate_dmu, 1e-14 * noiseless.drate_dmu);
    EXPECT_EQ(slow.drate_dsigma, 0);
  }
  EXPECT_EQ(siegert_adiabatic(19 * mV, 0, n).log_rate, -INFINITY);
  EXPECT_TRUE(std::isnan(siegert_adiabatic(n.V_th, 0, n).drate_dmu));
}

TEST(AdiabaticRate, ApproachesTheNoiselessRateAsNoiseVanishes) {
  const LifParameters n{.tau_syn = 100 * ms};
  const double noiseless = siegert(25 * mV, 0, n).rate;
  EXPECT_NEAR(siegert_adiabatic(25 * mV, 1e-9 * mV, n).rate, noiseless, 1e-13 * noiseless);
  EXPECT_EQ(siegert_adiabatic(15 * mV, 1e-9 * mV, n).rate, 0);
  EXPECT_LT(siegert_adiabatic(15 * mV, 1e-9 * mV, n).log_rate, -1e15);
}

TEST(AdiabaticRate, IsContinuousWhereTheQuadratureChanges) {
  // μ − V_th = 10 s, 7 s, 4 s and a = 0, 1: borders of the two rules, of their steps and scales.
  const LifParameters n{.tau_syn = 100 * ms};
  const double s = slow_deviation(5 * mV, n);
  for (const double distance : {10.0, 7.0, 4.0, 0.0, -1.0}) {
    const double mu = n.V_th + distance * s, step = 1e-13 * s;
    const SiegertRate below = siegert_adiabatic(mu - step, 5 * mV, n);
    const SiegertRate above = siegert_adiabatic(mu + step, 5 * mV, n);
    EXPECT_NEAR(below.rate, above.rate, 3e-15 * above.rate + 2 * step * above.drate_dmu);
    EXPECT_NEAR(below.drate_dmu, above.drate_dmu, 1e-12 * above.drate_dmu);
    EXPECT_NEAR(below.drate_dsigma, above.drate_dsigma, 1e-12 * above.rate / (5 * mV));
  }
}

TEST(AdiabaticRate, WithoutColourIsWhiteNoise) {
  const LifParameters n;
  EXPECT_EQ(siegert_adiabatic(18 * mV, 4 * mV, n).rate,
            siegert(18 * mV, 4 * mV, n, Correction::kNone).rate);
}

TEST(AdiabaticRate, DoesNotDependOnUnits) {
  const LifParameters si{.t_ref = 2 * ms, .tau_syn = 60 * ms};
  const LifParameters other{.tau_m = 20, .t_ref = 2, .V_th = 20, .V_reset = 10, .tau_syn = 60};
  const SiegertRate a = siegert_adiabatic(17 * mV, 5 * mV, si);
  const SiegertRate b = siegert_adiabatic(17, 5, other);
  EXPECT_NEAR(a.rate * 1e-3, b.rate, 1e-14 * b.rate);
  EXPECT_NEAR(a.drate_dsigma * 1e-6, b.drate_dsigma, 1e-13 * b.drate_dsigma);
}

TEST(AdiabaticRate, IsMonotoneInMuAndWithinItsBounds) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int k = 0; k < 20000; ++k) {
    const LifParameters n{.tau_m = 1,
                          .t_ref = k % 3 == 0 ? 0 : std::exp(-8 * unit(random)),
                          .V_th = 0,
                          .V_reset = -std::exp(8 * unit(random) - 4),
                          .tau_syn = std::exp(10 * unit(random) - 5)};
    const double sigma = std::exp(10 * unit(random) - 7), mu = 10 * unit(random) - 5;
    const SiegertRate r = siegert_adiabatic(mu, sigma, n);
    ASSERT_GE(r.rate, 0) << mu << " " << sigma;
    ASSERT_LE(r.rate, n.t_ref > 0 ? (1 + 4e-16) / n.t_ref : INFINITY) << mu << " " << sigma;
    ASSERT_GE(r.drate_dmu, 0) << mu << " " << sigma;
    ASSERT_TRUE(std::isfinite(r.log_rate) && std::isfinite(r.dlog_rate_dsigma));
  }
}

TEST(AdiabaticRate, AnyBitsGiveARateOrNaN) {
  std::mt19937_64 random(2);
  const auto any = [&random] {
    const std::uint64_t bits = random();
    double x = 0;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  };
  for (int k = 0; k < 200000; ++k) {
    const LifParameters n{std::abs(any()), std::abs(any()), any(), any(), std::abs(any())};
    const double mu = any(), sigma = std::abs(any());
    const SiegertRate r = siegert_adiabatic(mu, sigma, n);
    ASSERT_TRUE(std::isnan(r.rate) || (r.rate >= 0 && r.rate <= 1 / n.t_ref))
        << r.rate << " at mu " << mu << ", sigma " << sigma << ", tau_m " << n.tau_m << ", t_ref "
        << n.t_ref << ", V_th " << n.V_th << ", V_reset " << n.V_reset << ", tau_syn " << n.tau_syn;
  }
}

TEST(AdiabaticRate, OutsideItsDomainIsNaN) {
  const LifParameters n{.tau_syn = 50 * ms};
  EXPECT_TRUE(std::isnan(siegert_adiabatic(NAN, 1 * mV, n).rate));
  EXPECT_TRUE(std::isnan(siegert_adiabatic(1 * mV, -1 * mV, n).rate));
  EXPECT_TRUE(std::isnan(siegert_adiabatic(INFINITY, 1 * mV, n).log_rate));
  EXPECT_TRUE(std::isnan(siegert_adiabatic(0, 1 * mV, {.V_reset = 1, .tau_syn = 1}).rate));
}

// ----------------------------------------------------------------------- several time constants

constexpr std::array kRates{Correction::kNone, Correction::kShift, Correction::kTaylor,
                            Correction::kAdiabatic};

SiegertRate rate_of(double mu, const std::vector<FilteredVariance>& parts, LifParameters neuron,
                    Correction correction) {
  const EffectiveFilter filter = effective_filter(parts, correction);
  neuron.tau_syn = filter.tau_syn;
  const double sigma = std::sqrt(filter.variance);
  return siegert(mu, sigma, neuron, correction);
}

// Simulated rates (tools/reference/two_time_constants.cc): what is left is the error of the shift
// itself, 1 % at 2 ms, 12 % at 10 ms.
TEST(EffectiveFilter, GivesTheRatesOfSimulatedNeurons) {
  const test::CsvTable table("two_time_constants.csv");
  ASSERT_EQ(table.size(), 10U);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const std::array<FilteredVariance, 2> parts{
        {{at("tau_1_ms") * 1e-3, at("share_1")}, {at("tau_2_ms") * 1e-3, 1 - at("share_1")}}};
    const LifParameters neuron{20e-3, 2e-3, 20e-3, 10e-3, effective_filter(parts).tau_syn};
    const double rate = siegert(at("mu_mV") * 1e-3, at("sigma_mV") * 1e-3, neuron).rate;
    const double claimed = at("tau_2_ms") <= 2 ? 0.015 : 0.13;
    EXPECT_NEAR(rate, at("rate_Hz"), claimed * at("rate_Hz")) << "row " << i;
  }
}

TEST(EffectiveFilter, OfEqualTimeConstantsIsThatTimeConstant) {
  const std::vector<FilteredVariance> parts{{2 * ms, 3e-6}, {2 * ms, 1e-6}, {2 * ms, 0}};
  for (const Correction correction : kRates) {
    const EffectiveFilter filter = effective_filter(parts, correction);
    EXPECT_DOUBLE_EQ(filter.variance, 4e-6);
    EXPECT_NEAR(filter.tau_syn, 2 * ms, 1e-18);
  }
}

TEST(EffectiveFilter, AveragesRootsOfTimeConstants) {
  const std::vector<FilteredVariance> parts{{1 * ms, 1e-6}, {9 * ms, 3e-6}};
  EXPECT_NEAR(effective_filter(parts, Correction::kShift).tau_syn, 6.25 * ms, 1e-17);
}

TEST(EffectiveFilter, AddsTheVariancesOfSlowCurrents) {
  const std::vector<FilteredVariance> parts{{50 * ms, 1e-6}, {200 * ms, 4e-6}};
  const EffectiveFilter filter = effective_filter(parts, Correction::kAdiabatic);
  EXPECT_NEAR(filter.variance / filter.tau_syn, 1e-6 / (50 * ms) + 4e-6 / (200 * ms), 1e-18);
}

TEST(EffectiveFilter, IgnoresPartsWithoutVariance) {
  const std::vector<FilteredVariance> parts{{0, 0}, {5 * ms, 4e-6}};
  for (const Correction correction : kRates) {
    EXPECT_NEAR(effective_filter(parts, correction).tau_syn, 5 * ms, 1e-17);
  }
  EXPECT_EQ(effective_filter({}, Correction::kShift).tau_syn, 0);
  EXPECT_EQ(effective_filter({}, Correction::kShift).variance, 0);
}

TEST(EffectiveFilter, RefusesWhatItCannotRepresent) {
  const std::vector<FilteredVariance> parts{{1 * ms, 1e-6}, {0, 1e-6}};
  EXPECT_TRUE(std::isnan(effective_filter(parts, Correction::kShiftRefractory).tau_syn));
  EXPECT_TRUE(std::isnan(effective_filter(parts, Correction::kAdiabatic).tau_syn));
  const std::vector<FilteredVariance> negative{{1 * ms, -1e-6}};
  EXPECT_TRUE(std::isnan(effective_filter(negative).variance));
}

/// ∂ν/∂σ_k² by differences of sixth order.
double difference(double mu, std::vector<FilteredVariance> parts, std::size_t k,
                  const LifParameters& neuron, Correction correction) {
  const double variance = parts[k].variance, h = 1e-3 * variance;
  const auto at = [&](int n) {
    parts[k].variance = variance + n * h;
    return rate_of(mu, parts, neuron, correction).rate;
  };
  return (45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * h);
}

TEST(EffectiveFilter, DerivativesAgreeWithDifferences) {
  const std::vector<FilteredVariance> parts{{0.5 * ms, 6e-6}, {5 * ms, 9e-6}, {2 * ms, 4e-6}};
  const LifParameters neuron{.tau_m = 20 * ms, .t_ref = 2 * ms};
  for (const Correction correction : kRates) {
    for (const double mu : {14 * mV, 19 * mV, 26 * mV}) {
      const EffectiveFilter filter = effective_filter(parts, correction);
      const SiegertRate rate = rate_of(mu, parts, neuron, correction);
      for (std::size_t k = 0; k < parts.size(); ++k) {
        const double exact =
            drate_dvariance(mu, filter, rate, neuron, parts[k].tau_syn, correction);
        const double numeric = difference(mu, parts, k, neuron, correction);
        EXPECT_NEAR(exact, numeric, 1e-8 * std::abs(exact) + 1e-9 * rate.rate / filter.variance)
            << static_cast<int>(correction) << " " << mu << " " << k;
      }
    }
  }
}

TEST(EffectiveFilter, JacobianOfATwoPopulationNetworkAgreesWithDifferences) {
  // Excitation through τ_1, inhibition through τ_2, white external noise: σ_k² = B_k ν + b_k.
  const double weight[2] = {0.2 * mV, -0.8 * mV}, indegree[2] = {800, 200},
               tau[2] = {2 * ms, 8 * ms};
  const LifParameters neuron{.tau_m = 20 * ms, .t_ref = 2 * ms};
  const auto parts = [&](const double* nu) {
    std::vector<FilteredVariance> p;
    for (int k = 0; k < 2; ++k) {
      p.push_back({tau[k], neuron.tau_m * indegree[k] * weight[k] * weight[k] * nu[k]});
    }
    p.push_back({0, 9e-6});
    return p;
  };
  const auto mean = [&](const double* nu) {
    double mu = 16 * mV;
    for (int k = 0; k < 2; ++k) mu += neuron.tau_m * indegree[k] * weight[k] * nu[k];
    return mu;
  };
  const double nu[2] = {9, 8};
  const SiegertRate rate = rate_of(mean(nu), parts(nu), neuron, Correction::kShift);
  const EffectiveFilter filter = effective_filter(parts(nu));
  for (int j = 0; j < 2; ++j) {
    const double a = neuron.tau_m * indegree[j] * weight[j], b = a * weight[j];
    const double exact =
        rate.drate_dmu * a + drate_dvariance(mean(nu), filter, rate, neuron, tau[j]) * b;
    double moved[2] = {nu[0], nu[1]};
    const double h = 1e-3;
    const auto at = [&](int n) {
      moved[j] = nu[j] + n * h;
      return rate_of(mean(moved), parts(moved), neuron, Correction::kShift).rate;
    };
    const double numeric = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
    EXPECT_NEAR(exact, numeric, 1e-9 * std::abs(exact)) << j;
  }
}

}  // namespace
