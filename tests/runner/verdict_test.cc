#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

// What is said of a state is the same, in the same words, in every command.
namespace nuphi::test {
namespace {

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

void expect_words(const std::string& arguments, const std::string& words) {
  const std::string text = nuphi(arguments).out;
  EXPECT_NE(text.find(words), std::string::npos) << arguments << "\n" << text;
}

constexpr const char* kCommands[] = {"solve ", "stability ", "covariances ",
                                     "spectra --frequencies 20:100:40 "};

TEST(Verdict, EveryCommandGivesItWithDelaysBesideThatOfTheRateDynamics) {
  for (const std::string command : kCommands) {
    expect_words(command + kModels + "microcircuit.yaml",
                 "stable under rate dynamics; unstable with delays (2 unstable modes); coupling "
                 "radius R = 0.493");
    expect_words(command + kModels + "brunel2000.yaml",
                 "stable under rate dynamics; stable with delays; coupling radius R = 0.592");
  }
}

TEST(Verdict, EveryJsonHoldsIt) {
  for (const std::string command : kCommands) {
    auto json = json_of(command + kModels + "microcircuit.yaml");
    if (json.contains("fixed_points")) json = json["fixed_points"][0];
    EXPECT_EQ(json["rate_dynamics_stable"], true) << command;
    EXPECT_EQ(json["unstable_modes"], 2) << command;
    EXPECT_EQ(json["stable"], false) << command;
    EXPECT_FALSE(json.contains("reason")) << command;
    EXPECT_NEAR(json["coupling_radius"]["value"].get<double>(), 0.493, 5e-4) << command;
    EXPECT_TRUE(json["notes"].is_array()) << command;
  }
}

TEST(Verdict, WithoutDelaysThereIsNoneWithDelays) {
  const std::string text = nuphi("solve " + kModels + "three_states.yaml").out;
  EXPECT_EQ(text.find("with delays"), std::string::npos) << text;
  EXPECT_FALSE(
      json_of("solve " + kModels + "three_states.yaml")["fixed_points"][0].contains("stable"));
}

TEST(Verdict, OneDelayMissingIsSaid) {
  const TemporaryFolder folder;
  std::string model = read_file(kModels + "brunel2000.yaml");
  const std::string delay = ", delay: 1.5 ms";
  ASSERT_NE(model.find(delay), std::string::npos);
  model.erase(model.find(delay), delay.size());
  write_file(folder / "m.yaml", model);
  expect_words("solve " + folder / "m.yaml",
               "; stability with delays undecided: a connection has no delay; ");
  const auto json = json_of("solve " + folder / "m.yaml")["fixed_points"][0];
  EXPECT_TRUE(json["unstable_modes"].is_null());
  EXPECT_TRUE(json["stable"].is_null());
  EXPECT_EQ(json["reason"], "a connection has no delay");
}

TEST(Notes, StandInTheJsonOfSolveAndStabilityAndOnTheTerminal) {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", R"(schema: nuphi/1
name: cuba
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 5 ms, E_L: -49 mV, V_th: -50 mV, V_reset: -60 mV}
populations: [{name: E, size: 3200}]
connections: [{from: E, to: E, indegree: 10, weight: -0.4 mV, delay: 1 ms}]
inputs: [{to: E, noise: {mean: 0 mV, sigma: 3 mV}}]
)");
  const auto solve = json_of("solve " + folder / "m.yaml");
  const auto stability = json_of("stability " + folder / "m.yaml");
  const auto& notes = solve["fixed_points"][0]["notes"];
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0]["code"], "threshold-below-rest");
  EXPECT_EQ(notes[0]["populations"], nlohmann::json({"E"}));
  EXPECT_EQ(solve["notes"], notes);
  EXPECT_EQ(stability["notes"], notes);
  const std::string line = "\nnote: V_th of `E` lies 1 mV below E_L: it fires without any input\n";
  expect_words("solve " + folder / "m.yaml", line);
  expect_words("stability " + folder / "m.yaml", line);
}

TEST(Notes, CurveSpeaksOfTheColourCorrection) {
  const auto json = [](const std::string& tau_syn, const std::string& more) {
    return json_of("curve --neuron 'tau_m=20 ms, t_ref=2 ms, V_th=20 mV, V_reset=10 mV, tau_syn=" +
                   tau_syn + "' " + more);
  };
  const auto slow = json("10 ms", "")["notes"];
  ASSERT_EQ(slow.size(), 1U);
  EXPECT_EQ(slow[0]["code"], "colour-expansion");
  EXPECT_TRUE(json("0.5 ms", "")["notes"].empty());
  EXPECT_TRUE(json("10 ms", "--correction none")["notes"].empty());
  EXPECT_EQ(json("5 ms", "--correction adiabatic")["notes"][0]["code"], "colour-adiabatic");
  EXPECT_EQ(json("1 ms", "--correction taylor --sigma '2 mV'")["notes"][0]["code"],
            "taylor-negative");
  expect_words("curve --neuron 'tau_m=20 ms, t_ref=2 ms, V_th=20 mV, V_reset=10 mV, tau_syn=10 ms'",
               "\nnote: the correction expands in sqrt(tau_syn/tau_m) = 0.71");
}

TEST(Notes, CheckPrintsThoseOfTheModel) {
  const TemporaryFolder folder;
  std::string model = read_file(kModels + "brunel2000.yaml");
  const std::string t_ref = "t_ref: 2 ms";
  ASSERT_NE(model.find(t_ref), std::string::npos);
  write_file(folder / "m.yaml", model.replace(model.find(t_ref), t_ref.size(), "t_ref: 2 s"));
  expect_words("check " + folder / "m.yaml", "note: `E` has t_ref = 2 s");
  EXPECT_EQ(nuphi("check " + kModels + "brunel2000.yaml").out.find("note:"), std::string::npos);
}

TEST(Notes, SoundModelsHaveNone) {
  for (const char* name :
       {"bistable", "brunel2000", "microcircuit", "synaptic_times", "three_states"}) {
    const auto json = json_of("solve " + kModels + name + ".yaml");
    EXPECT_TRUE(json["notes"].empty()) << name;
    // Next to silence jumps of a hundredth of the distance to threshold matter.
    if (name == std::string("three_states")) continue;
    for (const auto& state : json["fixed_points"]) EXPECT_TRUE(state["notes"].empty()) << state;
  }
}

}  // namespace
}  // namespace nuphi::test
