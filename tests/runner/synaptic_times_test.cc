// The commands on a model whose neurons have synapses of several time constants.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

namespace nuphi::test {
namespace {

const std::string kModel = NUPHI_SOURCE_DIR "/examples/models/synaptic_times.yaml";

/// The example with another correction.
std::string with_correction(const TemporaryFolder& folder, const std::string& correction) {
  std::string text = read_file(kModel);
  text.resize(text.find("solve:"));
  write_file(folder / "m.yaml", text + "solve: {correction: " + correction + "}\n");
  return "'" + (folder / "m.yaml") + "'";
}

TEST(SynapticTimes, EveryCommandKnowsThem) {
  for (const char* command : {"solve", "solve --all", "sensitivity", "stability", "describe",
                              "check", "spectra --frequencies 10:100:10", "covariances",
                              "continue --parameter g --from 6 --to 7", "curve --population E"}) {
    const ProcessResult result = nuphi(std::string(command) + " " + kModel);
    EXPECT_EQ(result.exit_code, 0) << command << '\n' << result.err;
  }
}

TEST(SynapticTimes, DescriptionsShowThem) {
  EXPECT_NE(nuphi("describe " + kModel).out.find("tau_syn 0.5 ms"), std::string::npos);
  const auto json = nlohmann::json::parse(nuphi("describe " + kModel + " --output -").out);
  ASSERT_EQ(json["inputs"].size(), 2U);
  EXPECT_EQ(json["inputs"][0]["type"], "poisson");
  EXPECT_EQ(json["inputs"][0]["tau_syn"]["value"], 0.5e-3);
}

TEST(SynapticTimes, TheCurveOfAPopulationHoldsTheEffectiveOne) {
  const ProcessResult result = nuphi("curve --population E " + kModel);
  EXPECT_NE(result.out.find("effective"), std::string::npos) << result.out;
}

TEST(SynapticTimes, DescribedYamlSolvesToTheSameRates) {
  const TemporaryFolder folder;
  const ProcessResult described =
      nuphi("describe " + kModel + " --output '" + (folder / "d.yaml") + "'");
  ASSERT_EQ(described.exit_code, 0) << described.err;
  EXPECT_EQ(nuphi("check '" + (folder / "d.yaml") + "'").exit_code, 0);
}

TEST(SynapticTimes, WithTheCorrectionAdiabaticTheCvIsNullAndSaysWhy) {
  const TemporaryFolder folder;
  const std::string model = with_correction(folder, "adiabatic");
  const ProcessResult result = nuphi("solve " + model + " --output -");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto cv = nlohmann::json::parse(result.out)["fixed_points"][0]["cv"];
  EXPECT_TRUE(cv["values"][0].is_null()) << cv;
  EXPECT_NE(cv["reason"].get<std::string>().find("adiabatic"), std::string::npos);
  EXPECT_NE(nuphi("solve " + model).out.find("the CV is not known"), std::string::npos);
}

TEST(SynapticTimes, WhatHasNoResponseIsRefusedWithTheReason) {
  for (const char* correction : {"adiabatic", "taylor"}) {
    const TemporaryFolder folder;
    const std::string model = with_correction(folder, correction);
    for (const char* command : {"stability", "spectra --frequencies 1:9:1"}) {
      const ProcessResult result = nuphi(std::string(command) + " " + model);
      EXPECT_EQ(result.exit_code, 3);
      EXPECT_NE(result.err.find("unknown-response"), std::string::npos) << result.err;
    }
    const ProcessResult branch =
        nuphi("continue --parameter g --from 6 --to 6.2 " + model + " --output -");
    EXPECT_EQ(branch.exit_code, 0) << "a branch needs no response" << branch.err;
    EXPECT_NE(branch.out.find("not looked for: the dynamic response is not known"),
              std::string::npos);
  }
}

TEST(SynapticTimes, RenewalNoiseNeedsACv) {
  const TemporaryFolder folder;
  const std::string model = with_correction(folder, "adiabatic");
  EXPECT_NE(nuphi("covariances " + model).out.find("--noise poisson"), std::string::npos);
  EXPECT_EQ(nuphi("covariances --noise poisson " + model).exit_code, 0);
}

TEST(SynapticTimes, ShiftRefractoryIsRefusedAtItsPlace) {
  const TemporaryFolder folder;
  const ProcessResult result = nuphi("solve " + with_correction(folder, "shift_refractory"));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("m.yaml:8:"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("unequal-tau-syn"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace nuphi::test
