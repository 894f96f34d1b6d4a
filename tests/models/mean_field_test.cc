#include <gtest/gtest.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/mean_field.h>

#include <cmath>
#include <limits>

#include "models/support.h"

namespace nuphi {
namespace {

using test::codes_of;

Neuron delta_neuron(double tau_m) {
  return {.tau_m = tau_m, .t_ref = 2e-3, .V_th = 20e-3, .V_reset = 10e-3};
}

Neuron exponential_neuron(double tau_ex, double tau_in) {
  return {.model = NeuronModel::kLifExp,
          .tau_m = 10e-3,
          .t_ref = 2e-3,
          .V_th = 15e-3,
          .V_reset = 0,
          .C_m = 250e-12,
          .tau_syn_ex = tau_ex,
          .tau_syn_in = tau_in};
}

/// Two populations with different time constants, two projections between one pair, all kinds of
/// input.
Network two_populations() {
  Network network;
  network.populations = {{"E", PopulationKind::kExcitatory, 800, delta_neuron(20e-3)},
                         {"I", PopulationKind::kInhibitory, 200, delta_neuron(10e-3)}};
  network.projections = {
      {.source = 0, .target = 1, .indegree = 80, .weight = 0.1e-3, .weight_cv = 0.5},
      {.source = 0, .target = 1, .indegree = 10, .weight = 0.3e-3},
      {.source = 1, .target = 0, .indegree = 20, .weight = -0.5e-3}};
  network.inputs = {
      {0, PoissonInput{.indegree = 100, .rate = 8, .weight = 0.2e-3, .weight_cv = 0.3}},
      {0, DcInput{3e-3}},
      {0, NoiseInput{1e-3, 2e-3}},
      {1, NoiseInput{-1e-3, 0}}};
  return network;
}

TEST(MeanField, FollowsTheFormulas) {
  const MeanField field = mean_field(two_populations());
  const Eigen::MatrixXd &A = field.coupling.dense(MeanField::kMean),
                        &B = field.coupling.dense(MeanField::kVariance);
  EXPECT_DOUBLE_EQ(A(1, 0), 10e-3 * (80 * 0.1e-3 + 10 * 0.3e-3)) << "projections of a pair add up";
  EXPECT_DOUBLE_EQ(B(1, 0), 10e-3 * (80 * 0.1e-3 * 0.1e-3 * 1.25 + 10 * 0.3e-3 * 0.3e-3));
  EXPECT_DOUBLE_EQ(A(0, 1), 20e-3 * 20 * -0.5e-3) << "row is the target, and its tau_m counts";
  EXPECT_DOUBLE_EQ(B(0, 1), 20e-3 * 20 * 0.25e-6);
  EXPECT_EQ(A(0, 0), 0);
  EXPECT_DOUBLE_EQ(field.external_mean()[0], 20e-3 * 100 * 0.2e-3 * 8 + 3e-3 + 1e-3);
  EXPECT_DOUBLE_EQ(field.external_variance()[0], 20e-3 * 100 * 0.04e-6 * 8 * 1.09 + 4e-6);
  EXPECT_EQ(field.external_mean()[1], -1e-3);
  EXPECT_EQ(field.external_variance()[1], 0);
}

TEST(MeanField, SparseAndDenseAgree) {
  for (const Network& network : {two_populations(), brunel2000(), potjans_diesmann2014()}) {
    const MeanField dense = mean_field(network, CouplingStorage::kDense);
    const MeanField sparse = mean_field(network, CouplingStorage::kSparse);
    for (const auto k : {MeanField::kMean, MeanField::kVariance}) {
      EXPECT_EQ(dense.coupling.dense(k), Eigen::MatrixXd(sparse.coupling.sparse(k)));
    }
    EXPECT_EQ(sparse.coupling.sparse(0).nonZeros(), sparse.coupling.sparse(1).nonZeros())
        << "one pattern";
    EXPECT_NO_THROW(check(dense));
    EXPECT_NO_THROW(check(sparse));
  }
}

TEST(MeanField, StorageIsSparseOnlyWhereThatIsSmaller) {
  Network network;
  for (int i = 0; i < 100; ++i) {
    network.populations.push_back(
        {std::string(1, static_cast<char>(33 + i)), {}, 0, delta_neuron(20e-3)});
  }
  EXPECT_TRUE(mean_field(network).coupling.is_sparse());
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 100; ++j) {
      network.projections.push_back({.source = j, .target = i, .indegree = 1, .weight = 1e-4});
    }
  }
  EXPECT_TRUE(mean_field(network).coupling.is_dense());
  EXPECT_TRUE(mean_field(two_populations()).coupling.is_dense());
}

TEST(MeanField, SynapticTimeConstantIsThatOfTheModel) {
  EXPECT_EQ(mean_field(brunel2000()).lif(0).neuron.tau_syn, 0);
  EXPECT_EQ(mean_field(potjans_diesmann2014()).lif(0).neuron.tau_syn, 0.5e-3);
}

/// E receives excitation, inhibition, an input and noise, each of its own time constant; I
/// excitation alone.
Network three_time_constants() {
  Network network;
  network.populations = {{"E", PopulationKind::kExcitatory, 0, exponential_neuron(0.5e-3, 2e-3)},
                         {"I", PopulationKind::kInhibitory, 0, exponential_neuron(0.5e-3, 2e-3)}};
  network.projections = {
      {.source = 0, .target = 0, .indegree = 80, .weight = 0.1e-3, .weight_cv = 0.5},
      {.source = 0, .target = 1, .indegree = 80, .weight = 0.2e-3},
      {.source = 1, .target = 0, .indegree = 20, .weight = -0.5e-3}};
  network.inputs = {
      {0, PoissonInput{.indegree = 300, .rate = 9, .weight = 0.2e-3, .tau_syn = 5e-3}},
      {0, NoiseInput{.mean = 10e-3, .sigma = 1e-3, .tau_syn = 8e-3}}};
  return network;
}

TEST(MeanField, CorrectionFollowsTheModelUnlessGiven) {
  EXPECT_EQ(mean_field(brunel2000()).lif(0).correction, Correction::kNone);
  EXPECT_EQ(mean_field(potjans_diesmann2014()).lif(0).correction, Correction::kShift);
  Network network = potjans_diesmann2014();
  network.correction = Correction::kTaylor;
  EXPECT_EQ(mean_field(network).lif(0).correction, Correction::kTaylor);
  network.correction.reset();
  EXPECT_EQ(mean_field(network).lif(0).correction, Correction::kUniform);
  EXPECT_EQ(mean_field(three_time_constants()).lif(0).correction, Correction::kUniform);
}

TEST(MeanField, UnequalSynapticTimesMatterOnlyWhereBothArriveAndColourCounts) {
  Network network;
  network.populations = {{"E", PopulationKind::kExcitatory, 0, exponential_neuron(0.5e-3, 2e-3)},
                         {"I", PopulationKind::kInhibitory, 0, exponential_neuron(0.5e-3, 2e-3)}};
  network.projections = {{.source = 0, .target = 1, .indegree = 80, .weight = 0.1e-3},
                         {.source = 1, .target = 0, .indegree = 20, .weight = -0.5e-3}};
  EXPECT_EQ(mean_field(network).lif(0).neuron.tau_syn, 2e-3) << "inhibition alone";
  EXPECT_EQ(mean_field(network).lif(1).neuron.tau_syn, 0.5e-3) << "excitation alone";

  EXPECT_FALSE(has_several_tau_syn(mean_field(network)));
  EXPECT_EQ(mean_field(network).sums(), 2);

  network.inputs = {{0, PoissonInput{.indegree = 1, .rate = 8, .weight = 1e-4}}};
  ASSERT_TRUE(has_several_tau_syn(mean_field(network)));
  EXPECT_TRUE(mean_field(network).lif(0).several_tau_syn);
  EXPECT_FALSE(mean_field(network).lif(1).several_tau_syn);
  network.correction = Correction::kNone;
  EXPECT_FALSE(has_several_tau_syn(mean_field(network)));
}

TEST(MeanField, SynapticFiltersAreThoseOfTheirParts) {
  const Network network = three_time_constants();
  const Eigen::VectorXd rates = Eigen::Vector2d(7, 19);
  for (const Correction correction :
       {Correction::kShift, Correction::kTaylor, Correction::kAdiabatic}) {
    Network corrected = network;
    corrected.correction = correction;
    for (const CouplingStorage storage : {CouplingStorage::kDense, CouplingStorage::kSparse}) {
      const MeanField field = mean_field(corrected, storage);
      check(field);
      const double tau_m = 10e-3;
      const std::vector<FilteredVariance> parts = {
          {0.5e-3, tau_m * 80 * 0.1e-3 * 0.1e-3 * (1 + 0.25) * rates[0]},
          {2e-3, tau_m * 20 * 0.5e-3 * 0.5e-3 * rates[1]},
          {5e-3, tau_m * 300 * 9 * 0.2e-3 * 0.2e-3},
          {8e-3, 1e-3 * 1e-3}};
      const EffectiveFilter expected = effective_filter(parts, correction);
      EXPECT_NEAR(effective_neurons(field, rates)[0].tau_syn, expected.tau_syn,
                  4e-15 * expected.tau_syn);
      EXPECT_EQ(effective_neurons(field, rates)[1].tau_syn, 0.5e-3) << "excitation alone";
    }
  }
}

TEST(MeanField, WhatACorrectionCannotMixIsRefused) {
  Network network = three_time_constants();
  network.correction = Correction::kShiftRefractory;
  EXPECT_EQ(codes_of([&] { (void)mean_field(network); }),
            std::vector<std::string>{"unequal-tau-syn"});
  network.correction = Correction::kAdiabatic;
  EXPECT_NO_THROW((void)mean_field(network));
  std::get<NoiseInput>(network.inputs[1].source).tau_syn = 0;
  EXPECT_EQ(codes_of([&] { (void)mean_field(network); }),
            std::vector<std::string>{"unequal-tau-syn"})
      << "a current of white noise has no finite variance";
  network.correction = Correction::kShift;
  EXPECT_NO_THROW((void)mean_field(network));
}

TEST(MeanField, RefusesFiltersAndTransferFunctionsThatDoNotFit) {
  const auto refused = [](auto&& spoil) {
    MeanField field = mean_field(three_time_constants());
    spoil(field);
    EXPECT_THROW(check(field), std::invalid_argument);
  };
  refused([](MeanField& f) { f.external.conservativeResize(2, 2); });
  refused([](MeanField& f) { f.external(0, MeanField::kFiltered) = -1; });
  refused([](MeanField& f) { f.coupling.dense(MeanField::kFiltered) = Eigen::MatrixXd(1, 2); });
  refused([](MeanField& f) { f.lif(0).correction = Correction::kShiftRefractory; });
  refused([](MeanField& f) {
    f.external.conservativeResize(2, 2);
    f.coupling = Coupling::dense({f.coupling.dense(0), f.coupling.dense(1)});
  });
  refused([](MeanField& f) { f.variance_sources.assign(1, SourceFunction::kBinaryVariance); });
  refused([](MeanField& f) { f.nodes.assign(1, BinaryTransfer{}); });
  refused([](MeanField& f) { f.nodes.clear(); });
}

TEST(MeanField, RefusesAFaultyNetwork) {
  Network network = two_populations();
  network.populations[0].neuron.tau_m = 0;
  EXPECT_THROW((void)mean_field(network), ModelError);
}

TEST(MeanField, AnUncoupledNetworkIsANetwork) {
  Network network;
  network.populations = {{"A", {}, 0, delta_neuron(20e-3)}};
  const MeanField field = mean_field(network);
  EXPECT_EQ(field.size(), 1);
  EXPECT_NO_THROW(check(field));
}

TEST(CheckMeanField, FindsEachFault) {
  const MeanField sound = mean_field(two_populations());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [&](auto change, CouplingStorage storage = CouplingStorage::kDense) {
    MeanField field = mean_field(two_populations(), storage);
    change(field);
    EXPECT_THROW(check(field), std::invalid_argument);
  };
  EXPECT_NO_THROW(check(sound));
  refused([](MeanField& f) { f.names.pop_back(); });
  refused([](MeanField& f) { f.nodes.pop_back(); });
  refused([](MeanField& f) { f.external.resize(3, 2); });
  refused([](MeanField& f) { f.external_variance()[0] = -1e-9; });
  refused([&](MeanField& f) { f.external_mean()[0] = nan; });
  refused([&](MeanField& f) { f.lif(0).neuron.tau_m = nan; });
  refused([](MeanField& f) { f.lif(0).neuron.t_ref = -1; });
  refused([](MeanField& f) { f.lif(0).neuron.V_reset = f.lif(0).neuron.V_th; });
  refused([](MeanField& f) { f.coupling.dense(0).resize(2, 3); });
  refused([&](MeanField& f) { f.coupling.dense(0)(0, 0) = nan; });
  refused([](MeanField& f) { f.coupling.dense(1)(0, 0) = -1; });
  const auto with_entry = [](Eigen::Index k, double value) {
    return [=](MeanField& f) {
      std::vector<SparseRows> matrices = {f.coupling.sparse(0), f.coupling.sparse(1)};
      matrices[static_cast<std::size_t>(k)].coeffRef(1, 0) = value;
      f.coupling = Coupling::sparse(matrices);
    };
  };
  refused(with_entry(MeanField::kVariance, -1), CouplingStorage::kSparse);
  refused(with_entry(MeanField::kMean, nan), CouplingStorage::kSparse);
}

}  // namespace
}  // namespace nuphi
