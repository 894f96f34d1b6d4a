#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;
const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

ProcessResult curve(const std::string& arguments) {
  return run_shell("'" + kProgram + "' curve " + arguments);
}

nlohmann::json curve_json(const std::string& arguments) {
  const ProcessResult result = curve(arguments + " --output -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out, nullptr, false);
}

std::vector<double> values(const nlohmann::json& json, const char* key, std::size_t k = 0) {
  return json["curves"][k][key]["values"].get<std::vector<double>>();
}

TEST(CurveCommand, WithoutNoiseItIsTheTextbookCurve) {
  const auto json = curve_json("--sigma '0 mV' --from '21 mV' --to '41 mV' --points 3");
  const auto mu = values(json, "stimulus"), rate = values(json, "rate"), cv = values(json, "cv");
  ASSERT_EQ(rate.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const double expected = 1 / (2e-3 + 20e-3 * std::log((mu[i] - 10e-3) / (mu[i] - 20e-3)));
    EXPECT_NEAR(rate[i], expected, 1e-12 * expected);
    EXPECT_EQ(cv[i], 0);
  }
  EXPECT_EQ(mu.front(), 0.021);
  EXPECT_EQ(mu.back(), 0.041);
}

TEST(CurveCommand, TheGainIsTheSlopeForEachStimulus) {
  for (const std::string stimulus : {"mean --sigma '3 mV' --from '15 mV' --to '15.0002 mV'",
                                     "current --neuron 'C_m=250 pF' --mean '15 mV' --sigma '3 mV' "
                                     "--from '10 pA' --to '10.002 pA'",
                                     "sigma --mean '15 mV' --from '3 mV' --to '3.0001 mV'"}) {
    const auto json = curve_json("--points 3 --stimulus " + stimulus);
    const auto s = values(json, "stimulus"), rate = values(json, "rate"),
               gain = values(json, "gain");
    const double slope = (rate[2] - rate[0]) / (s[2] - s[0]);
    EXPECT_NEAR(slope, gain[1], 1e-7 * gain[1]) << stimulus;
  }
}

TEST(CurveCommand, ACurrentIsAMeanInputThroughTheMembraneResistance) {
  const std::string common = " --sigma '2 mV' --points 5 --neuron 'tau_m=10 ms, C_m=250 pF'";
  const auto current = curve_json("--stimulus current --from '0 pA' --to '500 pA'" + common);
  const auto mean = curve_json("--stimulus mean --from '0 mV' --to '20 mV'" + common);
  const auto a = values(current, "rate"), b = values(mean, "rate");
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-11 * b[i]);
}

TEST(CurveCommand, OneCurveForEachNoise) {
  const auto json = curve_json("--sigma '1 mV, 2 mV,5mV' --points 4");
  ASSERT_EQ(json["curves"].size(), 3U);
  EXPECT_EQ(json["curves"][2]["held"]["value"], 0.005);
  // Below threshold noise raises the rate.
  EXPECT_LT(values(json, "rate", 0)[0], values(json, "rate", 2)[0]);
}

TEST(CurveCommand, VoltagesAreAbsoluteWithARestingPotential) {
  const auto json = curve_json(
      "--neuron 'E_L=-65 mV, V_th=-45 mV, V_reset=-55 mV' --sigma '2 mV' --from '18 mV' --to '19 "
      "mV' "
      "--points 2");
  const auto plain = curve_json("--sigma '2 mV' --from '18 mV' --to '19 mV' --points 2");
  EXPECT_NEAR(values(json, "rate")[1], values(plain, "rate")[1], 1e-11);
}

TEST(CurveCommand, APopulationStandsOnItsCurve) {
  for (const std::string stimulus : {"mean", "sigma", "current"}) {
    const auto json = curve_json("'" + kModels + "microcircuit.yaml' --population 4E --stimulus " +
                                 stimulus + " --points 3");
    const ProcessResult solved =
        run_shell("'" + kProgram + "' solve '" + kModels + "microcircuit.yaml' --output -");
    const auto solution = nlohmann::json::parse(solved.out);
    const auto& names = solution["populations"];
    std::size_t index = 0;
    while (names[index] != "4E") ++index;
    const double rate = solution["fixed_points"][0]["rate"]["values"][index];
    EXPECT_NEAR(json["stationary_state"]["rate"]["value"], rate, 1e-8 * rate) << stimulus;
  }
}

TEST(CurveCommand, TheCsvHasOneHeaderRowAndRoundTrips) {
  const TemporaryFolder folder;
  ASSERT_EQ(curve("--points 5 --sigma '1 mV,2 mV' --output " + folder / "c.csv").exit_code, 0);
  std::stringstream text(read_file(folder / "c.csv"));
  std::string line;
  int rows = 0;
  bool header = false;
  while (std::getline(text, line)) {
    if (!header) {
      if (line.starts_with("#")) continue;
      EXPECT_EQ(line, "mu,sigma,rate,log_rate,gain,drate_dmu,drate_dsigma,cv");
      header = true;
    } else {
      EXPECT_NE(line.front(), '#');
      ++rows;
    }
  }
  EXPECT_EQ(rows, 10);
}

TEST(CurveCommand, TheTableComesWithAPlotOnATerminalOrOnDemand) {
  const ProcessResult plain = curve("--points 5"), plot = curve("--points 5 --plot");
  EXPECT_NE(plain.out.find("rate (Hz) at σ = 1 mV"), std::string::npos) << plain.out;
  EXPECT_EQ(plain.out.find("+-----"), std::string::npos);
  EXPECT_NE(plot.out.find("+-----"), std::string::npos);
  EXPECT_NE(plot.out.find("* σ = 1 mV"), std::string::npos);
}

TEST(CurveCommand, TheSvgHasALineForEachCurve) {
  const TemporaryFolder folder;
  ASSERT_EQ(curve("--sigma '1 mV,2 mV' --output " + folder / "c.svg").exit_code, 0);
  const std::string svg = read_file(folder / "c.svg");
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_NE(svg.find("σ = 2 mV"), std::string::npos);
}

TEST(CurveCommand, BadInputIsAUsageErrorThatSaysWhatIsAllowed) {
  const std::string brunel = "'" + kModels + "brunel2000.yaml' ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"--neuron 'tau=10 ms'", "allowed are tau_m, t_ref, E_L"},
      {"--neuron 'tau_m=10'", "--neuron tau_m"},
      {"--neuron 'tau_m=10 mV'", "--neuron tau_m"},
      {"--neuron 'tau_m'", "write name=value"},
      {"--neuron 'tau_m=-1 ms'", "tau_m must be above 0"},
      {"--neuron 'V_th=5 mV'", "V_reset is not below V_th"},
      {"--neuron 'V_th=25 mV, V_th=26 mV'", "given twice"},
      {"--neuron 'E_L=-65 mV'", "give both"},
      {"--stimulus rate", "allowed are mean, current, sigma"},
      {"--stimulus current", "needs C_m"},
      {"--stimulus sigma --from '-1 mV'", "sigma is at least 0"},
      {"--sigma '-1 mV'", "at least 0"},
      {"--sigma '1 mV,'", "--sigma"},
      {"--from '10'", "--from"},
      {"--from '10 mV' --to '10 mV'", "are equal"},
      {"--points 1", "from 2 to"},
      {"--mean '3 mV'", "it is what --stimulus mean varies"},
      {"--population E", "needs a model"},
      {"--correction foo", "allowed are none, shift"},
      {brunel + "--neuron 'tau_m=1 ms'", "a model has its own"},
      {brunel, "--population is missing: one of E, I"},
      {brunel + "--population X", "the model has E, I"},
      {"--output c.png", "allowed are .json, .csv, .svg"}};
  for (const auto& [arguments, message] : cases) {
    const ProcessResult result = curve(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_NE(result.err.find(message), std::string::npos) << arguments << "\n" << result.err;
  }
  EXPECT_EQ(curve("nowhere.yaml --population E").exit_code, 5);
}

}  // namespace
}  // namespace nuphi::test
