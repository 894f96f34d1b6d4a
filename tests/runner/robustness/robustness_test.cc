#include <cstdlib>

#include "cases.h"

namespace nuphi::test {
namespace {

struct Group {
  std::string title;
  std::vector<FaultCase> cases;
};

std::vector<Group> groups() {
  return {{"Reading", reading_cases()},
          {"Signals", signal_cases()},
          {"Writing", output_cases()},
          {"What a file says", content_cases()},
          {"The command line", command_line_cases()}};
}

std::vector<FaultCase> all_cases() {
  std::vector<FaultCase> all;
  for (const Group& group : groups()) all.insert(all.end(), group.cases.begin(), group.cases.end());
  return all;
}

std::string page() {
  std::string text =
      "# Faults from outside\n\n"
      "What the program does on failing machines and with hostile input. Every row is a test "
      "(`tests/runner/robustness/`), from which this page is written: "
      "`NUPHI_UPDATE_GOLDEN=1 build/release/tests/runner/test_robustness "
      "--gtest_filter='*Page*'`. \"Before\" is what it did until this was mended.\n\n"
      "Exit codes: 0 success, 1 a check failed, 2 usage, 3 bad model (an absent or malformed "
      "matrix file too), 4 not converged, 5 input/output (a failed read of any file), 130, 143, "
      "129 stopped by SIGINT, SIGTERM, SIGHUP.\n";
  for (const Group& group : groups()) {
    text += "\n## " + group.title + "\n\n| input | before | now |\n|---|---|---|\n";
    for (const FaultCase& c : group.cases)
      text += "| " + c.input + " | " + c.before + " | " + c.now + " |\n";
  }
  return text;
}

class Robustness : public testing::TestWithParam<FaultCase> {};

TEST_P(Robustness, Holds) { GetParam().check(); }

INSTANTIATE_TEST_SUITE_P(Program, Robustness, testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<FaultCase>& c) { return c.param.name; });

TEST(RobustnessPage, ListsTheTests) {
  const std::string path = NUPHI_SOURCE_DIR "/docs/robustness.md";
  if (std::getenv("NUPHI_UPDATE_GOLDEN") != nullptr) write_file(path, page());
  EXPECT_EQ(read_file(path), page());
}

}  // namespace

void PrintTo(const FaultCase& c, std::ostream* out) { *out << c.name; }

}  // namespace nuphi::test
