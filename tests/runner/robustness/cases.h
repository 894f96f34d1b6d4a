#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.h"

/// What goes wrong from outside, as a user meets it: each case is a row of docs/robustness.md and
/// the test of it.
namespace nuphi::test {

struct FaultCase {
  std::string name;    ///< of the test
  std::string input;   ///< what happens
  std::string before;  ///< what the program did with it until it was mended
  std::string now;     ///< what it does
  void (*check)();
};

std::vector<FaultCase> reading_cases();
std::vector<FaultCase> signal_cases();
std::vector<FaultCase> output_cases();
std::vector<FaultCase> content_cases();
std::vector<FaultCase> command_line_cases();

inline const std::string kProgram = std::string("'") + NUPHI_PROGRAM + "'";
inline const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";
inline const std::string kBrunel = kModels + "brunel2000.yaml";

inline ProcessResult nuphi(const std::string& arguments) {
  return run_shell(kProgram + " " + arguments);
}

/// Exit code, and what the messages say.
inline void expect_refused(const ProcessResult& result, int code, const std::string& message) {
  EXPECT_EQ(result.exit_code, code) << result.out << result.err;
  EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
}

/// A smallest model: one population with noise, further lines at its end.
inline std::string small_model(const std::string& more = "") {
  return "schema: nuphi/1\n"
         "neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}\n"
         "populations:\n  - {name: A}\n"
         "inputs:\n  - {to: all, noise: {mean: 19 mV, sigma: 5 mV}}\n" +
         more;
}

inline std::size_t files_in(const TemporaryFolder& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++count;
  return count;
}

}  // namespace nuphi::test
