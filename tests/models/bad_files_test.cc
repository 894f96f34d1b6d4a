#include <gtest/gtest.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> bad_files() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(test::data_path("bad"))) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string message_of(const std::string& name) {
  std::ifstream stream(test::data_path("bad/" + name + ".yaml"), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  try {
    (void)ModelFile::parse(text, name + ".yaml", test::data_path("bad"));
  } catch (const ModelError& error) {
    return std::string(error.what()) + "\n";
  }
  return "no fault was found\n";
}

class BadFile : public testing::TestWithParam<std::string> {};

/// The message that a user sees is the contract. NUPHI_UPDATE_GOLDEN=1 writes the messages anew:
/// read the difference.
TEST_P(BadFile, IsRefusedWithItsMessage) {
  const std::string message = message_of(GetParam());
  EXPECT_NE(message, "no fault was found\n");
  test::expect_golden(test::data_path("bad/" + GetParam() + ".txt"), message);
}

INSTANTIATE_TEST_SUITE_P(All, BadFile, testing::ValuesIn(bad_files()),
                         [](const auto& file) { return file.param; });

TEST(BadFiles, EveryFaultHasAPlaceAndACode) {
  const std::vector<std::string> names = bad_files();
  EXPECT_GE(names.size(), 40U);
  for (const std::string& name : names) {
    std::vector<Diagnostic> faults;
    ASSERT_FALSE(try_load_model(test::data_path("bad/" + name + ".yaml"), &faults).has_value())
        << name;
    EXPECT_FALSE(faults.empty()) << name;
    for (const Diagnostic& fault : faults) {
      EXPECT_GE(fault.line, 1) << name << ": " << fault.message;
      EXPECT_GE(fault.column, 1) << name << ": " << fault.message;
      EXPECT_FALSE(fault.code.empty()) << name << ": " << fault.message;
      EXPECT_TRUE(fault.file.ends_with(name + ".yaml"));
    }
  }
}

}  // namespace
}  // namespace nuphi
