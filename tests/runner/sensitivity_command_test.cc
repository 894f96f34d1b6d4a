#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;
const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

ProcessResult sensitivity(const std::string& arguments) {
  return run_shell("'" + kProgram + "' sensitivity " + arguments);
}

nlohmann::json json_of(const std::string& arguments) {
  const ProcessResult result = sensitivity(arguments + " --output -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

nlohmann::json entry(const nlohmann::json& json, const std::string& name) {
  for (const auto& s : json["sensitivities"]) {
    if (s["parameter"] == name) return s;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

TEST(SensitivityCommand, SaysWhatIsWrongWithTheNameOfAnEntryAndWhatThereIs) {
  const auto message = [](const std::string& name) {
    const ProcessResult result =
        sensitivity(kModels + "brunel2000.yaml --parameter '" + name + "'");
    EXPECT_EQ(result.exit_code, 2) << name;
    return result.err;
  };
  const auto has = [&](const std::string& name, const std::string& text) {
    EXPECT_NE(message(name).find(text), std::string::npos) << message(name);
  };
  has("indegree[E<-",
      "\"indegree[E<-\" has no closing bracket; entries of this kind are "
      "indegree[E<-E], indegree[I<-E], indegree[E<-I], indegree[I<-I]");
  has("neuron.foo[E]",
      "the neurons of E have no parameter \"foo\"; they have tau_m, t_ref, E_L, V_th");
  has("foo[E]",
      "no entries of the kind \"foo\"; it has indegree, weight, weight_cv, "
      "input_indegree");
  has("indegree[23E<-E]", "there is no population \"23E\"; there are E, I");
  has("indegree[E<-X]", "there is no population \"X\"; there are E, I");
  has("weight[E]", "the network has no entry \"weight[E]\"; entries of this kind are weight[E<-E]");
  has("tau_m",
      "\"tau_m\" does not say of which population; entries of this kind are tau_m[E], "
      "tau_m[I]");
  has("foo", "the model has no parameter \"foo\"; its parameters are: J, g");
}

TEST(SensitivityCommand, GivesEveryParameterOfTheFileWithItsUnits) {
  const auto json = json_of(kModels + "brunel2000.yaml");
  EXPECT_EQ(json["format"], "nuphi-result/1");
  EXPECT_EQ(json["summary"]["termination"], "converged");
  EXPECT_EQ(json["sensitivities"].size(), json["parameters"].size());
  const auto J = entry(json, "J");
  EXPECT_EQ(J["unit"], "V");
  EXPECT_EQ(J["value"], 1e-4);
  EXPECT_EQ(J["drate"]["unit"], "Hz/V");
  EXPECT_EQ(J["elasticity"]["unit"], "1");
  EXPECT_EQ(entry(json, "g")["drate"]["unit"], "Hz");
  const double rate = json["rate"]["values"][0];
  const double drate = J["drate"]["values"][0];
  EXPECT_NEAR(J["elasticity"]["values"][0], drate * 1e-4 / rate, 1e-12);
  // The rates depend on eta and nu_thr through their product alone.
  EXPECT_NEAR(entry(json, "eta")["elasticity"]["values"][0],
              entry(json, "nu_thr")["elasticity"]["values"][0], 1e-10);
}

TEST(SensitivityCommand, AgreesWithSolvingForOtherValues) {
  const auto rate = [&](const std::string& g) {
    const ProcessResult result = run_shell("'" + kProgram + "' solve " + kModels +
                                           "brunel2000.yaml --output - --set g=" + g);
    return nlohmann::json::parse(result.out)["fixed_points"][0]["rate"]["values"][0].get<double>();
  };
  const double difference =
      (8 * (rate("5.001") - rate("4.999")) - rate("5.002") + rate("4.998")) / (12 * 0.001);
  const double found = entry(json_of(kModels + "brunel2000.yaml"), "g")["drate"]["values"][0];
  EXPECT_NEAR(found, difference, 1e-8 * std::abs(difference));
}

TEST(SensitivityCommand, SetAndInitialChooseTheState) {
  const TemporaryFolder folder;
  write_file(folder / "start.csv", "population,rate\nA,25\nB,0.3\n");
  const auto json =
      json_of(kModels + "bistable.yaml --initial " + folder / "start.csv" + " --set 'J=0.061 mV'");
  EXPECT_EQ(json["parameters"]["J"]["value"], 6.1e-5);
  EXPECT_GT(json["rate"]["values"][0], 20.0);
}

TEST(SensitivityCommand, TakesNamesAndPatternsOfNetworkEntries) {
  const auto json = json_of(kModels + "microcircuit.yaml --parameter 'input_rate[*]' 'tau_m[4E]'");
  ASSERT_EQ(json["sensitivities"].size(), 9U);
  EXPECT_EQ(json["sensitivities"][0]["parameter"], "input_rate[23E]");
  EXPECT_EQ(json["sensitivities"][8]["parameter"], "tau_m[4E]");
  EXPECT_EQ(json["sensitivities"][8]["drate"]["unit"], "Hz/s");
  EXPECT_EQ(json["sensitivities"][0]["drate"]["values"].size(), 8U);
  // A model without parameters of its own: all entries.
  EXPECT_GT(json_of(kModels + "microcircuit.yaml")["sensitivities"].size(), 200U);
}

TEST(SensitivityCommand, CsvHasOneRowPerParameterAndPopulation) {
  const TemporaryFolder folder;
  EXPECT_EQ(
      sensitivity(kModels + "brunel2000.yaml --parameter g --output " + folder / "s.csv").exit_code,
      0);
  const std::string text = read_file(folder / "s.csv");
  EXPECT_NE(text.find("\nparameter,unit,value,population,rate,drate,elasticity\ng,1,5,E,37.94"),
            std::string::npos)
      << text;
}

TEST(SensitivityCommand, TableShowsDerivativesInUnitsOfPeople) {
  const ProcessResult result = sensitivity(kModels + "brunel2000.yaml");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("dlnν/dlnp"), std::string::npos);
  EXPECT_NE(result.out.find("mV"), std::string::npos);
}

TEST(SensitivityCommand, FailuresHaveTheirExitCodes) {
  const TemporaryFolder folder;
  EXPECT_EQ(sensitivity(kModels + "brunel2000.yaml --parameter nosuch").exit_code, 2);
  EXPECT_EQ(sensitivity(kModels + "brunel2000.yaml --set nosuch=1").exit_code, 2);
  EXPECT_EQ(sensitivity(kModels + "brunel2000.yaml --output s.yaml").exit_code, 2);
  EXPECT_EQ(sensitivity("/nonexistent/m.yaml").exit_code, 5);
  std::string model = read_file(kModels + "microcircuit.yaml");
  model.insert(model.find("correction: shift"), "method: newton, max_iterations: 1, ");
  write_file(folder / "m.yaml", model);
  const ProcessResult stuck = sensitivity(folder / "m.yaml --output -");
  EXPECT_EQ(stuck.exit_code, 4);
  const auto json = nlohmann::json::parse(stuck.out);
  EXPECT_TRUE(json["sensitivities"].empty());
  EXPECT_TRUE(json.contains("best_point"));
}

}  // namespace
}  // namespace nuphi::test
