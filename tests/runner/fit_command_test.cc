#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

namespace nuphi::test {
namespace {

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

TEST(FitCommand, RecoversTheValueThatMadeTheTargets) {
  const TemporaryFolder folder;
  const auto solved = nlohmann::json::parse(
      nuphi("solve " + kModels + "brunel2000.yaml --set g=5.3 --output -").out);
  const double rate = solved["fixed_points"][0]["rate"]["values"][0];
  write_file(folder / "t.csv",
             "population,rate\nE," + std::to_string(rate) + "\nI," + std::to_string(rate) + "\n");
  const ProcessResult result = nuphi("fit " + kModels + "brunel2000.yaml --target " +
                                     folder / "t.csv" + " --free g --output -");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["format"], "nuphi-result/1");
  EXPECT_EQ(json["free"], nlohmann::json({"g"}));
  // The targets carry six decimals.
  EXPECT_NEAR(json["parameters"]["g"]["value"], 5.3, 1e-6);
  EXPECT_EQ(json["parameters"]["g"]["unit"], "1");
  EXPECT_EQ(json["parameters"]["g"]["initial"], 5.0);
  EXPECT_TRUE(json["parameters"]["g"].contains("standard_error"));
  EXPECT_EQ(json["parameters"]["J"]["value"], 1e-4);
  EXPECT_EQ(json["summary"]["termination"], "converged");
  EXPECT_EQ(json["identifiable"], true);
  EXPECT_NEAR(json["rate"]["values"][0], rate, 1e-6);
}

TEST(FitCommand, AModelBehindTheFreeParametersIsNotOneOfThem) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "population,rate\nE,30\nI,30\n");
  const std::string target = " --target " + folder / "t.csv";
  const ProcessResult first = nuphi("fit " + kModels + "brunel2000.yaml --free eta g" + target);
  const ProcessResult last = nuphi("fit" + target + " --free eta g " + kModels + "brunel2000.yaml");
  EXPECT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(last.out.substr(last.out.find('\n')), first.out.substr(first.out.find('\n')));
}

TEST(FitCommand, NamesWhatIsNotIdentifiable) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "population,rate\nE,30\nI,30\n");
  const std::string arguments =
      "fit " + kModels + "brunel2000.yaml --target " + folder / "t.csv" + " --free eta g";
  const auto json = nlohmann::json::parse(nuphi(arguments + " --output -").out);
  EXPECT_EQ(json["identifiable"], false);
  EXPECT_EQ(json["identifiability"]["rank"], 1);
  const auto& direction = json["identifiability"]["null_directions"].at(0)["direction"];
  EXPECT_TRUE(direction.contains("eta"));
  EXPECT_TRUE(direction.contains("g"));
  EXPECT_EQ(json["parameters"]["g"]["standard_error"], "inf");
  const ProcessResult table = nuphi(arguments);
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_NE(table.out.find("not identifiable"), std::string::npos);
  EXPECT_NE(table.out.find("the targets do not change along"), std::string::npos);
}

TEST(FitCommand, FitsEntriesOfTheNetworkAndWritesTheirValues) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "population,rate\n23E,0.8\n4E,4.2\n5E,7.5\n");
  const ProcessResult result =
      nuphi("fit " + kModels + "microcircuit.yaml --target " + folder / "t.csv" +
            " --free 'input_rate[23E]' 'input_rate[4E]' 'input_rate[5E]' "
            "--output " +
            folder / "fit.json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(read_file(folder / "fit.json"));
  EXPECT_EQ(json["parameters"]["input_rate[4E]"]["unit"], "Hz");
  EXPECT_NEAR(json["rate"]["values"][0], 0.8, 1e-9);
  EXPECT_NEAR(json["rate"]["values"][2], 4.2, 1e-9);
  // Populations without a row are free.
  EXPECT_EQ(json["target"]["values"][1], "nan");
}

TEST(FitCommand, KeepsToBoundsWithUnits) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "population,rate\nE,60\nI,60\n");
  const ProcessResult result =
      nuphi("fit " + kModels + "brunel2000.yaml --target " + folder / "t.csv" +
            " --free J --bounds 'J=0.05 mV:0.15 mV' --output -");
  // Within these bounds no J gives more than 53.2 Hz: the best one is written, but the fit failed.
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("targets missed"), std::string::npos) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["targets_met"], false);
  const auto J = json["parameters"]["J"];
  EXPECT_GE(J["value"], 5e-5);
  EXPECT_LE(J["value"], 15e-5);
  EXPECT_EQ(J["lower"], 5e-5);
  EXPECT_EQ(J["upper"], 1.5e-4);
}

TEST(FitCommand, WithoutConvergenceTheBestPointIsWrittenAndTheExitCodeIsFour) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", "population,rate\n23E,1\n");
  std::string model = read_file(kModels + "microcircuit.yaml");
  model.insert(model.find("correction: shift"), "method: newton, max_iterations: 1, ");
  write_file(folder / "m.yaml", model);
  const ProcessResult result = nuphi("fit " + folder / "m.yaml --target " + folder / "t.csv" +
                                     " --free 'input_rate[4E]' --output -");
  EXPECT_EQ(result.exit_code, 4);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_NE(json["summary"]["termination"], "converged");
  EXPECT_EQ(json["rate"]["values"].size(), 8U);
  EXPECT_EQ(json["parameters"]["input_rate[4E]"]["value"], 8.0);
  EXPECT_NE(result.err.find("not converged"), std::string::npos);
}

TEST(FitCommand, FailuresHaveTheirExitCodes) {
  const TemporaryFolder folder;
  const std::string model = "fit " + kModels + "brunel2000.yaml ";
  write_file(folder / "t.csv", "population,rate\nE,30\n");
  const std::string target = "--target " + folder / "t.csv ";
  EXPECT_EQ(nuphi(model + target).exit_code, 2);
  EXPECT_EQ(nuphi(model + "--free g").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free nosuch").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free g --bounds J=1:2").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free g --bounds g=5").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free g --bounds g=5:4").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free J --bounds J=1:2").exit_code, 2);
  EXPECT_EQ(nuphi(model + target + "--free g --output fit.csv").exit_code, 2);
  EXPECT_EQ(nuphi(model + "--target /nonexistent.csv --free g").exit_code, 5);
  write_file(folder / "t.csv", "population,rate\nE,30\nX,2\n");
  const ProcessResult unknown = nuphi(model + target + "--free g");
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_NE(unknown.err.find("t.csv:3:1: error: the model has no population \"X\""),
            std::string::npos)
      << unknown.err;
  write_file(folder / "t.csv", "population,rate\n");
  EXPECT_EQ(nuphi(model + target + "--free g").exit_code, 3);
}

}  // namespace
}  // namespace nuphi::test
