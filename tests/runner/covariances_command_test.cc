#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/csv.h"
#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;
const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

ProcessResult nuphi(const std::string& arguments) {
  return run_shell("'" + kProgram + "' covariances " + arguments);
}

nlohmann::json json_of(const std::string& arguments) {
  const ProcessResult result = nuphi(arguments + " --output -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

TEST(CovariancesCommand, PopulationAveragesFollowTheirFormula) {
  const auto json = json_of(kModels + "brunel2000.yaml");
  const auto& W = json["effective_connectivity"]["values"];
  const double a = W[0][0], b = W[0][1];
  // Both rows are equal: P = 1 + W/(1 − a − b).
  const double gain = 1 / (1 - a - b);
  const double P[2][2] = {{1 + a * gain, b * gain}, {a * gain, 1 + b * gain}};
  const auto& D = json["noise_strength"]["values"];
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      const double expected = P[i][0] * P[j][0] * D[0].get<double>() / 10000 +
                              P[i][1] * P[j][1] * D[1].get<double>() / 2500;
      EXPECT_NEAR(json["population_covariance"]["values"][i][j], expected, 1e-13);
    }
  }
  EXPECT_EQ(json["resolution"], "populations");
  EXPECT_EQ(json["population_covariance"]["unit"], "Hz");
  EXPECT_EQ(json["linear_dynamics_stable"], true);
  EXPECT_EQ(json["unstable_modes"], 0);
  EXPECT_NEAR(json["spectral_bound"]["value"], std::max(0.0, a + b), 1e-10);
  EXPECT_TRUE(json["spectra"].is_null());
}

TEST(CovariancesCommand, AtFrequencyZeroTheSpectraAreTheTimeIntegratedCovariances) {
  const auto json = json_of(kModels + "microcircuit.yaml --frequencies 0:80:40");
  EXPECT_EQ(json["spectra"]["frequency"]["values"].size(), 3U);
  double largest = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      const double integrated = json["population_covariance"]["values"][i][j];
      largest = std::max(largest, std::abs(integrated));
      EXPECT_NEAR(json["spectra"]["population_covariance"]["re"][0][i][j], integrated,
                  1e-10 * largest);
      const double there = json["spectra"]["population_covariance"]["im"][1][i][j];
      const double back = json["spectra"]["population_covariance"]["im"][1][j][i];
      EXPECT_NEAR(there, -back, 1e-12 * largest) << i << j;
    }
  }
}

/// The 100 neurons of the reference as a model file.
std::string neurons_model(const TemporaryFolder& folder) {
  const CsvTable table("pairwise_network.csv");
  std::vector<std::string> indegrees(100 * 100, "0");
  std::vector<std::string> weights(100 * 100, "0");  // J = tau_syn W / C_m: 1 mV is 1 pA here
  for (std::size_t k = 0; k < table.size(); ++k) {
    const double J = table.number(k, "J");
    if (J == 0) continue;
    const auto at =
        static_cast<std::size_t>(100 * table.number(k, "row") + table.number(k, "column"));
    char pA[40];
    std::snprintf(pA, sizeof pA, "%.17g", J * 1e3);
    indegrees[at] = "1";
    weights[at] = pA;
  }
  const auto csv = [](const std::vector<std::string>& entries) {
    std::string text;
    for (std::size_t k = 0; k < entries.size(); ++k)
      text += entries[k] + (k % 100 == 99 ? "\n" : ",");
    return text;
  };
  write_file(folder / "K.csv", csv(indegrees));
  write_file(folder / "W.csv", csv(weights));
  std::string text =
      "schema: nuphi/1\nname: neurons\n"
      "neuron: {model: lif_exp, C_m: 1 pF, tau_m: 20 ms, t_ref: 2 ms, tau_syn_ex: 1 ms, "
      "tau_syn_in: 1 ms, E_L: 0 mV, V_th: 15 mV, V_reset: 0 mV}\npopulations:\n";
  for (int i = 0; i < 100; ++i) {
    text += "  - {name: n" + std::to_string(i) +
            ", size: 1, kind: " + (i < 80 ? "excitatory" : "inhibitory") + "}\n";
  }
  text +=
      "connections:\n  - matrix: {indegree: {file: K.csv}}\n"
      "    weight: {file: W.csv, unit: pA}\n    delay: 1.5 ms\n"
      "inputs:\n"
      "  - {to: all, poisson: {indegree: 1, rate: 25084.24 Hz, weight: 0.35 pA}}\n"
      "  - {to: all, poisson: {indegree: 1, rate: 5428.37 Hz, weight: -1.75 pA}}\n"
      "  - {to: all, dc: {current: 1 pA}}\n"
      "solve: {correction: shift}\n";
  write_file(folder / "neurons.yaml", text);
  return folder / "neurons.yaml";
}

TEST(CovariancesCommand, OfSingleNeuronsTheyMeetTheReference) {
  const TemporaryFolder folder;
  const auto json = json_of(neurons_model(folder) + " --frequencies 0");
  EXPECT_EQ(json["resolution"], "neurons");
  EXPECT_NEAR(json["spectral_bound"]["value"], 0.07826836699828585, 1e-9);
  const CsvTable table("pairwise_covariances.csv");
  for (std::size_t k = 0; k < table.size(); ++k) {
    const auto i = static_cast<std::size_t>(table.number(k, "row"));
    const auto j = static_cast<std::size_t>(table.number(k, "column"));
    const double C = json["pairwise_covariance"]["values"][i][j];
    EXPECT_NEAR(C, table.number(k, "covariance"), 1e-9 * 25) << i << " " << j;
    EXPECT_NEAR(json["spectra"]["pairwise_covariance"]["re"][0][i][j], C, 1e-10);
  }
  EXPECT_TRUE(json["population_covariance"].is_null());
}

TEST(CovariancesCommand, PopulationsNeedASize) {
  const TemporaryFolder folder;
  std::string text = read_file(kModels + "brunel2000.yaml");
  text.replace(text.find(", size: 2500"), std::string(", size: 2500").size(), "");
  write_file(folder / "m.yaml", text);
  const ProcessResult result = nuphi(folder / "m.yaml");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("population I has no size"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("m.yaml:25:5: error"), std::string::npos) << result.err;
}

TEST(CovariancesCommand, FrequenciesNeedDelaysAndTimeIntegratedOnesDoNot) {
  EXPECT_EQ(nuphi(kModels + "three_states.yaml").exit_code, 0);
  const ProcessResult result = nuphi(kModels + "three_states.yaml --frequencies 1:10:1");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("has no delay"), std::string::npos) << result.err;
}

TEST(CovariancesCommand, AboveASpectralBoundOfOneThereAreNone) {
  const TemporaryFolder folder;
  // The saddle of the bistable model: an eigenvalue beyond 1.
  write_file(folder / "saddle.csv", "population,rate\nA,7.385645130483143\nB,12.72020908381277\n");
  const auto json = json_of(kModels + "bistable.yaml --initial " + folder / "saddle.csv");
  EXPECT_EQ(json["linear_dynamics_stable"], false);
  EXPECT_GT(json["spectral_bound"]["value"], 1);
  EXPECT_TRUE(json["pairwise_covariance"].is_null());
  EXPECT_NE(json["notes"][0]["message"].get<std::string>().find("not below 1"), std::string::npos);
}

TEST(CovariancesCommand, CsvHasOneRowAPair) {
  const ProcessResult result = nuphi(kModels + "brunel2000.yaml --output /dev/stdout");
  EXPECT_EQ(result.exit_code, 2);  // no extension
  const TemporaryFolder folder;
  ASSERT_EQ(nuphi(kModels + "brunel2000.yaml --output " + folder / "c.csv").exit_code, 0);
  const std::string text = read_file(folder / "c.csv");
  EXPECT_NE(text.find("\ntarget,source,effective_connectivity,population_covariance,pairwise_"
                      "covariance,correlation\nE,E,"),
            std::string::npos)
      << text;
  ASSERT_EQ(
      nuphi(kModels + "brunel2000.yaml --frequencies 1:5:1 --output " + folder / "f.csv").exit_code,
      0);
  const std::string spectra = read_file(folder / "f.csv");
  EXPECT_NE(spectra.find("\n5,I,I,"), std::string::npos) << spectra;
}

TEST(CovariancesCommand, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(nuphi(kModels + "brunel2000.yaml --noise pink").exit_code, 2);
  EXPECT_EQ(nuphi(kModels + "brunel2000.yaml --frequencies 5:1:1").exit_code, 2);
  EXPECT_EQ(nuphi(kModels + "nowhere.yaml").exit_code, 5);
}

}  // namespace
}  // namespace nuphi::test
