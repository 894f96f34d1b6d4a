// `nuphi continue` from every state, through branch points, and from given rates: two populations
// that excite themselves and inhibit each other. Their symmetric state loses its stability at a
// pitchfork, where the branch of one winner leaves.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kWinner = NUPHI_TEST_DATA "/winner_take_all.yaml";
const std::string kUp = kWinner + " --parameter w --from '0.05 mV' --to '0.5 mV'";
const std::string kDown = kWinner + " --parameter w --from '0.5 mV' --to '0.05 mV'";

ProcessResult run(const std::string& arguments) {
  return run_shell("'" NUPHI_PROGRAM "' " + arguments);
}

nlohmann::json run_json(const std::string& arguments) {
  const ProcessResult result = run("continue " + arguments + " -o -");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

double rate(const nlohmann::json& point, int population) {
  return point["rate"]["values"][static_cast<std::size_t>(population)];
}

bool is_symmetric(const nlohmann::json& point) {
  return std::abs(rate(point, 0) - rate(point, 1)) < 1e-6 * rate(point, 0);
}

TEST(ContinueBranches, SwitchFollowsTheBranchOfOneWinner) {
  const auto json = run_json(kUp + " --switch");
  ASSERT_EQ(json["branches"].size(), 2U);
  EXPECT_EQ(json["branches"][0]["branch"], json["branch"]);
  EXPECT_TRUE(is_symmetric(json["branch"].back()));
  const auto& winner = json["branches"][1];
  EXPECT_EQ(winner["end"]["front"], "reached");
  EXPECT_EQ(winner["end"]["back"], "reached");
  const auto& front = winner["branch"].front();
  const auto& back = winner["branch"].back();
  const int first = rate(front, 0) > rate(front, 1) ? 0 : 1;
  EXPECT_GT(rate(front, first), 100 * rate(front, 1 - first));
  EXPECT_GT(rate(back, 1 - first), 100 * rate(back, first));
  EXPECT_TRUE(front["rate_dynamics_stable"]);
}

TEST(ContinueBranches, AStateOfAnEndIsOneThatAllFinds) {
  const auto json = run_json(kUp + " --switch");
  const ProcessResult all = run("solve " + kWinner + " --all --set 'w=0.5 mV' -o -");
  ASSERT_EQ(all.exit_code, 0) << all.err;
  const auto states = nlohmann::json::parse(all.out)["fixed_points"];
  for (const auto& branch : json["branches"]) {
    for (const auto& point : {branch["branch"].front(), branch["branch"].back()}) {
      if (point["value"] != 5e-4) continue;
      const bool known = std::any_of(states.begin(), states.end(), [&](const auto& state) {
        return std::abs(rate(state, 0) - rate(point, 0)) < 1e-6 * std::max(1.0, rate(point, 0)) &&
               std::abs(rate(state, 1) - rate(point, 1)) < 1e-6 * std::max(1.0, rate(point, 1));
      });
      EXPECT_TRUE(known) << point["rate"];
    }
  }
}

TEST(ContinueBranches, AllFollowsEveryStateOnce) {
  const auto json = run_json(kDown + " --all");
  // One winner's branch comes back as the other's; the symmetric one reaches the other end.
  ASSERT_EQ(json["branches"].size(), 2U);
  std::vector<std::string> ends;
  for (const auto& branch : json["branches"]) ends.push_back(branch["end"]["back"]);
  std::sort(ends.begin(), ends.end());
  EXPECT_EQ(ends, (std::vector<std::string>{"reached", "turned"}));
}

TEST(ContinueBranches, InitialChoosesTheBranch) {
  const TemporaryFolder folder;
  write_file(folder / "rates.csv", "population,rate\nA,10\nB,10\n");
  const ProcessResult state =
      run("solve " + kWinner + " --set 'w=0.5 mV' --method newton --initial " +
          (folder / "rates.csv") + " -o -");
  const auto json = run_json(kDown + " --initial " + (folder / "rates.csv"));
  EXPECT_NEAR(rate(json["branch"].front(), 0),
              nlohmann::json::parse(state.out)["fixed_points"][0]["rate"]["values"][0], 1e-6);
}

TEST(ContinueBranches, PointsCarryTheVerdictWithDelays) {
  const auto json = run_json(kUp);
  EXPECT_EQ(json["branch"].front()["unstable_modes"], 0);
  EXPECT_EQ(json["branch"].back()["unstable_modes"], 1);
  const ProcessResult text = run("continue " + kUp);
  EXPECT_NE(text.out.find("unstable modes with delays"), std::string::npos) << text.out;
}

TEST(ContinueBranches, ABranchThatTurnsSaysThatItDidNotReachTheEnd) {
  const ProcessResult text = run("continue " + kDown + " --special fold");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("it did not reach 0.05 mV"), std::string::npos) << text.out;
}

// --- three populations that can be interchanged

const std::string kClusters = NUPHI_TEST_DATA "/three_clusters.yaml";

std::vector<double> sorted_rates(const nlohmann::json& point) {
  std::vector<double> rates = point["rate"]["values"];
  std::sort(rates.begin(), rates.end() - 1);  // the inhibitory population stays the last
  return rates;
}

bool is_among(const std::vector<std::vector<double>>& list, const std::vector<double>& rates) {
  return std::any_of(list.begin(), list.end(), [&](const auto& other) {
    return std::equal(rates.begin(), rates.end(), other.begin(),
                      [](double a, double b) { return std::abs(a - b) < 1e-6 * std::max(1.0, a); });
  });
}

std::vector<std::vector<double>> classes_of(const std::vector<nlohmann::json>& points) {
  std::vector<std::vector<double>> list;
  for (const auto& point : points) {
    if (!is_among(list, sorted_rates(point))) list.push_back(sorted_rates(point));
  }
  return list;
}

TEST(ContinueBranches, SwitchReachesAStateOfEveryClassThatAllFinds) {
  const auto json = run_json(kClusters +
                             " --parameter w --from '0.05 mV' --to '0.8 mV' --switch"
                             " --special branch_point");
  EXPECT_EQ(json["branches"][0]["special_points"][0]["multiplicity"], 2);
  std::vector<nlohmann::json> ends;
  for (const auto& branch : json["branches"]) {
    for (const auto& point : {branch["branch"].front(), branch["branch"].back()}) {
      if (point["value"] == 8e-4) ends.push_back(point);
    }
  }
  const ProcessResult all = run("solve " + kClusters + " --all --set 'w=0.8 mV' -o -");
  ASSERT_EQ(all.exit_code, 0) << all.err;
  const auto states = classes_of(nlohmann::json::parse(all.out)["fixed_points"]);
  const auto reached = classes_of(ends);
  EXPECT_EQ(reached.size(), states.size());
  for (const auto& state : states) EXPECT_TRUE(is_among(reached, state)) << state[0];
}

TEST(ContinueBranches, NotesSayWhereTheTheoryDoesNotHold) {
  const TemporaryFolder folder;
  // Ostojic 2014: the coupling radius reaches 1 at J = 0.5 mV.
  write_file(folder / "m.yaml", R"(schema: nuphi/1
parameters: {J: 0.2 mV}
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 0.5 ms, V_th: 20 mV, V_reset: 10 mV}
populations: [{name: E, size: 8000}, {name: I, size: 2000}]
connections:
  - {from: E, to: all, indegree: 800, weight: = J}
  - {from: I, to: all, indegree: 200, weight: = -5 * J}
inputs:
  - {to: all, dc: {drive: 24 mV}}
)");
  const auto json = run_json(folder / "m.yaml" + " --parameter J --from '0.2 mV' --to '0.6 mV'");
  const auto& notes = json["notes"];
  const auto strong = std::find_if(notes.begin(), notes.end(), [](const auto& note) {
    return note["code"] == "strong-coupling";
  });
  ASSERT_NE(strong, notes.end()) << notes;
  EXPECT_EQ((*strong)["message"].get<std::string>().rfind("at J = 0.6 mV: ", 0), 0U) << *strong;
}

}  // namespace
}  // namespace nuphi::test
