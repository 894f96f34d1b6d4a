#include <algorithm>

#include "cases.h"

namespace nuphi::test {
namespace {

using Json = nlohmann::json;

/// No byte below 0x20 but line ends and tabs, no DEL, no C1.
bool is_harmless(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) return false;
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) return false;
  }
  return true;
}

void control_characters() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml",
             small_model("name: \"\\e[31mred\\a\\0x\\x7f\\x9b1m\"\nreference: \"\\e]0;x\\a\"\n"));
  for (const char* command : {"solve", "check", "describe", "stability", "curve --population A",
                              "solve -o -", "describe -o -"}) {
    const ProcessResult result = nuphi(std::string(command) + " " + folder / "m.yaml");
    EXPECT_EQ(result.exit_code, 0) << command << result.err;
    EXPECT_TRUE(is_harmless(result.out)) << command;
    EXPECT_TRUE(is_harmless(result.err)) << command;
  }
  // JSON keeps the name itself, in escapes.
  const Json json = Json::parse(nuphi("solve -o - " + folder / "m.yaml").out);
  EXPECT_EQ(json["model"].get<std::string>(), std::string("\x1B[31mred\a\0x\x7F\xC2\x9B"
                                                          "1m",
                                                          16));
}

void control_characters_in_messages() {
  const TemporaryFolder folder;
  write_file(folder / "m.yaml", small_model("\"\\e[2Jkey\\x9b\": 1\n"));
  const ProcessResult model = nuphi("solve " + folder / "m.yaml");
  EXPECT_EQ(model.exit_code, 3);
  EXPECT_TRUE(is_harmless(model.err)) << model.err;
  write_file(folder / "r.csv", "population,rate\n\x1B[31mE,1\n");
  const ProcessResult table = nuphi("solve " + kBrunel + " --initial " + folder / "r.csv");
  EXPECT_EQ(table.exit_code, 3);
  EXPECT_TRUE(is_harmless(table.err)) << table.err;
}

std::string with_population(const std::string& name) {
  std::string text = small_model();
  text.replace(text.find("name: A"), 7, "name: " + name);
  return text;
}

void names_that_cannot_be_addressed() {
  const TemporaryFolder folder;
  for (const char* name :
       {"\"A<-B\"", "\"A\\nB\"", "\"A\\x7f\"", "\"\\e[1m\"", "\" A\"", "\"A,B\"", "\"A\\x9b\""}) {
    write_file(folder / "m.yaml", with_population(name));
    expect_refused(nuphi("solve " + folder / "m.yaml"), 3,
                   "m.yaml:4:12: error: a population's name");
  }
  write_file(folder / "m.yaml", with_population("\"#1 (é)\""));
  write_file(folder / "r.csv", "population,rate\n\"#1 (é)\",5\n");
  EXPECT_EQ(nuphi("solve " + folder / "m.yaml" + " --initial " + folder / "r.csv").exit_code, 0);
}

void far_below_threshold() {
  const TemporaryFolder folder;
  for (const char* mean : {"-1e99", "-1e100", "-1e200", "-1e308"}) {
    std::string text = small_model();
    text.replace(text.find("mean: 19"), 8, std::string("mean: ") + mean);
    write_file(folder / "m.yaml", text);
    const ProcessResult result = nuphi("solve -o - " + folder / "m.yaml");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const Json state = Json::parse(result.out)["fixed_points"][0];
    EXPECT_EQ(state["cv"]["values"][0], 1.0) << mean;  // escapes are a Poisson process
    EXPECT_EQ(state["rate"]["values"][0], 0.0) << mean;
  }
}

void high_powers() {
  const TemporaryFolder folder;
  std::string text = "parameters:\n  a0: 1.1 mV\n";
  for (int k = 1; k <= 60; ++k) {
    const std::string before = "a" + std::to_string(k - 1);
    text += "  a" + std::to_string(k) + ": = " + before + " * " + before + "\n";
  }
  write_file(folder / "m.yaml", small_model(text));
  const ProcessResult result = nuphi("solve " + folder / "m.yaml");
  expect_refused(result, 3, "a power of a unit that is beyond 166");
  EXPECT_EQ(result.err.find("mixes dimensions"), std::string::npos) << result.err;
}

void missing_size() {
  const TemporaryFolder folder;
  std::string text = read_file(kBrunel);
  const std::size_t at = text.find(", size: 2500");
  ASSERT_NE(at, std::string::npos);
  text.erase(at, 12);
  write_file(folder / "m.yaml", text);
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
  expect_refused(nuphi("spectra " + folder / "m.yaml"), 3, "m.yaml:" + std::to_string(line) + ":");
}

void unnamed_model() {
  const TemporaryFolder folder;
  write_file(folder / "nameless.yaml", small_model());
  EXPECT_EQ(nuphi("solve " + folder / "nameless.yaml").out.rfind("nameless.yaml: ", 0), 0U);
}

}  // namespace

std::vector<FaultCase> content_cases() {
  return {
      {"ControlCharacters", "escape sequences in a model's name", "sent to the terminal",
       "shown as `\\x1b`", control_characters},
      {"ControlCharactersInMessages", "escape sequences in keys and tables that are refused",
       "some sent to the terminal", "shown as `\\x1b`", control_characters_in_messages},
      {"NamesThatCannotBeAddressed",
       "a population's name with `<-`, a comma, a control character or blanks at an end",
       "accepted; `--initial` and `--delay-of` could not name it", "exit 3 at the name",
       names_that_cannot_be_addressed},
      {"FarBelowThreshold", "a mean input of -1e100 mV and below", "CV nan", "CV 1",
       far_below_threshold},
      {"HighPowers", "squares of squares of a voltage", "\"mixes dimensions\"",
       "\"a power of a unit that is beyond 166\"", high_powers},
      {"MissingSize", "`spectra` of a population without `size`", "reported at 1:1",
       "reported at its population", missing_size},
      {"UnnamedModel", "a model without `name`", "\": converged\"", "its file's name",
       unnamed_model},
  };
}

}  // namespace nuphi::test
