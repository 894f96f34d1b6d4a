#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

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

/// A text without what differs from run to run and, by roundings, between processors.
std::string comparable(const std::string& text) {
  const std::string timeless =
      std::regex_replace(text, std::regex(R"([0-9.e-]+ (ms|s)\b)"), "… ms");
  return std::regex_replace(timeless, std::regex("residual [0-9.e-]+"), "residual …");
}

class Readme : public testing::Test {
 protected:
  Readme() {
    write_file(folder_ / "brunel.yaml", block(text_, "yaml"));
    write_file(folder_ / "rates.csv", "population,rate\nE,30\nI,30\n");
    const std::string columns = "mu,sigma,V_th,V_reset,tau_m,t_ref";
    write_file(folder_ / "siegert.csv", columns + "\n0.021,0.005,0.02,0.01,0.02,0.002\n");
    write_file(folder_ / "response.csv",
               columns + ",frequency\n0.021,0.005,0.02,0.01,0.02,0.002,10\n");
  }
  ProcessResult run(const std::string& command) {
    return run_shell("cd " + folder_.path().string() +
                     " && PATH=\"$(dirname '" NUPHI_PROGRAM "'):$PATH\" " + command);
  }

  const std::string text_ = read_file(NUPHI_SOURCE_DIR "/README.md");
  const TemporaryFolder folder_;
};

TEST_F(Readme, ShowsWhatItsCommandPrints) {
  const ProcessResult result = run("nuphi solve brunel.yaml");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string printed = comparable("$ nuphi solve brunel.yaml\n" + result.out);
  EXPECT_NE(comparable(text_).find(printed), std::string::npos) << "the README should show\n"
                                                                << printed;
}

TEST_F(Readme, EveryCommandOfItsTableRunsOnItsModel) {
  const std::regex command("`(nuphi \\w+ [^`]*)`");
  const std::string table = text_.substr(text_.find("## The program"));
  int commands = 0;
  for (auto it = std::sregex_iterator(table.begin(), table.end(), command);
       it != std::sregex_iterator(); ++it) {
    std::string line = (*it)[1];
    line = std::regex_replace(line, std::regex("MODEL.yaml(…)?"), "brunel.yaml");
    line = std::regex_replace(line, std::regex("nuphi (siegert|response) points"), "nuphi $1 $1");
    const ProcessResult result = run(line);
    EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.err;
    ++commands;
  }
  EXPECT_GE(commands, 14);
}

TEST_F(Readme, LinksEveryPageOfTheDocs) {
  namespace fs = std::filesystem;
  const fs::path root = NUPHI_SOURCE_DIR;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() != ".md") continue;
    const std::string page = fs::relative(entry.path(), root).string();
    EXPECT_NE(text_.find("(" + page), std::string::npos) << page;
  }
  const std::regex link(R"(\]\(([^)#:]+)[^)]*\))");
  for (auto it = std::sregex_iterator(text_.begin(), text_.end(), link);
       it != std::sregex_iterator(); ++it)
    EXPECT_TRUE(fs::exists(root / (*it)[1].str())) << (*it)[1];
}

TEST_F(Readme, ItsMistakeGetsTheMessageItShows) {
  std::string model = block(text_, "yaml");
  const std::size_t right = model.find("tau_m: 20 ms");
  ASSERT_NE(right, std::string::npos);
  model.replace(right, 12, "tau: 20");
  write_file(folder_ / "brunel.yaml", model);
  const ProcessResult result = run("nuphi solve brunel.yaml");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(text_.find(result.err), std::string::npos) << "the README should show\n" << result.err;
}

/// A text with every run of white space as one blank: indentation and lines do not matter.
std::string words(const std::string& text) {
  return std::regex_replace(text, std::regex(R"(\s+)"), " ");
}

TEST(CppPage, ShowsCodeOfTheExamplesOnly) {
  const std::string page = read_file(NUPHI_SOURCE_DIR "/docs/cpp.md");
  const std::string code = words(read_file(NUPHI_SOURCE_DIR "/examples/tour/main.cc") +
                                 read_file(NUPHI_SOURCE_DIR "/examples/brunel2000/main.cc"));
  int blocks = 0;
  for (std::size_t at = page.find("```cpp\n"); at != std::string::npos;
       at = page.find("```cpp\n", at + 1)) {
    const std::string shown = words(block(page, "cpp", at));
    EXPECT_NE(code.find(shown), std::string::npos) << shown;
    ++blocks;
  }
  EXPECT_GE(blocks, 9);
}

}  // namespace
}  // namespace nuphi::test
