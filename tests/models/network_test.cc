#include <gtest/gtest.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/network.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuphi {
namespace {

/// "code path" of every fault of the example network after a change.
template <class Change>
std::vector<std::string> faults(Change change) {
  Network network = brunel2000();
  change(network);
  std::vector<std::string> list;
  for (const Diagnostic& d : validate(network)) list.push_back(d.code + " " + d.path);
  return list;
}
using Faults = std::vector<std::string>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ValidateNetwork, ASoundOneHasNoFaults) {
  EXPECT_EQ(faults([](Network&) {}), Faults{});
}

TEST(ValidateNetwork, ChecksPopulations) {
  EXPECT_EQ(faults([](Network& n) { n.populations[0].name.clear(); }),
            Faults{"bad-name populations[0].name"});
  EXPECT_EQ(faults([](Network& n) { n.populations[1].name = n.populations[0].name; }),
            Faults{"duplicate-name populations[1].name"});
  EXPECT_EQ(faults([](Network& n) { n.populations[1].size = -1; }),
            Faults{"out-of-range populations[1].size"});
  EXPECT_EQ(faults([](Network& n) { n = {}; }), Faults{"no-population "});
}

TEST(ValidateNetwork, ChecksNeurons) {
  EXPECT_EQ(faults([](Network& n) { n.populations[1].neuron.tau_m = 0; }),
            Faults{"out-of-range populations[1].tau_m"});
  EXPECT_EQ(faults([](Network& n) { n.populations[1].neuron.tau_m = kNan; }),
            Faults{"non-finite populations[1].tau_m"});
  EXPECT_EQ(faults([](Network& n) { n.populations[1].neuron.t_ref = -1e-3; }),
            Faults{"out-of-range populations[1].t_ref"});
  EXPECT_EQ(faults([](Network& n) { n.populations[1].neuron.V_reset = 20e-3; }),
            Faults{"reset-above-threshold populations[1].V_reset"});
  EXPECT_EQ(
      faults([](Network& n) { n.populations[1].neuron.model = NeuronModel::kLifExp; }),
      (Faults{"out-of-range populations[1].tau_syn_ex", "out-of-range populations[1].tau_syn_in"}));
}

TEST(ValidateNetwork, ChecksProjections) {
  EXPECT_EQ(faults([](Network& n) { n.projections[0].source = 2; }),
            Faults{"bad-index projections[0].source"});
  EXPECT_EQ(faults([](Network& n) { n.projections[0].target = -1; }),
            Faults{"bad-index projections[0].target"});
  EXPECT_EQ(faults([](Network& n) { n.projections[0].indegree = -1; }),
            Faults{"out-of-range projections[0].indegree"});
  EXPECT_EQ(faults([](Network& n) { n.projections[0].weight = kNan; }),
            Faults{"non-finite projections[0].weight"});
  EXPECT_EQ(faults([](Network& n) { n.projections[0].weight = -1e-3; }),
            Faults{"wrong-sign projections[0].weight"});
  EXPECT_EQ(faults([](Network& n) { n.projections[3].weight = 1e-3; }),
            Faults{"wrong-sign projections[3].weight"});
  EXPECT_EQ(faults([](Network& n) {
              n.projections[3].weight = 1e-3;
              n.populations[1].kind = PopulationKind::kUnspecified;
            }),
            Faults{});
  EXPECT_EQ(faults([](Network& n) { n.projections[0].weight_cv = -1; }),
            Faults{"out-of-range projections[0].weight_cv"});
}

TEST(ValidateNetwork, ChecksDistributions) {
  EXPECT_EQ(faults([](Network& n) { n.projections[0].delay = Delay{.mean = -1}; }),
            Faults{"out-of-range projections[0].delay"});
  EXPECT_EQ(faults([](Network& n) {
              n.projections[0].delay =
                  Delay{.distribution = DelayDistribution::kUniform, .min = 2, .max = 1};
            }),
            Faults{"out-of-range projections[0].delay"});
  EXPECT_EQ(faults([](Network& n) {
              n.projections[0].delay =
                  Delay{.distribution = DelayDistribution::kGamma, .mean = 0, .sd = -1};
            }),
            (Faults{"out-of-range projections[0].delay", "out-of-range projections[0].delay"}));
  const auto binomial = [](double indegree, double size) {
    return faults([=](Network& n) {
      n.projections[0].indegree_distribution = IndegreeDistribution::kBinomial;
      n.projections[0].indegree = indegree;
      n.populations[0].size = size;
    });
  };
  EXPECT_EQ(binomial(1000, 10000), Faults{});
  EXPECT_EQ(binomial(1000, 999), Faults{"out-of-range projections[0].indegree"});
  EXPECT_EQ(binomial(1000, 0), Faults{"missing-size projections[0].indegree"});
}

TEST(ValidateNetwork, ChecksInputs) {
  const auto with = [](const ExternalInput& input) {
    return faults([&](Network& n) { n.inputs = {input}; });
  };
  EXPECT_EQ(with({2, DcInput{}}), Faults{"bad-index inputs[0].target"});
  EXPECT_EQ(with({0, DcInput{kNan}}), Faults{"non-finite inputs[0].drive"});
  EXPECT_EQ(with({0, NoiseInput{0, -1}}), Faults{"out-of-range inputs[0].sigma"});
  EXPECT_EQ(with({0, PoissonInput{.rate = -1}}), Faults{"out-of-range inputs[0].rate"});
  EXPECT_EQ(with({0, PoissonInput{.indegree = -1}}), Faults{"out-of-range inputs[0].indegree"});
  EXPECT_EQ(with({0, PoissonInput{.weight = -1}}), Faults{}) << "external inhibition is allowed";
}

TEST(Network, KnowsWhereItsPopulationsStand) {
  const Network network = brunel2000();
  EXPECT_EQ(network.index("I"), 1);
  try {
    (void)network.index("X");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "there is no population \"X\"; there are: E, I");
  }
}

TEST(NetworkFromMatrices, IsTheNetworkWrittenOut) {
  const Network written = brunel2000();
  Eigen::MatrixXd indegree = Eigen::MatrixXd::Zero(2, 2), weight = indegree;
  for (const Projection& p : written.projections) {
    indegree(p.target, p.source) = p.indegree;
    weight(p.target, p.source) = p.weight;
  }
  const Network made = network_from_matrices({"E", "I"}, {written.populations[0].neuron}, indegree,
                                             weight, written.projections[0].delay, written.inputs);
  EXPECT_EQ(validate(made).size(), 0U);
  EXPECT_EQ(made.populations[0].kind, PopulationKind::kExcitatory);
  EXPECT_EQ(made.populations[1].kind, PopulationKind::kInhibitory);
  EXPECT_EQ(made.inputs, written.inputs);
  ASSERT_EQ(made.projections.size(), 4U);
  for (const Projection& p : written.projections) {
    EXPECT_NE(std::find(made.projections.begin(), made.projections.end(), p),
              made.projections.end());
  }
}

TEST(NetworkFromMatrices, RefusesOtherSizes) {
  const Eigen::MatrixXd two = Eigen::MatrixXd::Ones(2, 2), three = Eigen::MatrixXd::Ones(3, 3);
  EXPECT_THROW((void)network_from_matrices({"E", "I"}, {Neuron{}}, two, three),
               std::invalid_argument);
  EXPECT_THROW((void)network_from_matrices({"a", "b", "c"}, {Neuron{}, Neuron{}}, three, three),
               std::invalid_argument);
}

}  // namespace
}  // namespace nuphi
