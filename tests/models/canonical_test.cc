#include <gtest/gtest.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/yaml.h>

namespace nuphi {
namespace {

Network example(const std::string& name) {
  return load_network(std::string(NUPHI_SOURCE_DIR) + "/examples/models/" + name);
}

void expect_equal_dense(const MeanField& a, const MeanField& b) {
  EXPECT_EQ(a.names, b.names);
  ASSERT_EQ(a.size(), b.size());
  for (Eigen::Index i = 0; i < a.size(); ++i) EXPECT_EQ(a.lif(i), b.lif(i));
  EXPECT_EQ(a.coupling.dense(0), b.coupling.dense(0));
  EXPECT_EQ(a.coupling.dense(1), b.coupling.dense(1));
  EXPECT_EQ(a.external_mean(), b.external_mean());
  EXPECT_EQ(a.external_variance(), b.external_variance());
}

TEST(Canonical, Brunel2000IsTheExampleFile) {
  EXPECT_EQ(brunel2000(), example("brunel2000.yaml"));
  expect_equal_dense(mean_field(brunel2000()), mean_field(example("brunel2000.yaml")));
}

TEST(Canonical, MicrocircuitIsTheExampleFile) {
  EXPECT_EQ(potjans_diesmann2014(), example("microcircuit.yaml"));
  expect_equal_dense(mean_field(potjans_diesmann2014()), mean_field(example("microcircuit.yaml")));
}

TEST(Canonical, ParametersReachTheNetwork) {
  const Network changed = brunel2000({.J = 0.2e-3, .g = 6, .eta = 0.9});
  const Network loaded =
      load_network(std::string(NUPHI_SOURCE_DIR) + "/examples/models/brunel2000.yaml",
                   {{"J", "0.2 mV"}, {"g", "6"}, {"eta", "0.9"}});
  EXPECT_EQ(changed, loaded);
}

TEST(Canonical, NetworksAreSound) {
  EXPECT_TRUE(validate(brunel2000()).empty());
  EXPECT_TRUE(validate(potjans_diesmann2014()).empty());
}

}  // namespace
}  // namespace nuphi
