#include <nuphi/core/version.h>

#include <gtest/gtest.h>

#include <string>

namespace nuphi {
namespace {

TEST(Version, IsTheSameInHeadersLibraryAndBuild) {
  const std::string numbers = std::to_string(NUPHI_VERSION_MAJOR) + "." +
                              std::to_string(NUPHI_VERSION_MINOR) + "." +
                              std::to_string(NUPHI_VERSION_PATCH);
  EXPECT_EQ(numbers, NUPHI_VERSION);
  EXPECT_EQ(numbers, version());
  EXPECT_EQ(numbers, NUPHI_BUILD_VERSION);
}

}  // namespace
}  // namespace nuphi
