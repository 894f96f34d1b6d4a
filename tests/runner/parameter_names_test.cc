#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

namespace nuphi::test {
namespace {

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";
const std::string kBrunel = kModels + "brunel2000.yaml";

double rate(const nlohmann::json& json, std::size_t k = 0) {
  return json["fixed_points"][0]["rate"]["values"][k];
}

TEST(ParameterNames, SetTakesParametersEntriesAndNeurons) {
  const auto json = json_of("solve '" + kModels +
                            "microcircuit.yaml' --set 'indegree[23E<-4E]=0' 'input_rate[4E]=9 Hz' "
                            "--set 'neuron.tau_m[23E]=12 ms'");
  // What is needed to repeat the run.
  EXPECT_EQ(json["parameters"]["indegree[23E<-4E]"]["value"], 0);
  EXPECT_EQ(json["parameters"]["input_rate[4E]"], nlohmann::json({{"unit", "Hz"}, {"value", 9}}));
  EXPECT_EQ(json["parameters"]["neuron.tau_m[23E]"],
            nlohmann::json({{"unit", "s"}, {"value", 12e-3}}));
  const auto without = json_of("solve '" + kModels + "microcircuit.yaml'");
  EXPECT_GT(std::abs(rate(json) - rate(without)), 0.1);
}

TEST(ParameterNames, ANumberOfTheFileAndItsNameGiveTheSame) {
  // C_E is the in-degree of excitation and of the background, C_E/4 that of inhibition.
  const auto by_file = json_of("solve '" + kBrunel + "' --set eta=3");
  const double nu_ext = 3 * 20e-3 / (1000 * 1e-4 * 20e-3);
  const auto by_name =
      json_of("solve '" + kBrunel + "' --set 'input_rate[E]=" + std::to_string(nu_ext) +
              " Hz' 'input_rate[I]=" + std::to_string(nu_ext) + " Hz'");
  EXPECT_NEAR(rate(by_name), rate(by_file), 1e-9 * rate(by_file));
}

TEST(ParameterNames, EveryCommandTakesThem) {
  for (const char* command :
       {"solve", "check", "describe", "stability", "sensitivity", "spectra --frequencies 10:20:10",
        "covariances", "curve --population E --from '1 mV' --to '2 mV' --points 2"}) {
    const std::string words = command;
    const std::string first = words.substr(0, words.find(' '));
    const std::string rest = words.substr(first.size());
    const ProcessResult good =
        nuphi(first + " '" + kBrunel + "'" + rest + " --set 'indegree[E<-I]=251'");
    // `check` finds other rates than the file expects.
    EXPECT_EQ(good.exit_code, first == "check" ? 1 : 0) << command << good.err;
    const ProcessResult bad =
        nuphi(first + " '" + kBrunel + "'" + rest + " --set 'indegree[E<-X]=251'");
    EXPECT_EQ(bad.exit_code, 2) << command;
    EXPECT_NE(bad.err.find("there is no population \"X\""), std::string::npos) << bad.err;
  }
}

TEST(ParameterNames, ABranchOverAnEntryEndsWhereTheModelWithItSetHasItsState) {
  const auto branch = json_of("continue '" + kBrunel +
                              "' --parameter 'neuron.tau_m[I]' --from '20 ms' --to '15 ms' "
                              "--special fold --set 'indegree[E<-E]=990'");
  EXPECT_EQ(branch["parameters"]["indegree[E<-E]"]["value"], 990);
  const auto& last = branch["branch"].back();
  EXPECT_DOUBLE_EQ(last["value"].get<double>(), 15e-3);
  const auto there =
      json_of("solve '" + kBrunel + "' --set 'indegree[E<-E]=990' 'neuron.tau_m[I]=15 ms'");
  for (std::size_t k = 0; k < 2; ++k) {
    const double found = last["rate"]["values"][k];
    EXPECT_NEAR(found, rate(there, k), 1e-8 * rate(there, k));
  }
}

TEST(ParameterNames, DelaysMoveModesAndNoRates) {
  const auto branch = json_of("continue '" + kBrunel +
                              "' --parameter 'delay[I<-I]' --from '0.2 ms' --to '0.5 ms' "
                              "--step '0.1 ms' --set 'delay[E<-I]=0.2 ms'");
  const double first = branch["branch"][0]["rate"]["values"][0];
  for (const auto& point : branch["branch"]) {
    const double here = point["rate"]["values"][0];
    EXPECT_NEAR(here, first, 1e-9 * first);
  }
  const auto there =
      json_of("stability '" + kBrunel + "' --set 'delay[I<-I]=0.5 ms' 'delay[E<-I]=0.2 ms'");
  EXPECT_EQ(branch["branch"].back()["unstable_modes"], there["unstable_modes"]);
  EXPECT_NE(branch["branch"].front()["unstable_modes"], there["unstable_modes"]);
}

TEST(ParameterNames, TwoEntriesSpanAPlane) {
  const auto json =
      json_of("continue '" + kModels +
              "bistable.yaml' --parameter 'noise_mean[A]' --from '15 mV' --to '22 mV' "
              "--two-parameter 'noise_mean[A],weight[A<-B]' --special fold "
              "--second-from '-0.3 mV' --second-to '-0.05 mV'");
  EXPECT_EQ(json["parameter"], "noise_mean[A]");
  EXPECT_EQ(json["special_points"].size(), 2U);
  EXPECT_EQ(json["fold_curves"].size(), 2U);
}

TEST(ParameterNames, AFitFreesThem) {
  const std::string target = testing::TempDir() + "/target_of_names.csv";
  std::ofstream(target) << "population,rate\nE,36\n";
  const auto json =
      json_of("fit '" + kBrunel + "' --target '" + target + "' --free 'neuron.V_th[E]'");
  EXPECT_TRUE(json["targets_met"]);
  char set[100];
  std::snprintf(set, sizeof set, " --set 'neuron.V_th[E]=%.17g V'",
                json["parameters"]["neuron.V_th[E]"]["value"].get<double>());
  EXPECT_NEAR(rate(json_of("solve '" + kBrunel + "'" + set)), 36, 1e-7);
}

TEST(ParameterNames, SensitivityOfANeuronParameterFollowsTheFile) {
  // Brunel's tau is every τ_m and the unit of the background's rate; of delta synapses nothing else
  // follows from τ_m.
  const auto json =
      json_of("sensitivity '" + kBrunel + "' --parameter 'neuron.tau_m[*]' 'tau_m[*]'");
  ASSERT_EQ(json["sensitivities"].size(), 4U);
  for (std::size_t k = 0; k < 2; ++k) {
    const auto& of_file = json["sensitivities"][k];
    const auto& entry = json["sensitivities"][k + 2];
    EXPECT_EQ(of_file["parameter"], "neuron." + entry["parameter"].get<std::string>());
    for (std::size_t i = 0; i < 2; ++i) {
      const double expected = entry["drate"]["values"][i];
      EXPECT_NEAR(of_file["drate"]["values"][i].get<double>(), expected, 1e-9 * std::abs(expected));
    }
  }
}

}  // namespace
}  // namespace nuphi::test
