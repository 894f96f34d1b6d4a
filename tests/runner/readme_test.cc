#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "support/process.h"

// What the README shows is what the program prints.
namespace nuphi::test {
namespace {

/// The first fenced block of the README whose opening line is ```<language>, after `from`.
std::string block(const std::string& readme, const std::string& language, std::size_t from = 0) {
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = readme.find(fence, from);
  if (begin == std::string::npos) return "";
  const std::size_t first = begin + fence.size();
  return readme.substr(first, readme.find("\n```", first) + 1 - first);
}

TEST(Readme, ItsModelGivesTheRatesItShows) {
  const std::string readme = read_file(NUPHI_SOURCE_DIR "/README.md");
  const TemporaryFolder folder;
  write_file(folder / "brunel.yaml", block(readme, "yaml"));
  const ProcessResult result =
      run_shell("cd " + folder.path().string() + " && '" NUPHI_PROGRAM "' solve brunel.yaml");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string table = result.out.substr(result.out.find("\n\n") + 2);
  EXPECT_NE(readme.find(table), std::string::npos) << "the README should show\n" << table;
}

TEST(Readme, ItsMistakeGetsTheMessageItShows) {
  const std::string readme = read_file(NUPHI_SOURCE_DIR "/README.md");
  const TemporaryFolder folder;
  std::string model = block(readme, "yaml");
  const std::size_t right = model.find("tau_m: 20 ms");
  ASSERT_NE(right, std::string::npos);
  model.replace(right, 12, "tau: 20");
  write_file(folder / "brunel.yaml", model);
  const ProcessResult result =
      run_shell("cd " + folder.path().string() + " && '" NUPHI_PROGRAM "' solve brunel.yaml");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(readme.find(result.err), std::string::npos) << "the README should show\n" << result.err;
}

}  // namespace
}  // namespace nuphi::test
