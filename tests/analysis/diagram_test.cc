#include <gtest/gtest.h>
#include <nuphi/analysis/diagram.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/yaml.h>

#include <stdexcept>
#include <string>

namespace nuphi::test {
namespace {

using namespace units;

const std::string kModels = std::string(NUPHI_SOURCE_DIR) + "/examples/models/";

DiagramOptions over(double lower, double upper) {
  DiagramOptions options;
  options.steps.lower = lower;
  options.steps.upper = upper;
  return options;
}

std::vector<DiagramPoint> of_kind(const DiagramBranch& branch, Bifurcation kind) {
  std::vector<DiagramPoint> found;
  for (const DiagramPoint& point : branch.special_points) {
    if (point.kind == kind) found.push_back(point);
  }
  return found;
}

TEST(Diagram, HopfPointOfBrunelsNetworkIsTheIndependentOne) {
  const ModelFile file = ModelFile::load(kModels + "brunel2000.yaml");
  const Diagram found = diagram(model_family(file, {{"eta", "4"}}, {"g"}), over(5, 6));
  ASSERT_EQ(found.branches.size(), 1U);
  EXPECT_EQ(found.no_hopf, "");
  EXPECT_TRUE(found.branches[0].modes_counted);
  const std::vector<DiagramPoint> hopf = of_kind(found.branches[0], Bifurcation::kHopf);
  ASSERT_FALSE(hopf.empty());
  EXPECT_NEAR(hopf[0].state.parameter, 5.3394910501803649605, 1e-9);  // mpmath
  EXPECT_NEAR(hopf[0].frequency, 184.43590123753164485, 1e-8);
}

TEST(Diagram, FoldsOfTwoParametersMeetInTheCuspOfHighPrecision) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  DiagramOptions options = over(15 * mV, 22 * mV);
  options.second_lower = 0.02 * mV;
  options.second_upper = 0.12 * mV;
  const Diagram found = diagram(model_family(file, {}, {"drive", "J"}), options);
  EXPECT_EQ(of_kind(found.branches.at(0), Bifurcation::kFold).size(), 2U);
  ASSERT_FALSE(found.curves.empty());
  EXPECT_EQ(found.curves[0].kind, Bifurcation::kFold);
  ASSERT_EQ(found.curves[0].cusps.size(), 1U);
  // tools/reference/bistable_folds.py
  EXPECT_NEAR(found.curves[0].cusps[0].parameter, 18.5 * mV, 1e-12 * mV);
  EXPECT_NEAR(found.curves[0].cusps[0].second.value(), 0.00004508777075713714919, 1e-10 * 45 * uV);
}

TEST(Diagram, SpecialPointsKnowWhatBranchPointsKnow) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  const Diagram found = diagram(model_family(file, {}, {"drive"}), over(17 * mV, 21 * mV));
  for (const DiagramPoint& fold : of_kind(found.branches.at(0), Bifurcation::kFold)) {
    EXPECT_LE(fold.state.residual.value(), 1e-10);
    EXPECT_NEAR(fold.state.leading_eigenvalue.value(), 1, 1e-5);
    EXPECT_GE(fold.after, 0);
  }
}

TEST(Diagram, SaysWhyThereAreNoHopfPoints) {
  ModelFamily family;
  family.parameters = {{.name = "g", .unit = "1", .value = 5}};
  family.network = [](const Eigen::VectorXd& values) {
    Network network = brunel2000({.g = values[0]});
    for (Projection& p : network.projections) p.delay.reset();
    return network;
  };
  EXPECT_EQ(diagram(family, over(5, 6)).no_hopf, "a connection has no delay");
}

TEST(Diagram, StopsWhenToldTo) {
  const ModelFile file = ModelFile::load(kModels + "bistable.yaml");
  std::stop_source source;
  DiagramControl control{.stop = source.get_token(), .progress = [&](const DiagramProgress& now) {
                           if (now.points == 5) source.request_stop();
                         }};
  const Diagram found = diagram(model_family(file, {}, {"drive"}), over(17 * mV, 21 * mV), control);
  EXPECT_EQ(found.branches.at(0).back, BranchEnd::kInterrupted);
  EXPECT_LE(found.branches[0].points.size(), 7U);
}

TEST(Diagram, RefusesThreeParameters) {
  ModelFamily family;
  family.parameters.resize(3);
  EXPECT_THROW((void)diagram(family, {}), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
