#include <fmt/format.h>
#include <gtest/gtest.h>

#include <Eigen/Core>
#include <nlohmann/json.hpp>
#include <string>

#include "rates/random_networks.h"
#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

ProcessResult mpi(int ranks, const std::string& arguments) {
  return run_shell(
      fmt::format("{} -n {} {} {}", NUPHI_MPIRUN, ranks, NUPHI_MPI_PROGRAM, arguments));
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

nlohmann::json parsed(const ProcessResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return nlohmann::json::parse(result.out);
}

void expect_same_state(const nlohmann::json& found, const nlohmann::json& expected) {
  const auto& a = found["fixed_points"][0];
  const auto& b = expected["fixed_points"][0];
  ASSERT_EQ(a["rate"]["values"].size(), b["rate"]["values"].size());
  for (std::size_t i = 0; i < a["rate"]["values"].size(); ++i) {
    const double rate = b["rate"]["values"][i];
    EXPECT_NEAR(a["rate"]["values"][i].get<double>(), rate, 1e-10 * std::max(1.0, rate)) << i;
  }
  // Either may leave the stability of a large network undecided; they never contradict each other.
  if (!a["rate_dynamics_stable"].is_null() && !b["rate_dynamics_stable"].is_null()) {
    EXPECT_EQ(a["rate_dynamics_stable"], b["rate_dynamics_stable"]);
  }
  for (const auto& [key, value] : b.items()) EXPECT_TRUE(a.contains(key)) << key;
  EXPECT_EQ(found["populations"], expected["populations"]);
}

void expect_same_on_all_ranks(const std::string& arguments) {
  const nlohmann::json serial =
      parsed(run_shell(fmt::format("{} solve {} --method auto -o -", NUPHI_PROGRAM, arguments)));
  for (const int ranks : {1, 2, 4}) {
    SCOPED_TRACE(fmt::format("{} on {} ranks", arguments, ranks));
    expect_same_state(parsed(mpi(ranks, fmt::format("solve {} -o -", arguments))), serial);
  }
}

TEST(NuphiMpi, GivesTheRatesOfNuphiSolve) {
  for (const char* model : {"microcircuit", "bistable", "brunel2000", "three_states"}) {
    expect_same_on_all_ranks(kModels + model + ".yaml");
  }
}

TEST(NuphiMpi, TakesParameters) {
  expect_same_on_all_ranks(kModels + "brunel2000.yaml --set g=6 --set eta=3");
}

// A ring with random in-degrees from a Matrix Market file. Above 2000 populations neither program
// computes all eigenvalues.
TEST(NuphiMpi, SparseModelOfTwoThousandPopulations) {
  constexpr int kSize = 2001;
  constexpr int kInputs = 20;
  Dice dice(11);
  const TemporaryFolder folder;
  std::string matrix = fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n",
                                   kSize, kSize, kSize * kInputs);
  std::string model =
      "schema: nuphi/1\nname: random\nneuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, "
      "V_th: 20 mV, V_reset: 10 mV}\npopulations:\n";
  for (int i = 0; i < kSize; ++i) {
    model += fmt::format("  - {{name: p{}}}\n", i);
    for (int k = 0; k < kInputs; ++k) {
      matrix += fmt::format("{} {} {:.6f}\n", i + 1, (i + k) % kSize + 1, dice.uniform(2, 20));
    }
  }
  model += "connections: [{matrix: {indegree: {file: K.mtx}}, weight: -0.1 mV}]\n";
  model += "inputs: [{to: all, noise: {mean: 24 mV, sigma: 4 mV}}]\n";
  write_file(folder / "K.mtx", matrix);
  write_file(folder / "random.yaml", model);
  expect_same_on_all_ranks(folder / "random.yaml");
}

TEST(NuphiMpi, SaysWhatIsWrongOnceAndWithTheCodesOfNuphi) {
  const TemporaryFolder folder;
  write_file(folder / "bad.yaml", "schema: nuphi/1\npopulations: 3\n");
  struct Case {
    std::string arguments;
    int code;
    std::string text;
  };
  const std::string good = kModels + "brunel2000.yaml";
  const Case cases[] = {
      {"solve " + (folder / "absent.yaml"), 5, "absent.yaml"},
      {"solve " + (folder / "bad.yaml"), 3, "bad.yaml:"},
      {"solve " + good + " --set nothing=3", 2, "nothing"},
      {"solve " + good + " --all", 2, "--all"},
      {"solve " + good + " --method ceres", 2, "ceres"},
      {"solve " + good + " -o " + (folder / "absent/x.json"), 5, "cannot write"},
  };
  for (const Case& c : cases) {
    const ProcessResult result = mpi(2, c.arguments);
    EXPECT_EQ(result.exit_code, c.code) << c.arguments << "\n" << result.err;
    EXPECT_EQ(count(result.err, result.err.substr(0, result.err.find('\n'))), 1) << result.err;
    EXPECT_NE(result.err.find(c.text), std::string::npos) << result.err;
  }
}

TEST(NuphiMpi, WritesTheBestPointWhenItDoesNotConverge) {
  const TemporaryFolder folder;
  const std::string model =
      read_file(kModels + "brunel2000.yaml") + "\nsolve: {max_iterations: 1}\n";
  write_file(folder / "short.yaml", model);
  const ProcessResult result = mpi(2, "solve " + (folder / "short.yaml") + " -o -");
  EXPECT_EQ(result.exit_code, 4) << result.err;
  const nlohmann::json json = nlohmann::json::parse(result.out);
  EXPECT_TRUE(json["fixed_points"].empty());
  EXPECT_EQ(json["best_point"]["rate"]["values"].size(), 2U);
  EXPECT_EQ(json["summary"]["termination"], "max_iterations");
}

}  // namespace
}  // namespace nuphi::test
