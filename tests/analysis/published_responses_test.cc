// Responses and spectra against the figures of papers, in the papers' approximations.
#include <gtest/gtest.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/core/units.h>

#include <cmath>
#include <complex>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>

#include "analysis/bos2016_network.h"
#include "support/csv.h"

namespace nuphi::test {
namespace {

using namespace units;

using Complex = std::complex<double>;
using Json = nlohmann::json;

double omega_of(double frequency) { return 2 * std::numbers::pi * frequency; }

/// Published data that is not part of the project; null where it is not at hand.
Json shared(const std::string& name) {
  const std::string path = NUPHI_SOURCE_DIR "/../shared/reference/networks/" + name;
  return std::filesystem::exists(path) ? Json::parse(std::ifstream(path)) : Json();
}

std::string why_skipped(const std::string& name) {
  return "needs " + name +
         ", data published with the paper that may not be copied into this repository; it is "
         "looked "
         "for in shared/reference/networks beside the checkout";
}

double number(const Json& json) { return json.get<double>(); }

const LifParameters kSchuecker{
    .tau_m = 20 * ms, .t_ref = 0, .V_th = 20 * mV, .V_reset = 15 * mV, .tau_syn = 0.5 * ms};

TEST(Schuecker2015, ShiftAndTaylorAgreeWithTheTable) {
  const CsvTable table("schuecker2015.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double mu = table.number(row, "mu"), sigma = table.number(row, "sigma");
    for (const auto& [correction, name] : {std::pair{Correction::kShift, std::string("shift")},
                                           std::pair{Correction::kTaylor, std::string("taylor")}}) {
      const DynamicResponse response(mu, sigma, kSchuecker, correction, Refractoriness::kRateOnly);
      const Complex expected(table.number(row, name + "_re"), table.number(row, name + "_im"));
      const Complex found = response.at_frequency(omega_of(table.number(row, "frequency"))).d_mu;
      EXPECT_LE(std::abs(found - expected), 1e-10 * std::abs(expected)) << name << ", row " << row;
      const double rate = table.number(row, "rate_" + name);
      EXPECT_NEAR(response.rate(), rate, 1e-12 * rate);
    }
  }
}

/// The paper's curves shift the boundaries; its value at zero frequency is the derivative of the
/// taylor rate.
TEST(Schuecker2015, AgreesWithThePapersOwnCode) {
  const Json data = shared("schuecker2015.json");
  if (data.is_null()) GTEST_SKIP() << why_skipped("schuecker2015.json");
  for (const Json& line : data["outputs"]["original_code"]) {
    const auto response = [&](Correction correction) {
      return DynamicResponse(number(line["mu_V"]), number(line["sigma_V"]), kSchuecker, correction,
                             Refractoriness::kRateOnly);
    };
    const double zero = number(line["zero_freq_Hz_per_mV"]);
    EXPECT_NEAR(response(Correction::kTaylor).at_frequency(0).d_mu.real() * mV, zero,
                1e-9 * zero);  // 40 digits: 10.29369786512295 at the second point
    const DynamicResponse shifted = response(Correction::kShift);
    for (std::size_t k = 0; k < line["frequencies_Hz"].size(); ++k) {
      const Complex found =
          shifted.at_frequency(omega_of(number(line["frequencies_Hz"][k]))).d_mu * mV;
      const double modulus = number(line["absolute_value_Hz_per_mV"][k]);
      EXPECT_NEAR(std::abs(found), modulus, 1e-10 * modulus) << k;
      EXPECT_NEAR(std::arg(found) * 180 / std::numbers::pi, number(line["phase_deg"][k]), 1e-8)
          << k;
    }
  }
}

TEST(Bos2016, TaylorAgreesWithTheTable) {
  const CsvTable table("bos2016_taylor.csv");
  Network network = bos2016();
  network.correction = Correction::kTaylor;
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const auto n = static_cast<std::size_t>(result.state.rates.size());
  Eigen::VectorXd frequencies(static_cast<Eigen::Index>(table.size() / n));
  for (Eigen::Index k = 0; k < frequencies.size(); ++k)
    frequencies[k] = table.number(static_cast<std::size_t>(k) * n, "frequency");
  const Spectra found = spectra(network, result.state, frequencies, published());
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto k = static_cast<Eigen::Index>(row / n), i = static_cast<Eigen::Index>(row % n);
    const Complex transfer(table.number(row, "transfer_re"), table.number(row, "transfer_im"));
    const Complex filter = 1.0 / Complex(1, omega_of(frequencies[k]) * 0.5 * ms);
    EXPECT_NEAR(result.state.rates[i], table.number(row, "rate"), 1e-9 * result.state.rates[i]);
    EXPECT_LE(std::abs(found.response_mu(k, i) * filter - transfer), 1e-8 * std::abs(transfer));
    EXPECT_NEAR(found.power(k, i), table.number(row, "power"), 1e-8 * found.power(k, i));
  }
}

TEST(Bos2016, AgreesWithThePapersOwnCodeAsFarAsItsInputsAreRounded) {
  const Json data = shared("bos2016_original.json");
  if (data.is_null()) GTEST_SKIP() << why_skipped("bos2016_original.json");
  const Json& outputs = data["outputs"];
  Network network = bos2016();
  network.correction = Correction::kTaylor;
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const auto list = outputs["frequencies_Hz"].get<std::vector<double>>();
  const Spectra found = spectra(
      network, result.state,
      Eigen::Map<const Eigen::VectorXd>(list.data(), static_cast<Eigen::Index>(list.size())),
      published());
  const Json& transfer = outputs["transfer_function_no_filter_Hz_per_mV"];
  for (std::size_t k = 0; k < list.size(); ++k) {
    for (std::size_t i = 0; i < 8; ++i) {
      const auto row = static_cast<Eigen::Index>(k), column = static_cast<Eigen::Index>(i);
      const Complex expected(number(transfer["re"][k][i]), number(transfer["im"][k][i]));
      EXPECT_LE(std::abs(found.response_mu(row, column) * mV - expected),
                5e-5 * std::abs(expected));
      const double power = std::sqrt(number(outputs["power_spectra_bos_code"][k][i]));
      EXPECT_NEAR(found.power(row, column), power, 3e-4 * power) << list[k] << " Hz, " << i;
    }
  }
}

}  // namespace
}  // namespace nuphi::test
