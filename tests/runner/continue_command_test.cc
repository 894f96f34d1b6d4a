#include <gtest/gtest.h>

#include <algorithm>
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
const std::string kBistable =
    kModels + "bistable.yaml --parameter drive --from '17 mV' --to '21 mV'";

// tools/reference/bistable_folds.py
constexpr double kUpperFold = 0.01969353351069538591;
constexpr double kLowerFold = 0.01774726064723636434;

ProcessResult run(const std::string& arguments) {
  return run_shell("'" + kProgram + "' continue " + arguments);
}

nlohmann::json run_json(const std::string& arguments) {
  const ProcessResult result = run(arguments + " --output -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

TEST(ContinueCommand, JsonHoldsTheBranchAndItsFolds) {
  const auto json = run_json(kBistable);
  EXPECT_EQ(json["format"], "nuphi-result/1");
  EXPECT_EQ(json["model"], "bistable");
  EXPECT_EQ(json["populations"], nlohmann::json({"A", "B"}));
  EXPECT_EQ(json["parameter"], "drive");
  EXPECT_EQ(json["parameter_unit"], "V");
  EXPECT_EQ(json["summary"]["termination"], "left_at_to");
  EXPECT_EQ(json["branch"].front()["value"], 0.017);
  EXPECT_EQ(json["branch"].back()["value"], 0.021);
  for (const auto& point : json["branch"]) {
    EXPECT_EQ(point["rate"]["unit"], "Hz");
    EXPECT_EQ(point["rate"]["values"].size(), 2U);
    EXPECT_TRUE(point["rate_dynamics_stable"].is_boolean());
  }
  ASSERT_EQ(json["special_points"].size(), 2U);
  for (const auto& special : json["special_points"]) {
    EXPECT_EQ(special["type"], "fold");
    EXPECT_EQ(special["rate"]["values"].size(), 2U);
  }
  EXPECT_NEAR(json["special_points"][0]["value"], kUpperFold, 1e-14 * kUpperFold);
  EXPECT_NEAR(json["special_points"][1]["value"], kLowerFold, 1e-14 * kLowerFold);
}

TEST(ContinueCommand, FoldsDoNotDependOnTheStep) {
  const auto coarse = run_json(kBistable + " --step '0.4 mV'");
  const auto fine = run_json(kBistable + " --step '0.01 mV'");
  EXPECT_GT(fine["branch"].size(), 5 * coarse["branch"].size());
  for (int k = 0; k < 2; ++k) {
    const double a = coarse["special_points"][k]["value"];
    const double b = fine["special_points"][k]["value"];
    EXPECT_NEAR(a, b, 1e-14 * a);
  }
}

TEST(ContinueCommand, GoesDownwardsWhereFromExceedsTo) {
  const auto json =
      run_json(kModels + "bistable.yaml --parameter drive --from '21 mV' --to '17 mV'");
  EXPECT_EQ(json["summary"]["termination"], "left_at_to");
  EXPECT_EQ(json["branch"].back()["value"], 0.017);
  EXPECT_NEAR(json["special_points"][0]["value"], kLowerFold, 1e-14 * kLowerFold);
}

TEST(ContinueCommand, StartsFromTheStateThatSolveGives) {
  const auto branch = run_json(kModels + "brunel2000.yaml --parameter g --from 5 --to 6")["branch"];
  const ProcessResult solve =
      run_shell("'" + kProgram + "' solve " + kModels + "brunel2000.yaml --output -");
  const double expected = nlohmann::json::parse(solve.out)["fixed_points"][0]["rate"]["values"][0];
  EXPECT_NEAR(branch.front()["rate"]["values"][0], expected, 1e-12 * expected);
}

TEST(ContinueCommand, SetAppliesToTheWholeBranch) {
  const std::string model = kModels + "brunel2000.yaml --parameter g --from 5 --to 6 ";
  const auto plain = run_json(model);
  const auto number = run_json(model + "--set eta=3");
  const auto expression = run_json(model + "--set 'eta== 3 * g / g'");
  EXPECT_EQ(number["parameters"]["eta"]["value"], 3);
  const auto last = [](const nlohmann::json& json) {
    return json["branch"].back()["rate"]["values"][0].get<double>();
  };
  EXPECT_GT(last(number), 1.2 * last(plain));
  EXPECT_NEAR(last(expression), last(number), 1e-12 * last(number));
}

TEST(ContinueCommand, TwoParametersGiveTheCurveOfFoldsAndItsCusp) {
  const auto json = run_json(kModels +
                             "bistable.yaml --parameter drive --from '15 mV' --to '22 mV' "
                             "--two-parameter drive,J");
  ASSERT_EQ(json["fold_curves"].size(), 1U);
  EXPECT_GT(json["fold_curves"][0]["points"].size(), 20U);
  ASSERT_EQ(json["special_points"].size(), 3U);
  const auto& cusp = json["special_points"][2];
  EXPECT_EQ(cusp["type"], "cusp");
  EXPECT_NEAR(cusp["value"], 0.0185, 1e-14);
  EXPECT_NEAR(cusp["second_value"], 0.00004508777075713714919, 1e-14);
}

TEST(ContinueCommand, SpecialChoosesWhatIsReported) {
  EXPECT_TRUE(run_json(kBistable + " --special branch_point")["special_points"].empty());
  EXPECT_EQ(run_json(kBistable + " --special fold,cusp")["special_points"].size(), 2U);
  EXPECT_TRUE(run_json(kBistable + " --special fold")["notes"].empty());
  EXPECT_TRUE(run_json(kBistable + " --special fold,hopf")["notes"].empty());
  // A model without delays has no Hopf points of its own, and says so.
  const std::string undelayed = NUPHI_SOURCE_DIR
      "/examples/models/three_states.yaml --parameter nu_E --from '4 Hz' --to '5 Hz'";
  EXPECT_EQ(run_json(undelayed + " --special fold,hopf")["notes"].size(), 1U);
}

TEST(ContinueCommand, CsvHasOneRowAPoint) {
  const TemporaryFolder folder;
  const ProcessResult result = run(kBistable + " --output " + folder / "b.csv");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::istringstream text(read_file(folder / "b.csv"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(text, line);) {
    if (line[0] != '#') rows.push_back(line);
  }
  EXPECT_EQ(rows[0], "point,value,rate_dynamics_stable,leading_eigenvalue,rate_A,rate_B");
  EXPECT_EQ(rows[1].rfind("0,0.017,true,", 0), 0U) << rows[1];
  EXPECT_EQ(rows.size() - 1, run_json(kBistable)["branch"].size());
}

TEST(ContinueCommand, TheTableIsInTheUnitOfTheParameter) {
  const ProcessResult result = run(kBistable);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.out.find("19.69353351 mV"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("unstable"), std::string::npos);
  EXPECT_EQ(result.err, "");  // no progress bar where there is no terminal
}

TEST(ContinueCommand, MisuseExitsWithTwo) {
  const std::string brunel = kModels + "brunel2000.yaml ";
  for (const char* arguments :
       {"--parameter nosuch --from 1 --to 2", "--parameter g --from 3", "--from 3 --to 4",
        "--parameter g --from 3 --to 3", "--parameter g --from '3 mV' --to 4",
        "--parameter J --from 0.1 --to '0.2 mV'", "--parameter g --from 3 --to 4 --special hpof",
        "--parameter g --from 3 --to 4 --step 0", "--parameter g --from 3 --to 4 --max-points 0",
        "--parameter g --from 3 --to 4 --two-parameter g",
        "--parameter g --from 3 --to 4 --two-parameter J,eta",
        "--parameter g --from 3 --to 4 --two-parameter g,nosuch",
        "--parameter g --from 3 --to 4 --two-parameter g,eta --second-from 3 --second-to 4",
        "--parameter g --from 3 --to 4 --output x.h5"}) {
    const ProcessResult result = run(brunel + arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments << "\n" << result.out << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(ContinueCommand, ABranchThatEndsInsideTheIntervalExitsWithFourAndIsWritten) {
  const TemporaryFolder folder;
  // The network exists up to theta = V_reset only. Next to it modes are many and slow to count.
  const ProcessResult result = run(kModels +
                                   "brunel2000.yaml --parameter theta --from '20 mV' --to '5 mV' "
                                   "--special fold,branch_point --output " +
                                   folder / "b.json");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("V_reset"), std::string::npos) << result.err;
  const auto json = nlohmann::json::parse(read_file(folder / "b.json"));
  EXPECT_EQ(json["summary"]["termination"], "stalled");
  EXPECT_GT(json["branch"].size(), 10U);
}

TEST(ContinueCommand, WithoutAStartItExitsWithFourAndAnEmptyBranch) {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml",
             read_file(kModels + "brunel2000.yaml") + "\nsolve: {max_iterations: 1}\n");
  const ProcessResult result =
      run(folder / "m.yaml --parameter g --from 3 --to 4 --output " + folder / "b.json");
  EXPECT_EQ(result.exit_code, 4);
  const auto json = nlohmann::json::parse(read_file(folder / "b.json"));
  EXPECT_EQ(json["summary"]["termination"], "max_iterations");
  EXPECT_TRUE(json["branch"].empty());
}

TEST(ContinueCommand, HopfPointsAreFollowedOverTwoParameters) {
  const auto json = run_json(kModels +
                             "brunel2000.yaml --set eta=4 --parameter g --from 7 --to 5 "
                             "--two-parameter g,eta --second-from 2 --second-to 5");
  ASSERT_EQ(json["special_points"].size(), 1U);
  EXPECT_EQ(json["special_points"][0]["type"], "hopf");
  EXPECT_NEAR(json["special_points"][0]["value"], 5.3394910501803649605, 1e-9);  // mpmath
  EXPECT_NEAR(json["special_points"][0]["frequency"]["value"], 184.43590123753164485, 1e-8);
  ASSERT_EQ(json["hopf_curves"].size(), 1U);
  const auto& curve = json["hopf_curves"][0];
  EXPECT_EQ(curve["ends"], nlohmann::json({"bound", "bound"}));
  // It ends at g = 7, which is a point of the reference too, and bounds the stable states.
  const auto at_seven = [](const nlohmann::json& p) { return p["value"] == 7.0; };
  const auto end = std::find_if(curve["points"].begin(), curve["points"].end(), at_seven);
  ASSERT_NE(end, curve["points"].end());
  EXPECT_NEAR((*end)["second_value"], 2.7052265735434158379, 1e-9);
  EXPECT_NEAR((*end)["frequency"]["value"], 167.40387217906157475, 1e-8);
  EXPECT_EQ((*end)["unstable_modes"], 0);
}

TEST(ContinueCommand, AnInterruptWritesTheBranchSoFar) {
  const TemporaryFolder folder;
  const ProcessResult result = run_shell(
      "timeout --foreground --preserve-status -s INT 1 '" + kProgram + "' continue " + kBistable +
      " --step '0.0000001 mV' --max-points 100000000 --output " + folder / "b.json");
  EXPECT_EQ(result.exit_code, 130) << result.err;
  const auto json = nlohmann::json::parse(read_file(folder / "b.partial.json"));
  EXPECT_EQ(json["summary"]["termination"], "interrupted");
  EXPECT_GT(json["branch"].size(), 10U);
}

}  // namespace
}  // namespace nuphi::test
