#include <gtest/gtest.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/yaml.h>

#include <filesystem>
#include <vector>

namespace nuphi {
namespace {

namespace fs = std::filesystem;

/// Every model file of the examples and of the test data that is meant to load.
std::vector<fs::path> model_files() {
  std::vector<fs::path> files;
  for (const char* folder : {"/examples/models", "/tests/data/microcircuit_files"}) {
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(std::string(NUPHI_SOURCE_DIR) + folder)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  return files;
}

Model written_and_read(const Model& model) {
  return ModelFile::parse(to_yaml(model), "written.yaml").resolve();
}

void expect_same(const Model& a, const Model& b) {
  EXPECT_EQ(a.network, b.network);
  EXPECT_EQ(a.solve.find, b.solve.find);
  EXPECT_EQ(a.solve.method, b.solve.method);
  EXPECT_EQ(a.solve.tolerance, b.solve.tolerance);
  EXPECT_EQ(a.solve.max_iterations, b.solve.max_iterations);
  EXPECT_EQ(a.solve.starts, b.solve.starts);
  EXPECT_EQ(a.solve.seed, b.solve.seed);
  EXPECT_EQ(a.solve.max_rate, b.solve.max_rate);
  ASSERT_EQ(a.expect.size(), b.expect.size());
  for (std::size_t i = 0; i < a.expect.size(); ++i) {
    EXPECT_EQ(a.expect[i].rates, b.expect[i].rates);
    EXPECT_EQ(a.expect[i].stable, b.expect[i].stable);
    EXPECT_EQ(a.expect[i].rtol, b.expect[i].rtol);
    EXPECT_EQ(a.expect[i].atol, b.expect[i].atol);
  }
}

TEST(ToYaml, RoundTripsEveryModelFile) {
  const std::vector<fs::path> files = model_files();
  EXPECT_GE(files.size(), 5U);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const Model model = load_model(file);
    expect_same(model, written_and_read(model));
  }
}

TEST(ToYaml, RoundTripsTimeConstantsOfInputs) {
  Model model;
  Network& network = model.network;
  network.name = "own times";
  network.populations = {{"E",
                          PopulationKind::kExcitatory,
                          0,
                          {.model = NeuronModel::kLifExp,
                           .tau_m = 0.0201,
                           .t_ref = 2e-3,
                           .V_th = 0.0199,
                           .V_reset = 0.0103,
                           .C_m = 251.7e-12,
                           .tau_syn_ex = 0.51e-3,
                           .tau_syn_in = 2.3e-3}}};
  network.inputs = {{0, PoissonInput{.rate = 8, .weight = 1.7e-4, .tau_syn = 1.0 / 700}},
                    {0, PoissonInput{.rate = 8, .weight = -1.7e-4, .tau_syn = 0}},
                    {0, PoissonInput{.rate = 8, .weight = -1.7e-4}},
                    {0, NoiseInput{.mean = 1e-3, .sigma = 2e-3, .tau_syn = 3e-3}}};
  expect_same(model, written_and_read(model));
}

/// A network with every kind of element, and numbers that are no short decimals.
Model rich_model() {
  Neuron delta{.tau_m = 0.0201, .t_ref = 1.0 / 300, .V_th = 0.0199, .V_reset = 0.0103};
  Neuron exponential = delta;
  exponential.model = NeuronModel::kLifExp;
  exponential.C_m = 251.7e-12;
  exponential.tau_syn_ex = 0.51e-3;
  exponential.tau_syn_in = 0.51e-3;
  Model model;
  Network& network = model.network;
  network.name = "a name: with \"quotes\" # and\nlines";
  network.reference = "null";
  network.correction = Correction::kShiftRefractory;
  network.populations = {{"E", PopulationKind::kExcitatory, 800, delta},
                         {"L2/3 I", PopulationKind::kInhibitory, 200, exponential},
                         {"null", PopulationKind::kUnspecified, 0, delta}};
  const auto add = [&](int source, int target, double weight, std::optional<Delay> delay) {
    network.projections.push_back({.source = source,
                                   .target = target,
                                   .indegree = 1000.0 / 7,
                                   .weight = weight,
                                   .weight_cv = 0.1,
                                   .delay = delay});
  };
  using D = DelayDistribution;
  add(0, 0, 1e-4 / 3, Delay{D::kConstant, 1.5e-3});
  add(1, 0, -2e-4 / 3, Delay{D::kUniform, 0, 0, 0.1e-3, 2.7e-3});
  add(2, 0, -3e-4 / 7, Delay{D::kExponential, 1e-3 / 3});
  add(2, 2, 3e-4 / 7, Delay{D::kGamma, 1e-3 / 3, 1e-4});
  add(0, 2, 0, Delay{D::kTruncatedGaussian, 1e-3 / 3, 1e-4});
  add(1, 2, -0.0, Delay{D::kGaussian, 1e-3 / 3, 1e-4});
  add(0, 0, 5e-5, Delay{D::kLognormal, 1e-3 / 3, 1e-4});
  add(0, 0, 5e-5, std::nullopt);
  network.projections[0].indegree_distribution = IndegreeDistribution::kBinomial;
  network.projections[1].indegree_distribution = IndegreeDistribution::kPoisson;
  network.inputs = {
      {0, PoissonInput{.indegree = 12.5, .rate = 1e3 / 3, .weight = 1e-4 / 3, .weight_cv = 0.2}},
      {1, DcInput{-1e-3 / 3}},
      {2, NoiseInput{1e-3 / 3, 1e-3 / 7}}};
  network.response = {.colour = ColourResponse::kQuasiStatic,
                      .refractoriness = Refractoriness::kRateOnly,
                      .variance = false};
  model.solve.find = Find::kAll;
  model.solve.method = Method::kAnderson;
  model.solve.tolerance = 1e-7 / 3;
  model.solve.seed = 7;
  model.solve.max_rate = 123.456;
  model.expect.push_back({Eigen::Vector3d(1e-3 / 3, 0, 1e5 / 3), false, 1e-5, 1e-12});
  return model;
}

TEST(ToYaml, RoundTripsEveryKindOfElement) {
  const Model model = rich_model();
  ASSERT_EQ(validate(model.network).size(), 0U) << format_diagnostics(validate(model.network));
  expect_same(model, written_and_read(model));
}

TEST(ToYaml, WritesNumbersAsAPersonWould) {
  const std::string text =
      to_yaml(load_model(std::string(NUPHI_SOURCE_DIR) + "/examples/models/microcircuit.yaml"));
  EXPECT_NE(text.find("weight: 87.8 pA"), std::string::npos);
  EXPECT_NE(text.find("weight: -351.2 pA"), std::string::npos);
  EXPECT_NE(text.find("V_th: -50 mV"), std::string::npos);
  EXPECT_NE(text.find("{mean: 0.75 ms, sd: 0.375 ms, distribution: truncated_gaussian}"),
            std::string::npos);
}

TEST(ToYaml, IsStable) {
  const std::string once = to_yaml(rich_model());
  EXPECT_EQ(to_yaml(ModelFile::parse(once).resolve()), once);
}

}  // namespace
}  // namespace nuphi
