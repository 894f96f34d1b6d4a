#include <chrono>

#include "cases.h"

namespace nuphi::test {
namespace {

void many_stars() {
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult result =
      nuphi("sensitivity " + kBrunel + " --parameter '" + std::string(200, '*') + "x'");
  EXPECT_EQ(result.exit_code, 2);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 10);
  EXPECT_EQ(nuphi("sensitivity " + kBrunel + " --parameter '*e*t*a'").exit_code, 0);
}

void repeated_set() {
  expect_refused(nuphi("solve " + kBrunel + " --set g=5 --set g=6"), 2, "\"g\" is given twice");
}

void several_values_of_set() {
  const auto rate = [](const std::string& options) {
    return nlohmann::json::parse(nuphi("solve -o - " + options).out)["fixed_points"][0]["rate"];
  };
  const auto expected = rate(kBrunel + " --set g=4.5 --set eta=3");
  EXPECT_EQ(rate(kBrunel + " --set g=4.5 eta=3"), expected);
  EXPECT_EQ(rate("--set g=4.5 eta=3 " + kBrunel), expected);
}

void misspelt_commands() {
  expect_refused(nuphi("solv " + kBrunel), 2, "did you mean `solve`?");
  expect_refused(nuphi("sovle " + kBrunel), 2, "did you mean `solve`?");
  expect_refused(nuphi("frobnicate"), 2, "nuphi --help");
}

void misspelt_options() {
  expect_refused(nuphi("solve " + kBrunel + " --metod newton"), 2, "did you mean `--method`?");
  expect_refused(nuphi("solve " + kBrunel + " --otput=x.json"), 2, "did you mean `--output`?");
  expect_refused(nuphi("--verion"), 2, "did you mean `--version`?");
}

void help_and_version() {
  EXPECT_EQ(nuphi("help").exit_code, 0);
  EXPECT_EQ(nuphi("help").out, nuphi("--help").out);
  EXPECT_EQ(nuphi("help solve").out, nuphi("solve --help").out);
  EXPECT_EQ(nuphi("-V").out, nuphi("--version").out);
  EXPECT_EQ(nuphi("-V").exit_code, 0);
}

}  // namespace

std::vector<FaultCase> command_line_cases() {
  return {
      {"ManyStars", "`sensitivity --parameter '****…x'`", "time grew exponentially with the stars",
       "at once", many_stars},
      {"RepeatedSet", "`--set g=5 --set g=6`", "the last one counted, silently", "exit 2",
       repeated_set},
      {"SeveralValuesOfSet", "`--set g=4.5 eta=3`, as its help shows", "exit 2", "both are set",
       several_values_of_set},
      {"MisspeltCommands", "`nuphi solv`", "exit 2", "exit 2, \"did you mean `solve`?\"",
       misspelt_commands},
      {"MisspeltOptions", "`--metod`", "exit 2", "exit 2, \"did you mean `--method`?\"",
       misspelt_options},
      {"HelpAndVersion", "`nuphi help`, `nuphi help solve`, `nuphi -V`", "exit 2", "help, version",
       help_and_version},
  };
}

}  // namespace nuphi::test
