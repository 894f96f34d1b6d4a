#include <chrono>
#include <thread>

#include "cases.h"

namespace nuphi::test {
namespace {

using Json = nlohmann::json;

/// Starts a command, sends it a signal after 0.4 s and waits for it.
ProcessResult signalled(const std::string& signal, const std::string& arguments) {
  return run_shell(kProgram + " " + arguments + " & process=$!; sleep 0.4; kill -" + signal +
                   " $process; wait $process");
}

std::string endless_search(const TemporaryFolder& folder) {
  std::string text = read_file(kModels + "bistable.yaml");
  const std::string from = "solve: {find: all}";
  text.replace(text.find(from), from.size(), "solve: {find: all, starts: 100000000}");
  write_file(folder / "search.yaml", text);
  return folder / "search.yaml";
}

/// 60 populations, every connection with a delay of its own: minutes of work for `stability`.
std::string slow_network(const TemporaryFolder& folder) {
  std::string text =
      "schema: nuphi/1\n"
      "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}\n"
      "populations:\n";
  constexpr int kSize = 60;
  for (int i = 0; i < kSize; ++i) text += "  - {name: P" + std::to_string(i) + ", size: 1000}\n";
  text += "connections:\n";
  for (int i = 0; i < kSize; ++i) {
    for (int j = 0; j < kSize; ++j) {
      text += "  - {from: P" + std::to_string(j) + ", to: P" + std::to_string(i) +
              ", indegree: 20, weight: " + (j % 5 == 0 ? "-0.5" : "0.1") +
              " mV, delay: " + std::to_string(1.0 + 0.01 * ((i * 37 + j * 61) % 400)) + " ms}\n";
    }
  }
  text += "inputs:\n  - {to: all, noise: {mean: 19 mV, sigma: 5 mV}}\n";
  write_file(folder / "slow.yaml", text);
  return folder / "slow.yaml";
}

/// The command ends in time with the signal's code; an earlier result stays, what there is so far
/// lies beside it and says so, and nothing else.
void expect_partial(const std::string& signal, int code, const std::string& arguments) {
  const TemporaryFolder folder;
  write_file(folder / "r.json", "earlier\n");
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult result = signalled(signal, arguments + " -o " + folder / "r.json");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(result.exit_code, code) << arguments << "\n" << result.err;
  // 0.4 s before the signal, 1 s after it; the rest is for a machine with other work.
  EXPECT_LT(took.count(), 6) << arguments;
  EXPECT_EQ(read_file(folder / "r.json"), "earlier\n") << arguments;
  const Json partial = Json::parse(read_file(folder / "r.partial.json"), nullptr, false);
  ASSERT_FALSE(partial.is_discarded()) << arguments << "\n" << result.err;
  EXPECT_EQ(partial.value("partial", false), true) << arguments;
  EXPECT_EQ(files_in(folder), 2U) << arguments;
  EXPECT_NE(result.err.find("r.partial.json"), std::string::npos) << result.err;
}

void every_command_stops() {
  const TemporaryFolder folder;
  const std::string search = endless_search(folder);
  const std::string circuit = kModels + "microcircuit.yaml";
  expect_partial("INT", 130, "solve " + search);
  expect_partial("INT", 130, "check " + search);
  expect_partial("INT", 130, "stability " + slow_network(folder));
  expect_partial("INT", 130, "spectra " + circuit + " --frequencies 0:400:0.0005");
  expect_partial("INT", 130, "covariances " + circuit + " --frequencies 0:400:0.0005");
  expect_partial("INT", 130, "curve " + circuit + " --population 4E --points 1000000");
  expect_partial("INT", 130,
                 "continue " + kBrunel +
                     " --parameter eta --from 1 --to 4 --step 1e-6 --max-points 100000000");
}

void batch_signals() {
  const TemporaryFolder folder;
  const std::string search = endless_search(folder);
  expect_partial("TERM", 143, "solve " + search);
  expect_partial("HUP", 129, "solve " + search);
}

void ignored_hangup() {
  const TemporaryFolder folder;
  const ProcessResult result =
      run_shell("trap '' HUP; " + kProgram + " solve " + endless_search(folder) + " -o " +
                (folder / "r.json") +
                " & process=$!; sleep 0.3; kill -HUP $process; sleep 0.3; kill -TERM $process; "
                "wait $process");
  EXPECT_EQ(result.exit_code, 143) << result.err;
}

void interrupted_points() {
  const TemporaryFolder folder;
  const std::string row = "0.02,0.005,0.02,0.01,0.02,0.002";
  const ProcessResult result = run_shell(
      "mkfifo " + (folder / "pipe") + "; (echo mu,sigma,V_th,V_reset,tau_m,t_ref; echo " + row +
      "; sleep 3) > " + (folder / "pipe") + " & " + kProgram + " siegert " + (folder / "pipe") +
      " -o " + (folder / "r.csv") + " & process=$!; sleep 0.5; kill -INT $process; wait $process");
  EXPECT_EQ(result.exit_code, 130) << result.err;
  const std::string text = read_file(folder / "r.partial.csv");
  EXPECT_EQ(text.rfind("# partial", 0), 0U) << text;
  EXPECT_NE(text.find("\n" + row), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(folder / "r.csv"));
}

void no_temporary_file_stays() {
  const TemporaryFolder folder;
  const std::string search = endless_search(folder);
  for (const char* signal : {"INT", "TERM", "HUP", "QUIT", "USR1", "ALRM", "PIPE", "XCPU"}) {
    const TemporaryFolder results;
    (void)signalled(signal, "solve " + search + " -o " + results / "r.csv");
    for (const auto& entry : std::filesystem::directory_iterator(results.path()))
      EXPECT_EQ(entry.path().filename(), "r.partial.csv") << signal;
  }
}

void dead_processes() {
  const TemporaryFolder folder;
  const std::string search = endless_search(folder);
  const TemporaryFolder results;
  (void)signalled("KILL", "solve " + search + " -o " + results / "r.json");
  EXPECT_EQ(files_in(results), 1U);  // r.json.PID.tmp: nothing can be done against KILL
  write_file(results / "r.partial.json", "{}");
  write_file(results / "other.json.1234567.tmp", "");
  EXPECT_EQ(nuphi("solve " + kBrunel + " -o " + results / "r.json").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(results / "r.json"));
  EXPECT_TRUE(std::filesystem::exists(results / "r.partial.json"));
  EXPECT_TRUE(std::filesystem::exists(results / "other.json.1234567.tmp"));
  EXPECT_EQ(files_in(results), 3U);
}

}  // namespace

std::vector<FaultCase> signal_cases() {
  return {
      {"EveryCommandStops",
       "SIGINT (Ctrl-C) in `solve`, `check`, `stability`, `spectra`, "
       "`covariances`, `curve`, `continue`",
       "unheeded by four of them; an earlier result was replaced by a part",
       "exit 130 within a second; results so far in `NAME.partial.EXT` with `\"partial\": true`, "
       "`NAME` as it was",
       every_command_stops},
      {"BatchSignals", "SIGTERM, SIGHUP", "killed, nothing kept", "the same with exit 143, 129",
       batch_signals},
      {"IgnoredHangup", "SIGHUP under `nohup`", "ignored", "ignored", ignored_hangup},
      {"InterruptedPoints", "SIGINT while `siegert` waits for a pipe", "waited on",
       "exit 130, the rows so far in `NAME.partial.csv`", interrupted_points},
      {"NoTemporaryFileStays", "any signal but KILL while results are awaited",
       "`NAME.PID.partial` stayed", "no temporary file stays", no_temporary_file_stays},
      {"DeadProcesses", "SIGKILL", "`NAME.PID.partial` stayed for ever",
       "`NAME.PID.tmp` is removed by the next run; `NAME.partial.EXT` never is", dead_processes},
  };
}

}  // namespace nuphi::test
