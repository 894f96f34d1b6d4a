#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <sstream>
#include <thread>

#include "cases.h"

namespace nuphi::test {
namespace {

using Json = nlohmann::json;

/// Processor time of a process so far [s]; nothing once it has ended.
std::optional<double> processor_time(pid_t process) {
  const std::string text = read_file("/proc/" + std::to_string(process) + "/stat");
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string field;
  double ticks = 0;
  for (int k = 3; fields >> field; ++k) {
    if (k == 3 && field == "Z") return std::nullopt;
    if (k == 14 || k == 15) ticks += std::stod(field);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Signalled {
  ProcessResult result;
  double seconds = 0;  ///< from the signal to the end
};

/// Starts a command, sends it a signal once it has worked for some processor time (so that a busy
/// machine changes nothing), and waits for it. A shell's `&` would leave SIGINT and SIGQUIT
/// ignored.
Signalled signalled(int signal, const std::string& arguments, double work = 0.3) {
  const TemporaryFolder folder;
  const std::string line = "exec " + kProgram + " " + arguments + " >" + folder / "out" + " 2>" +
                           folder / "err" + " </dev/null";
  const pid_t process = ::fork();
  if (process == 0) {
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(10)); };
  for (const auto begin = now(); now() - begin < std::chrono::seconds(100); pause()) {
    const std::optional<double> used = processor_time(process);
    if (!used || *used >= work) break;
  }
  ::kill(process, signal);
  const auto start = now();
  int status = 0;
  while (::waitpid(process, &status, WNOHANG) == 0) {
    if (now() - start > std::chrono::seconds(60)) ::kill(process, SIGKILL);
    pause();
  }
  Signalled ended;
  ended.seconds = std::chrono::duration<double>(now() - start).count();
  ended.result = {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                  read_file(folder / "out"), read_file(folder / "err")};
  return ended;
}

/// Processor time that takes `solve` to the state from which other commands start.
double time_to_solve(const std::string& model) {
  rusage before{}, after{};
  ::getrusage(RUSAGE_CHILDREN, &before);
  EXPECT_EQ(nuphi("solve " + model).exit_code, 0);
  ::getrusage(RUSAGE_CHILDREN, &after);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
         seconds(before.ru_stime);
}

std::string endless_search(const TemporaryFolder& folder) {
  std::string text = read_file(kModels + "bistable.yaml");
  const std::string from = "solve: {find: all}";
  text.replace(text.find(from), from.size(), "solve: {find: all, starts: 100000000}");
  write_file(folder / "search.yaml", text);
  return folder / "search.yaml";
}

/// 80 populations, every connection with a delay of its own: seconds of work for `stability`; and
/// many parameters, for each of which `sensitivity` builds the network anew.
std::string slow_network(const TemporaryFolder& folder) {
  std::string text =
      "schema: nuphi/1\n"
      "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}\n"
      "parameters:\n";
  constexpr int kParameters = 300;
  for (int i = 0; i < kParameters; ++i) text += "  p" + std::to_string(i) + ": 1\n";
  text += "populations:\n";
  constexpr int kSize = 80;
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
void expect_partial(int signal, const std::string& arguments, double work = 0.3) {
  const TemporaryFolder folder;
  write_file(folder / "r.json", "earlier\n");
  const auto [result, seconds] = signalled(signal, arguments + " -o " + folder / "r.json", work);
  EXPECT_EQ(result.exit_code, 128 + signal) << arguments << "\n" << result.err;
  EXPECT_LT(seconds, 30) << arguments;  // 1, and the rest for a slow build on a busy machine
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
  const std::string slow = slow_network(folder);
  // Soon after the stationary state: the work that follows takes several times as long.
  const double in_slow = 0.05 + 1.2 * time_to_solve(slow);
  const double in_circuit = 0.1 + 1.2 * time_to_solve(circuit);
  expect_partial(SIGINT, "solve " + search);
  expect_partial(SIGINT, "check " + search);
  expect_partial(SIGINT, "stability " + slow, in_slow);
  expect_partial(SIGINT, "spectra " + circuit + " --frequencies 0:400:0.0005", in_circuit);
  expect_partial(SIGINT, "covariances " + circuit + " --frequencies 0:400:0.0005", in_circuit);
  expect_partial(SIGINT, "curve --neuron 'tau_syn=5 ms' --correction exact --points 1000000");
  expect_partial(SIGINT, "continue " + kBrunel +
                             " --parameter eta --from 1 --to 4 --step 1e-6 --max-points 100000000");
  expect_partial(SIGINT, "sensitivity " + slow, in_slow);
}

void batch_signals() {
  const TemporaryFolder folder;
  const std::string search = endless_search(folder);
  expect_partial(SIGTERM, "solve " + search);
  expect_partial(SIGHUP, "solve " + search);
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
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGPIPE, SIGXCPU}) {
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
  (void)signalled(SIGKILL, "solve " + search + " -o " + results / "r.json");
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
       "`covariances`, `curve`, `continue`, `sensitivity`",
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
