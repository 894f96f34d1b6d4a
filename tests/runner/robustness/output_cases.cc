#include <sys/stat.h>

#include "cases.h"

namespace nuphi::test {
namespace {

namespace fs = std::filesystem;

void symbolic_links() {
  const TemporaryFolder folder;
  fs::create_directory(folder / "runs");
  fs::create_symlink("runs/real.json", folder / "link.json");
  for (int k = 0; k < 2; ++k) {  // a link to nothing, then to a file
    EXPECT_EQ(nuphi("solve " + kBrunel + " -o " + folder / "link.json").exit_code, 0);
    EXPECT_TRUE(fs::is_symlink(folder / "link.json"));
    EXPECT_TRUE(fs::is_regular_file(folder / "runs/real.json"));
  }
}

void modes_and_hard_links() {
  const TemporaryFolder folder;
  write_file(folder / "r.json", "old");
  ::chmod((folder / "r.json").c_str(), 0640);
  EXPECT_EQ(nuphi("solve " + kBrunel + " -o " + folder / "r.json").exit_code, 0);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "r.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);

  write_file(folder / "h.json", "old, and much longer than nothing");
  fs::create_hard_link(folder / "h.json", folder / "twin.json");
  EXPECT_EQ(nuphi("solve " + kBrunel + " -o " + folder / "h.json").exit_code, 0);
  EXPECT_EQ(read_file(folder / "twin.json"), read_file(folder / "h.json"));
  EXPECT_EQ(nlohmann::json::parse(read_file(folder / "twin.json"))["model"], "brunel2000");
}

void inputs_as_output() {
  const TemporaryFolder folder;
  const std::string model = read_file(kBrunel);
  write_file(folder / "m.yaml", model);
  const std::string rates = "population,rate\nE,30\nI,30\n";
  write_file(folder / "r.csv", rates);
  fs::create_symlink("r.csv", folder / "link.csv");
  expect_refused(nuphi("describe " + folder / "m.yaml" + " -o " + folder / "m.yaml"), 2,
                 "a file the command reads");
  for (const char* output : {"r.csv", "link.csv"}) {
    expect_refused(nuphi("solve " + folder / "m.yaml" + " --initial " + folder / "r.csv" + " -o " +
                         folder / output),
                   2, "a file the command reads");
  }
  write_file(folder / "p.csv", "mu,sigma,V_th,V_reset,tau_m,t_ref\n0.02,0.005,0.02,0.01,0.02,0\n");
  expect_refused(nuphi("siegert " + folder / "p.csv" + " -o " + folder / "p.csv"), 2,
                 "a file the command reads");
  expect_refused(
      run_shell(kProgram + " siegert - -o " + (folder / "p.csv") + " < " + (folder / "p.csv")), 2,
      "a file the command reads");
  expect_refused(nuphi("continue " + folder / "m.yaml" + " --parameter g --from 3 --to 4 " +
                       "--initial " + folder / "r.csv" + " -o " + folder / "r.csv"),
                 2, "a file the command reads");
  write_file(folder / "phi.csv", "mu,rate\n0,0\n0.01,10\n");
  write_file(folder / "t.csv", "mu,sigma\n0.005,0.001\n");
  expect_refused(nuphi("siegert --transfer tabulated --table " + folder / "phi.csv" + " " +
                       folder / "t.csv" + " -o " + folder / "phi.csv"),
                 2, "a file the command reads");
  EXPECT_EQ(read_file(folder / "m.yaml"), model);
  EXPECT_EQ(read_file(folder / "r.csv"), rates);
}

void no_name() {
  for (const char* command : {"solve", "stability", "spectra", "describe", "check", "sensitivity"})
    expect_refused(nuphi(std::string(command) + " " + kBrunel + " -o ''"), 2, "empty");
  expect_refused(nuphi("solve " + kBrunel + " --initial ''"), 2, "empty");
}

void says_what_it_wrote() {
  const TemporaryFolder folder;
  const ProcessResult result = nuphi("solve " + kBrunel + " -o " + folder / "r.json");
  EXPECT_EQ(result.err, "wrote " + folder / "r.json" + "\n");
  EXPECT_EQ(result.out, "");
}

void full_device() {
  for (const std::string& command :
       {"check " + kBrunel, std::string("init --list"), std::string("--help"),
        std::string("solve --help"), std::string("--version"), "solve " + kBrunel,
        "solve " + kBrunel + " -o -"}) {
    expect_refused(run_shell(kProgram + " " + command + " >/dev/full"), 5,
                   "cannot write standard output: No space left on device");
  }
}

void closed_output() {
  for (const std::string& command : {"check " + kBrunel, std::string("init --list"),
                                     std::string("--help"), std::string("--version")}) {
    expect_refused(run_shell(kProgram + " " + command + " >&-"), 5, "cannot write standard output");
  }
  // The descriptor must not become that of the result file.
  const TemporaryFolder folder;
  EXPECT_EQ(
      run_shell(kProgram + " check " + kBrunel + " -o " + (folder / "r.json") + " >&-").exit_code,
      5);
}

void folder_that_cannot_be_written() {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write to any folder";
  const TemporaryFolder folder;
  write_file(folder / "r.json", "old");
  ::chmod(folder.path().c_str(), 0500);
  EXPECT_EQ(nuphi("solve " + kBrunel + " -o " + folder / "r.json").exit_code, 0);
  EXPECT_NE(read_file(folder / "r.json"), "old");
  expect_refused(nuphi("solve " + kBrunel + " -o " + folder / "new.json"), 5, "cannot write");
  ::chmod(folder.path().c_str(), 0700);
}

}  // namespace

std::vector<FaultCase> output_cases() {
  return {
      {"SymbolicLinks", "`-o` a symbolic link", "the link was replaced by a file",
       "what it points to is written", symbolic_links},
      {"ModesAndHardLinks", "`-o` a file with a mode of its own, or of several names",
       "the mode was lost; the other names kept the old content",
       "as `cp`: mode kept, all names "
       "show the result",
       modes_and_hard_links},
      {"InputsAsOutput", "`-o` the model, a matrix or a table the command reads",
       "the input was replaced", "exit 2, the input is as it was", inputs_as_output},
      {"NoName", "`-o \"\"`, `--initial \"\"`", "taken as not given", "exit 2", no_name},
      {"SaysWhatItWrote", "`-o NAME`", "silence", "\"wrote NAME\" on standard error",
       says_what_it_wrote},
      {"FullDevice",
       "a full device behind standard output of `check`, `init --list`, `--help`, "
       "`--version`, `solve`",
       "exit 0", "exit 5", full_device},
      {"ClosedOutput", "closed standard output of the same", "exit 0", "exit 5", closed_output},
      {"FolderThatCannotBeWritten", "`-o` a file that may be written in a folder that may not",
       "exit 5", "written in place, as `cp` would", folder_that_cannot_be_written},
  };
}

}  // namespace nuphi::test
