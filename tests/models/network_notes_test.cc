#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/notes.h>

#include <functional>

#include "support.h"

namespace nuphi::test {
namespace {

using namespace units;

/// Notes on Brunel's network with one thing changed.
std::vector<Note> notes_after(const std::function<void(Network&)>& slip) {
  Network network = brunel2000();
  slip(network);
  return network_notes(network);
}

void expect_one(const std::vector<Note>& notes, const std::string& code, const std::string& words) {
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].code, code);
  EXPECT_NE(notes[0].message.find(words), std::string::npos) << notes[0].message;
  EXPECT_FALSE(notes[0].populations.empty());
}

Neuron& first(Network& network) { return network.populations[0].neuron; }

TEST(NetworkNotes, SoundNetworksHaveNone) {
  EXPECT_TRUE(network_notes(brunel2000()).empty());
  EXPECT_TRUE(network_notes(potjans_diesmann2014()).empty());
  for (const char* name : {"bistable.yaml", "brunel2000.yaml", "microcircuit.yaml",
                           "synaptic_times.yaml", "three_states.yaml"})
    EXPECT_TRUE(network_notes(load_network(example_path(name))).empty()) << name;
}

TEST(NetworkNotes, MillisecondsAndMillivoltsAsSiAreOneSlip) {
  expect_one(notes_after([](Network& n) {
               first(n) = {.tau_m = 20, .t_ref = 2, .V_th = 20, .V_reset = 10};
             }),
             "units", "20 * ms");
  expect_one(notes_after([](Network& n) {
               first(n) = {.tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20, .V_reset = 10};
             }),
             "threshold", "10 V above V_reset");
}

TEST(NetworkNotes, TimeConstantsOutOfRange) {
  expect_one(notes_after([](Network& n) { first(n).tau_m = 1.01; }), "tau-m", "tau_m = 1.01 s");
  EXPECT_TRUE(notes_after([](Network& n) { first(n).tau_m = 1; }).empty());
  expect_one(notes_after([](Network& n) { first(n).t_ref = 0.1; }), "t-ref", "10 Hz");
  EXPECT_TRUE(notes_after([](Network& n) { first(n).t_ref = 0.099; }).empty());
}

TEST(NetworkNotes, PotentialsThatDoNotFitTogether) {
  const auto potentials = [](double E_L, double V_th, double V_reset) {
    return notes_after([=](Network& n) {
      first(n).E_L = E_L;
      first(n).V_th = V_th - E_L;
      first(n).V_reset = V_reset - E_L;
    });
  };
  expect_one(potentials(0, -50 * mV, -65 * mV), "rest-missing", "E_L must be given");
  expect_one(potentials(-49 * mV, -50 * mV, -60 * mV), "threshold-below-rest", "1 mV below E_L");
  expect_one(potentials(-65 * mV, 20 * mV, -65 * mV), "mixed-potentials", "relative");
  EXPECT_TRUE(potentials(-65 * mV, -50 * mV, -65 * mV).empty());
  EXPECT_TRUE(potentials(0, 20 * mV, 10 * mV).empty());
  EXPECT_TRUE(potentials(-10 * mV, 5 * mV, 0).empty());
}

TEST(NetworkNotes, AJumpAboveTheDistanceToThreshold) {
  expect_one(notes_after([](Network& n) { n.projections[0].weight = 10.1 * mV; }),
             "jump-above-threshold", "10.1 mV");
  EXPECT_TRUE(notes_after([](Network& n) { n.projections[0].weight = 9.9 * mV; }).empty());
  const auto without = notes_after([](Network& n) {
    n.projections[0].weight = 10.1 * mV;
    n.projections[0].indegree = 0;
  });
  EXPECT_TRUE(without.empty());
  const auto input = [](double weight, double rate) {
    return notes_after([=](Network& n) {
      n.inputs = {{1, PoissonInput{.indegree = 10, .rate = rate, .weight = weight}}};
    });
  };
  expect_one(input(-11 * mV, 1), "jump-above-threshold", "its Poisson input");
  EXPECT_EQ(input(-11 * mV, 1)[0].populations, std::vector<std::string>{"I"});
  EXPECT_TRUE(input(-11 * mV, 0).empty());
}

TEST(NetworkNotes, AnIndegreeThatLooksLikeAProbability) {
  const auto indegree = [](double K, double size) {
    return notes_after([=](Network& n) {
      n.populations[0].size = size;
      n.projections[0].indegree = K;
    });
  };
  expect_one(indegree(0.1, 10000), "indegree-below-one", "probability: 0.1");
  expect_one(indegree(0.02, 0), "indegree-below-one", "probability: 0.02");
  EXPECT_TRUE(indegree(0.319552818, 10000).empty());  // beside larger ones of the same source
  EXPECT_TRUE(indegree(0.5, 5).empty());              // one synapse to every second neuron
  EXPECT_TRUE(indegree(0, 10000).empty());
  EXPECT_TRUE(indegree(1, 10000).empty());
  const auto all = notes_after([](Network& n) {
    for (Projection& p : n.projections) p.indegree = 0.12345;
  });
  expect_one(all, "indegree-below-one", "(1 more like it)");
  EXPECT_EQ(all[0].populations.size(), 2U);
}

TEST(NetworkNotes, DistributedIndegreesThatNothingUses) {
  expect_one(notes_after([](Network& n) {
               n.projections[0].indegree_distribution = IndegreeDistribution::kBinomial;
             }),
             "unused-distribution", "mean 1000");
}

TEST(NetworkNotes, ANeuronThatReceivesItsOwnSpikes) {
  const auto autapse = [](double size, double weight) {
    return notes_after([=](Network& n) {
      n.populations[1].size = size;
      for (Projection& p : n.projections)
        if (p.source == 1 && p.target == 1) p.weight = weight;
    });
  };
  expect_one(autapse(1, -5 * mV), "own-spikes", "= 0.5");
  EXPECT_TRUE(autapse(1, 0).empty());
  EXPECT_TRUE(autapse(2, -5 * mV).empty());
}

TEST(NetworkNotes, MultapsesBetweenSingleNeuronsAreAnError) {
  const std::string text = R"(schema: nuphi/1
name: autapse
neuron: {model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}
populations: [{name: A, kind: inhibitory, size: SIZE}]
connections: [{from: A, to: A, rule: multapse, probability: CHANCE, weight: -5 mV, delay: 1 ms}]
inputs: [{to: A, noise: {mean: 24 mV, sigma: 4 mV}}]
)";
  const auto codes = [&](const std::string& size, const std::string& chance) {
    std::string model = text;
    model.replace(model.find("SIZE"), 4, size);
    model.replace(model.find("CHANCE"), 6, chance);
    return codes_of([&] { (void)ModelFile::parse(model).resolve(); });
  };
  EXPECT_EQ(codes("1", "0.5"), std::vector<std::string>{"out-of-range"});
  EXPECT_TRUE(codes("1", "0").empty());
  EXPECT_TRUE(codes("2", "0.5").empty());
}

}  // namespace
}  // namespace nuphi::test
