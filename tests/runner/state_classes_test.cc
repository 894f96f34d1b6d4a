#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"

namespace nuphi::test {
namespace {

const std::string kModel = NUPHI_TEST_DATA "/winner_take_all.yaml";

// Silence or activity of both, and one active beside a silent one, which may be either.
TEST(StateClasses, AreListedWithTheirSizes) {
  const ProcessResult plain = nuphi("solve '" + kModel + "' --all -o -");
  const ProcessResult result = nuphi("solve '" + kModel + "' --all --up-to-symmetry -o -");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto all = nlohmann::json::parse(plain.out);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_FALSE(all.contains("classes"));
  EXPECT_EQ(json["exchangeable"], nlohmann::json::parse(R"([[["A"], ["B"]]])"));
  ASSERT_EQ(json["classes"].size(), json["fixed_points"].size());
  EXPECT_LT(json["classes"].size(), all["fixed_points"].size());
  std::size_t total = 0;
  int sum = 0;
  for (std::size_t k = 0; k < json["classes"].size(); ++k) {
    const auto& rates = json["fixed_points"][k]["rate"]["values"];
    const double a = rates[0], b = rates[1];
    const int size = json["classes"][k]["size"];
    EXPECT_EQ(size, std::abs(a - b) < 1e-6 ? 1 : 2) << rates;
    EXPECT_EQ(json["classes"][k]["members"], nlohmann::json::array({k}));
    total += static_cast<std::size_t>(size);
    sum += size * json["fixed_points"][k]["index"].get<int>();
  }
  EXPECT_EQ(total, all["fixed_points"].size());
  EXPECT_EQ(json["index_sum"], sum);
  EXPECT_EQ(json["missing_states"], false);
  const ProcessResult table = nuphi("solve '" + kModel + "' --all --up-to-symmetry");
  EXPECT_NE(table.out.find("one of 2 that are the same up to permutation"), std::string::npos)
      << table.out;
}

TEST(StateClasses, AreAskedForWithAllOnly) {
  const ProcessResult result = nuphi("solve '" + kModel + "' --up-to-symmetry");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("--all"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace nuphi::test
