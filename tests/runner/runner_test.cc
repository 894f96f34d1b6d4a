#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;
const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

nlohmann::json solve_json(const std::string& arguments) { return json_of("solve " + arguments); }

TEST(Runner, HelpAndVersionSucceedAndNameTheCommands) {
  EXPECT_EQ(nuphi("--version").exit_code, 0);
  EXPECT_EQ(nuphi("--version").out.rfind("nuphi 0.", 0), 0U);
  const ProcessResult help = nuphi("--help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command : {"solve", "continue", "siegert", "check", "describe", "init"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
    EXPECT_EQ(nuphi(std::string(command) + " --help").exit_code, 0) << command;
  }
}

TEST(Runner, MisuseOfTheCommandLineExitsWithTwo) {
  EXPECT_EQ(nuphi("").exit_code, 2);
  EXPECT_EQ(nuphi("sovle x.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve").exit_code, 2);
  EXPECT_EQ(nuphi("solve --tolerence 1 " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --method newtn " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --set nosuch=3 " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --set 'J=0.2' " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --set 'J=0.2 ms' " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --set g " + kModels + "brunel2000.yaml").exit_code, 2);
  EXPECT_EQ(nuphi("solve --output rates.xlsx " + kModels + "brunel2000.yaml").exit_code, 2);
}

TEST(Runner, SolvesBrunelToTheLastDigits) {
  const auto json = solve_json(kModels + "brunel2000.yaml");
  const double exact = 37.949697085763;  // mpmath, 14 digits
  for (const double rate : json["fixed_points"][0]["rate"]["values"])
    EXPECT_NEAR(rate, exact, 1e-12 * exact);
}

TEST(Runner, AllFixedPointsComeWithStabilityIndexAndHowHardItLooked) {
  const auto json = solve_json(kModels + "bistable.yaml --all");
  ASSERT_EQ(json["fixed_points"].size(), 3U);
  const bool stable[] = {false, true, true};  // by rising total rate
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& point = json["fixed_points"][k];
    EXPECT_EQ(point["rate_dynamics_stable"], stable[k]);
    EXPECT_EQ(point["unstable_directions"], stable[k] ? 0 : 1);
    EXPECT_EQ(point["leading_eigenvalue"]["value"] < 1, stable[k]);
    EXPECT_EQ(point["index"], stable[k] ? 1 : -1);
  }
  EXPECT_EQ(json["index_sum"], 1);
  EXPECT_EQ(json["missing_states"], false);
  EXPECT_NE(json["summary"]["message"].get<std::string>().find(" starts"), std::string::npos);
  const std::string table = nuphi("solve --all " + kModels + "bistable.yaml").out;
  EXPECT_NE(table.find("in 1 direction"), std::string::npos) << table;
  EXPECT_NE(table.find("there may be more"), std::string::npos) << table;
}

TEST(Runner, AnInterruptedSearchWritesTheStatesSoFar) {
  const TemporaryFolder folder;
  std::string text = read_file(kModels + "bistable.yaml");
  const std::string from = "solve: {find: all}";
  text.replace(text.find(from), from.size(), "solve: {find: all, starts: 100000000}");
  write_file(folder / "m.yaml", text);
  const ProcessResult result = run_shell("timeout --foreground --preserve-status -s INT 1 '" +
                                         kProgram + "' solve " + folder / "m.yaml --output -");
  EXPECT_EQ(result.exit_code, 130) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["summary"]["termination"], "interrupted");
  EXPECT_EQ(json["fixed_points"].size(), 3U);
}

TEST(Runner, SolveJsonHoldsTheStableKeys) {
  const auto json = solve_json(kModels + "brunel2000.yaml");
  EXPECT_EQ(json["format"], "nuphi-result/1");
  EXPECT_EQ(json["model"], "brunel2000");
  EXPECT_EQ(json["populations"], nlohmann::json({"E", "I"}));
  for (const char* key :
       {"termination", "method_requested", "method_used", "iterations", "message"}) {
    EXPECT_TRUE(json["summary"].contains(key)) << key;
  }
  EXPECT_EQ(json["summary"]["termination"], "converged");
  const auto& state = json["fixed_points"].at(0);
  for (const auto& [key, unit] : {std::pair{"rate", "Hz"},
                                  {"mean_input", "V"},
                                  {"std_input", "V"},
                                  {"cv", "1"},
                                  {"log_rate", "1"}}) {
    EXPECT_EQ(state[key]["unit"], unit) << key;
    EXPECT_EQ(state[key]["values"].size(), 2U) << key;
  }
  EXPECT_LE(state["residual"]["value"], 1e-10);
  EXPECT_LE(state["error_estimate"]["value"], 1e-10);
  EXPECT_TRUE(state["rate_dynamics_stable"].is_boolean());
  EXPECT_EQ(json["parameters"]["J"]["value"], 1e-4);
  EXPECT_EQ(json["parameters"]["J"]["unit"], "V");
}

TEST(Runner, SetOverridesAParameterAndThoseThatFollowFromIt) {
  const auto json = solve_json(kModels + "brunel2000.yaml --set g=4.5 --set 'theta=20 mV'");
  EXPECT_EQ(json["parameters"]["g"]["value"], 4.5);
  const double changed = json["fixed_points"][0]["rate"]["values"][0];
  EXPECT_GT(changed, 38.0);
}

TEST(Runner, TableShowsRatesInHertzAndInputsInMillivolt) {
  const ProcessResult result = nuphi("solve " + kModels + "microcircuit.yaml");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("rate (Hz)"), std::string::npos);
  EXPECT_NE(result.out.find("23E"), std::string::npos);
  EXPECT_NE(result.out.find("0.754"), std::string::npos) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST(Runner, CsvOutputIsSiWithOneHeaderRowAndMetadataInComments) {
  const TemporaryFolder folder;
  EXPECT_EQ(nuphi("solve " + kModels + "brunel2000.yaml --output " + folder / "r.csv").exit_code,
            0);
  const std::string text = read_file(folder / "r.csv");
  EXPECT_EQ(text[0], '#');
  EXPECT_NE(
      text.find(
          "\nfixed_point,population,rate,log_rate,mean_input,std_input,cv\n0,E,37.94969708576"),
      std::string::npos)
      << text;
}

TEST(Runner, InitialRatesChooseTheFixedPointNewtonReaches) {
  const TemporaryFolder folder;
  write_file(folder / "high_b.csv", "population,rate\nA,1\nB,23\n");
  write_file(folder / "saddle.csv", "# near the saddle\npopulation,rate\nB,12.7\nA,7.4\n");
  write_file(folder / "high_a.csv", "population,rate\r\nA,26\r\nB,0.3\r\n");
  const auto rate_of_a = [&](const std::string& file) {
    const auto json = solve_json(kModels + "bistable.yaml --initial " + folder / file);
    EXPECT_EQ(json["fixed_points"].size(), 1U);
    EXPECT_EQ(json["fixed_points"][0]["rate_dynamics_stable"], file != "saddle.csv");
    return json["fixed_points"][0]["rate"]["values"][0].get<double>();
  };
  EXPECT_NEAR(rate_of_a("high_b.csv"), 0.9845069540959817, 1e-10);
  EXPECT_NEAR(rate_of_a("saddle.csv"), 7.385645130483143, 1e-9);
  EXPECT_NEAR(rate_of_a("high_a.csv"), 25.75878477522303, 1e-9);
}

TEST(Runner, FaultsOfInitialRatesSayWhere) {
  const TemporaryFolder folder;
  const auto error_of = [&](const std::string& text) {
    write_file(folder / "start.csv", text);
    const ProcessResult result =
        nuphi("solve " + kModels + "bistable.yaml --initial " + folder / "start.csv");
    EXPECT_EQ(result.exit_code, 3);
    return result.err;
  };
  EXPECT_NE(error_of("population,rate\nA,1\nC,2\n")
                .find("start.csv:3:1: error: the model has no population \"C\""),
            std::string::npos);
  EXPECT_NE(error_of("population,rate\nA,1\n").find("no row for population \"B\""),
            std::string::npos);
  EXPECT_NE(error_of("population,rate\nA,x\n").find("start.csv:2:3: error"), std::string::npos);
  EXPECT_NE(error_of("population,rate\nA,-1\n").find("not negative"), std::string::npos);
  EXPECT_NE(error_of("").find("start.csv:1:1: error"), std::string::npos);
  EXPECT_EQ(nuphi("solve " + kModels + "bistable.yaml --initial " + folder / "none.csv").exit_code,
            5);
}

TEST(Runner, WithoutConvergenceTheBestPointIsWrittenAndTheExitCodeIsFour) {
  const TemporaryFolder folder;
  std::string model = read_file(kModels + "microcircuit.yaml");
  model.insert(model.find("correction: shift"), "max_iterations: 1, ");
  write_file(folder / "m.yaml", model);
  const ProcessResult result = nuphi("solve " + folder / "m.yaml --output -");
  EXPECT_EQ(result.exit_code, 4);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["summary"]["termination"], "max_iterations");
  EXPECT_TRUE(json["fixed_points"].empty());
  EXPECT_EQ(json["best_point"]["rate"]["values"].size(), 8U);
  EXPECT_NE(result.err.find("not converged"), std::string::npos);
}

TEST(Runner, BadModelsExitWithThreeAndSayWhere) {
  const TemporaryFolder folder;
  write_file(folder / "empty.yaml", "");
  const ProcessResult empty = nuphi("solve " + folder / "empty.yaml");
  EXPECT_EQ(empty.exit_code, 3);
  EXPECT_NE(empty.err.find("empty.yaml:1:1: error"), std::string::npos) << empty.err;
  write_file(folder / "wrong.yaml", "schema: nuphi/1\nname: x\npopulatoins: []\n");
  const ProcessResult wrong = nuphi("check " + folder / "wrong.yaml");
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_NE(wrong.err.find("wrong.yaml:3:1: error"), std::string::npos) << wrong.err;
  EXPECT_NE(wrong.err.find("populations"), std::string::npos) << wrong.err;
}

TEST(Runner, FilesThatCannotBeReadOrWrittenExitWithFive) {
  EXPECT_EQ(nuphi("solve /nonexistent/model.yaml").exit_code, 5);
  EXPECT_EQ(nuphi("solve " + kModels + "brunel2000.yaml --output /nonexistent/r.json").exit_code,
            5);
  EXPECT_EQ(nuphi("solve " + kModels).exit_code, 5);
}

TEST(Runner, AnOldResultSurvivesAFailedSolve) {
  const TemporaryFolder folder;
  write_file(folder / "r.json", "precious");
  write_file(folder / "bad.yaml", "schema: nuphi/1\n");
  EXPECT_EQ(nuphi("solve " + folder / "bad.yaml --output " + folder / "r.json").exit_code, 3);
  EXPECT_EQ(read_file(folder / "r.json"), "precious");
}

TEST(Runner, CheckAcceptsTheExamplesAndRefusesAWrongExpectation) {
  const ProcessResult good = nuphi("check " + kModels + "*.yaml");
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  const ProcessResult bad = nuphi("check --set g=4.9 " + kModels + "brunel2000.yaml");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.out.find("FAILED"), std::string::npos);
}

TEST(Runner, DescribedYamlSolvesToTheSameRates) {
  const TemporaryFolder folder;
  for (const std::string name : {"brunel2000", "microcircuit", "bistable"}) {
    EXPECT_EQ(nuphi("describe " + kModels + name + ".yaml --output " + folder / "resolved.yaml")
                  .exit_code,
              0);
    EXPECT_EQ(solve_json(folder / "resolved.yaml")["fixed_points"],
              solve_json(kModels + name + ".yaml")["fixed_points"])
        << name;
  }
}

TEST(Runner, DescribeShowsPopulationsAndProjections) {
  const ProcessResult result = nuphi("describe " + kModels + "microcircuit.yaml");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("4E → 23E"), std::string::npos);
  EXPECT_NE(result.out.find("truncated_gaussian"), std::string::npos);
}

TEST(Runner, InitWritesAModelThatSolvesAndNeverReplacesOne) {
  const TemporaryFolder folder;
  EXPECT_EQ(nuphi("init " + folder / "mine.yaml").exit_code, 0);
  EXPECT_EQ(nuphi("check " + folder / "mine.yaml").exit_code, 0);
  EXPECT_EQ(nuphi("init " + folder / "mine.yaml").exit_code, 5);
  EXPECT_EQ(nuphi("init --force --from bistable " + folder / "mine.yaml").exit_code, 0);
  EXPECT_NE(read_file(folder / "mine.yaml").find("name: bistable"), std::string::npos);
  EXPECT_EQ(nuphi("init --from nosuch " + folder / "other.yaml").exit_code, 2);
  EXPECT_NE(nuphi("init --list").out.find("microcircuit"), std::string::npos);
}

}  // namespace
}  // namespace nuphi::test
