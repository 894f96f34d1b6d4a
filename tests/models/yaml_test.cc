#include <gtest/gtest.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

using test::codes_of;
using test::example_path;
using test::model_text;

TEST(ModelFile, LoadsEveryExample) {
  for (const char* name : {"brunel2000.yaml", "microcircuit.yaml", "bistable.yaml",
                           "three_states.yaml", "synaptic_times.yaml"}) {
    SCOPED_TRACE(name);
    const Model model = load_model(example_path(name));
    EXPECT_TRUE(validate(model.network).empty());
    EXPECT_FALSE(model.expect.empty());
    EXPECT_NO_THROW(check(mean_field(model.network)));
  }
}

TEST(ModelFile, ReadsBrunel2000) {
  const Model model = load_model(example_path("brunel2000.yaml"));
  const Network& network = model.network;
  EXPECT_EQ(network.name, "brunel2000");
  EXPECT_EQ(network.reference, "doi:10.1023/A:1008925309027");
  ASSERT_EQ(network.populations.size(), 2U);
  EXPECT_EQ(network.populations[0].name, "E");
  EXPECT_EQ(network.populations[1].kind, PopulationKind::kInhibitory);
  EXPECT_EQ(network.populations[1].size, 2500);
  EXPECT_EQ(network.populations[0].neuron.tau_m, 20e-3);
  ASSERT_EQ(network.projections.size(), 4U);
  EXPECT_EQ(network.projections[2].indegree, 250);
  EXPECT_EQ(network.projections[2].weight, -5 * 1e-4);
  EXPECT_EQ(network.projections[2].delay->mean, 1.5e-3);
  ASSERT_EQ(network.inputs.size(), 2U);
  EXPECT_EQ(std::get<PoissonInput>(network.inputs[0].source).rate,
            2 * (20e-3 / (1000 * 1e-4 * 20e-3)));
  EXPECT_EQ(model.solve.find, Find::kOne);
  EXPECT_FALSE(network.correction.has_value());
}

TEST(ModelFile, ListsParametersInTheOrderOfTheFile) {
  const Model model = load_model(example_path("brunel2000.yaml"));
  ASSERT_EQ(model.parameters.size(), 7U);
  EXPECT_EQ(model.parameters[0].name, "J");
  EXPECT_EQ(model.parameters[0].value, 1e-4);
  EXPECT_EQ(model.parameters[0].dimension, "V");
  EXPECT_EQ(model.parameters[0].unit, "mV");
  EXPECT_EQ(model.parameters[1].dimension, "1");
  EXPECT_EQ(model.parameters[4].name, "nu_thr");
  EXPECT_TRUE(model.parameters[4].is_expression);
  EXPECT_EQ(model.parameters[4].dimension, "Hz");
}

TEST(ModelFile, OverridesFollowThroughExpressions) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  const Model model = file.resolve({{"theta", "40 mV"}, {"J", "= theta / 200"}, {"eta", "3"}});
  EXPECT_EQ(model.network.populations[0].neuron.V_th, 40e-3);
  EXPECT_EQ(model.network.projections[0].weight, 40e-3 / 200);
  EXPECT_EQ(std::get<PoissonInput>(model.network.inputs[0].source).rate,
            3 * (40e-3 / (1000 * (40e-3 / 200) * 20e-3)));
  EXPECT_EQ(file.resolve().network.populations[0].neuron.V_th, 20e-3)
      << "the file keeps its values";
}

TEST(ModelFile, ValuesInSiEqualOverridesAsText) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  const std::map<std::string, double, std::less<>> values = {{"g", 4.5}, {"nu_thr", 12.0}};
  EXPECT_EQ(file.resolve(values).network,
            file.resolve({{"g", "4.5"}, {"nu_thr", "12 Hz"}}).network);
}

TEST(ModelFile, RefusesOverridesThatDoNotFit) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  const auto codes = [&](const Overrides& overrides) {
    return codes_of([&] { (void)file.resolve(overrides); });
  };
  using Codes = std::vector<std::string>;
  EXPECT_EQ(codes({{"gg", "3"}}), Codes{"unknown-parameter"});
  EXPECT_EQ(codes({{"J", "0.2"}}), Codes{"missing-unit"});
  EXPECT_EQ(codes({{"J", "0.2 ms"}}), Codes{"wrong-unit"});
  EXPECT_EQ(codes({{"g", "0.2 mV"}}), Codes{"wrong-unit"});
  EXPECT_EQ(codes({{"J", "= tau"}}), Codes{"wrong-dimension"});
  EXPECT_EQ(codes({{"J", "= nu_thr * J * tau"}}), Codes{"cycle"});
  EXPECT_EQ(codes({{"J", ""}}), Codes{"bad-number"});
  EXPECT_EQ(codes({{"g", "1e999"}}), Codes{"non-finite"});
  EXPECT_EQ(codes({{"theta", "5 mV"}}), Codes{"reset-above-threshold"});
  EXPECT_EQ(codes({{"tau", "0 ms"}, {"zz", "1"}}), Codes{"unknown-parameter"});
  const std::map<std::string, double, std::less<>> nan = {{"g", std::nan("")}};
  EXPECT_EQ(codes_of([&] { (void)file.resolve(nan); }), Codes{"non-finite"});
}

TEST(ModelFile, FaultsOfOverridesNameTheParameterNotThePlace) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  for (const char* text : {"= 1 +", "= nope", "= J", "3 apples", "= 1/0 * tau"}) {
    try {
      (void)file.resolve({{"J", text}});
      FAIL() << text;
    } catch (const ModelError& error) {
      ASSERT_EQ(error.diagnostics().size(), 1U) << error.what();
      EXPECT_EQ(error.diagnostics()[0].file, "") << text;
      EXPECT_EQ(error.diagnostics()[0].path, "J") << text;
    }
  }
}

TEST(ModelFile, ParametersThatBecomeInfiniteAreReported) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  const std::map<std::string, double, std::less<>> values = {{"J", 0.0}};
  const auto codes = codes_of([&] { (void)file.resolve(values); });
  ASSERT_FALSE(codes.empty());
  EXPECT_EQ(codes.front(), "non-finite");
}

TEST(ModelFile, ResolvesInParallel) {
  const ModelFile file = ModelFile::load(example_path("brunel2000.yaml"));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < 500; ++k) {
        const double g = 3 + t + 0.001 * k;
        const std::map<std::string, double, std::less<>> values = {{"g", g}};
        wrong[t] += file.resolve(values).network.projections[2].weight != -g * 1e-4;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(ModelFile, AMissingFileIsAFileError) {
  EXPECT_THROW((void)ModelFile::load("/nowhere/model.yaml"), FileError);
  EXPECT_THROW((void)ModelFile::load(NUPHI_SOURCE_DIR), FileError);
  std::vector<Diagnostic> diagnostics;
  EXPECT_THROW((void)try_load_model("/nowhere/model.yaml", &diagnostics), FileError);
}

TEST(ModelFile, ATextWithWindowsLineEndsLoads) {
  std::string text = model_text({});
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(ModelFile::parse(windows).resolve().network, ModelFile::parse(text).resolve().network);
}

TEST(ParseQuantity, RoundsTheDecimalTextOnce) {
  EXPECT_EQ(parse_quantity("0.1 mV", "V"), 1e-4);
  EXPECT_EQ(parse_quantity("87.8 pA", "A"), 87.8e-12);
  EXPECT_EQ(parse_quantity("1.7e1 us", "s"), 17e-6);
  EXPECT_EQ(parse_quantity("-65mV", "V"), -65e-3);
  EXPECT_EQ(parse_quantity("+.5 ms", "s"), 0.5e-3);
  EXPECT_EQ(parse_quantity("5. kHz", "Hz"), 5e3);
  EXPECT_EQ(parse_quantity("8 1/s", "Hz"), 8.0);
}

TEST(ParseQuantity, KnowsTheUnitsOfTheField) {
  EXPECT_EQ(parse_quantity("250 pF", "F"), 250e-12);
  EXPECT_EQ(parse_quantity("1 µs", "s"), 1e-6);  // micro sign
  EXPECT_EQ(parse_quantity("1 μs", "s"), 1e-6);  // Greek letter
  EXPECT_EQ(parse_quantity("3 mV/ms", "V/s"), 3.0);
  EXPECT_EQ(parse_quantity("40 MOhm", "V/A"), 40e6);
  EXPECT_EQ(parse_quantity("30 nS", "A/V"), 30e-9);
  EXPECT_EQ(parse_quantity("2 mV^2", "V^2"), 2e-6);
  EXPECT_EQ(parse_quantity("7", "1"), 7.0);
  EXPECT_EQ(parse_quantity("2 V/s^(3/6)", "V/s^(3/6)"), 2.0);
}

}  // namespace
}  // namespace nuphi
