#include "cases.h"

namespace nuphi::test {
namespace {

/// The program on a disk that fails after some bytes of a file.
ProcessResult on_failing_disk(const std::string& file, int after, const std::string& arguments) {
  return run_shell("LD_PRELOAD='" NUPHI_FAILING_READ "' ASAN_OPTIONS=verify_asan_link_order=0 " +
                   ("NUPHI_FAILING_FILE=" + file) + " NUPHI_FAILING_AFTER=" +
                   std::to_string(after) + " " + kProgram + " " + arguments);
}

void expect_read_error(const ProcessResult& result) {
  expect_refused(result, 5, "Input/output error");
  EXPECT_EQ(result.out, "");
}

void model_on_failing_disk() {
  const TemporaryFolder folder;
  // What was read up to the error is a model of its own: it has no input.
  const std::string text = read_file(kBrunel);
  write_file(folder / "m.yaml", text);
  const auto inputs = static_cast<int>(text.find("inputs:"));
  for (const char* command : {"solve", "check", "describe", "stability", "sensitivity"})
    expect_read_error(
        on_failing_disk("m.yaml", inputs, std::string(command) + " " + folder / "m.yaml"));
}

void tables_on_failing_disk() {
  const TemporaryFolder folder;
  write_file(folder / "rates.csv", "population,rate\nE,30\nI,30\n");
  const std::string rest = kBrunel + " ";
  expect_read_error(on_failing_disk("rates.csv", 22,
                                    "fit " + rest + "--free eta --target " + folder / "rates.csv"));
  expect_read_error(
      on_failing_disk("rates.csv", 22, "solve " + rest + "--initial " + folder / "rates.csv"));
  write_file(folder / "phi.csv", "mu,rate\n0,0\n0.01,10\n0.02,20\n");
  write_file(folder / "points.csv", "mu,sigma,theta\n0.005,0.001,0\n0.015,0.001,0\n");
  expect_read_error(on_failing_disk("phi.csv", 20,
                                    "siegert --transfer tabulated --table " + (folder / "phi.csv") +
                                        " " + folder / "points.csv"));
}

void points_on_failing_disk() {
  const TemporaryFolder folder;
  const std::string row = "0.02,0.005,0.02,0.01,0.02,0.002\n";
  write_file(folder / "p.csv", "mu,sigma,V_th,V_reset,tau_m,t_ref\n" + row + row);
  const ProcessResult result =
      on_failing_disk("p.csv", 66, "siegert " + folder / "p.csv" + " -o " + folder / "out.csv");
  expect_refused(result, 5, "Input/output error");
  EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
}

std::string with_means(const std::string& file) {
  return "schema: nuphi/1\n"
         "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}\n"
         "populations:\n  - {name: A}\n  - {name: B}\n"
         "inputs:\n  - {to: all, noise: {mean: {file: " +
         file + ", unit: mV}, sigma: 5 mV}}\n";
}

void matrix_on_failing_disk() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", with_means("mean.csv"));
  write_file(folder / "mean.csv", "19\n19\n");
  EXPECT_EQ(nuphi("solve " + folder / "m.yaml").exit_code, 0);
  expect_read_error(on_failing_disk("mean.csv", 3, "solve " + folder / "m.yaml"));
}

void absent_or_malformed_matrix() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", with_means("mean.csv"));
  expect_refused(nuphi("solve " + folder / "m.yaml"), 3, "m.yaml:7:");
  write_file(folder / "mean.csv", "19\nx\n");
  expect_refused(nuphi("solve " + folder / "m.yaml"), 3, "m.yaml:7:");
}

/// In 2 GB of memory, and at once.
ProcessResult in_little_memory(const std::string& arguments) {
#if defined(__SANITIZE_ADDRESS__)
  return run_shell("timeout 300 " + kProgram + " " + arguments);
#else
  return run_shell("ulimit -v 2000000; timeout 300 " + kProgram + " " + arguments);
#endif
}

void endless_devices() {
  expect_refused(in_little_memory("solve /dev/zero"), 3, "larger than 64 MiB");
  expect_refused(in_little_memory("solve " + kBrunel + " --initial /dev/zero"), 5, "256 MiB");
  expect_refused(in_little_memory("siegert /dev/zero"), 3, "a line of more than 16 MiB");
}

void endless_pipes() {
  const TemporaryFolder folder;
  const auto from = [&](const std::string& source, const std::string& arguments) {
    return run_shell("mkfifo " + (folder / "pipe") + "; (" + source + " > " + (folder / "pipe") +
                     " 2>/dev/null &) ; timeout 300 " + kProgram + " " + arguments +
                     "; code=$?; rm " + (folder / "pipe") + "; exit $code");
  };
  expect_refused(from("yes ''", "solve " + folder / "pipe"), 3, "larger than 64 MiB");
  expect_refused(from("yes ''", "siegert " + folder / "pipe"), 3, "no header row");
  expect_refused(from("yes 'A,1'", "solve " + kBrunel + " --initial " + folder / "pipe"), 5,
                 "256 MiB");
}

void nothing_but_line_ends() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", std::string(60'000'000, '\n'));
  expect_refused(in_little_memory("solve " + folder / "m.yaml"), 3, "holds no model");
  write_file(folder / "m.yaml", with_means("mean.csv"));
  write_file(folder / "mean.csv", std::string(60'000'000, '\n'));
  expect_refused(in_little_memory("solve " + folder / "m.yaml"), 3, "empty");
}

void too_many_values() {
  const TemporaryFolder folder;
  std::string text = "schema: nuphi/1\npopulations:\n";
  for (int k = 0; k < 5'000'000; ++k) text += "- 1\n";
  write_file(folder / "m.yaml", text);
  expect_refused(in_little_memory("solve " + folder / "m.yaml"), 3, "more than 2 million values");
}

void sizes_that_overflow() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", with_means("mean.mtx"));
  const std::string head = "%%MatrixMarket matrix ";
  for (const std::string& body :
       {std::string("array real general\n0 1000000000\n"),
        std::string("coordinate real general\n1000000000 1000000000 1\n1 1 1\n"),
        std::string("array real general\n65536 65536\n1\n")}) {
    write_file(folder / "mean.mtx", head + body);
    expect_refused(in_little_memory("solve " + folder / "m.yaml"), 3, "m.yaml:7:");
  }
}

}  // namespace

std::vector<FaultCase> reading_cases() {
  return {
      {"ModelOnAFailingDisk", "a read error (EIO) in the middle of a model file",
       "the rest was taken as absent: \"converged\" with rates 0, exit 0", "exit 5, no result",
       model_on_failing_disk},
      {"TablesOnAFailingDisk", "EIO in a table of target rates, initial rates or a transfer table",
       "shortened silently", "exit 5, no result", tables_on_failing_disk},
      {"PointsOnAFailingDisk", "EIO in a table of points", "exit 5", "exit 5, no output file",
       points_on_failing_disk},
      {"MatrixOnAFailingDisk", "EIO in a matrix file", "a shorter matrix, or exit 3",
       "exit 5, no result", matrix_on_failing_disk},
      {"AbsentOrMalformedMatrix", "a matrix file that is absent or malformed",
       "exit 3 with its line", "the same", absent_or_malformed_matrix},
      {"EndlessDevices", "`/dev/zero` as model, initial rates or points",
       "read until memory was out", "refused at 64 MiB (model), 256 MiB or a line of 16 MiB",
       endless_devices},
      {"EndlessPipes", "a pipe that never ends, as model or table", "read until memory was out",
       "refused at the same limits", endless_pipes},
      {"NothingButLineEnds", "60 MB of line ends as model or matrix", "4 GB of memory",
       "within 2 GB of address space, exit 3", nothing_but_line_ends},
      {"TooManyValues", "a model of 30 million values", "more than 4 GB of memory",
       "exit 3 at the first value beyond 2 million", too_many_values},
      {"SizesThatOverflow", "a Matrix Market file of 0 x 1e9, or of sizes whose product overflows",
       "minutes of looping; undefined behaviour", "exit 3 at once", sizes_that_overflow},
  };
}

}  // namespace nuphi::test
