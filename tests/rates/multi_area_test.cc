// The multi-area networks of the reference folder (254 populations): published data that is not
// part of this project. Skipped where the folder is absent.
#include <nuphi/core/siegert.h>
#include <nuphi/rates/stationary.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "reference_networks.h"

namespace nuphi {
namespace {

namespace fs = std::filesystem;

fs::path multi_area_file(const std::string& name) {
  return fs::path(NUPHI_SOURCE_DIR).parent_path() / "shared/reference/networks" /
         ("multi_area_" + name + ".json");
}

std::string why_skipped(const std::string& name) {
  return "needs multi_area_" + name +
         ".json, of the published multi-area model, which may not be copied into this repository; "
         "it is looked for in shared/reference/networks beside the checkout";
}

#define NUPHI_NEEDS(name) \
  if (!fs::exists(multi_area_file(name))) GTEST_SKIP() << why_skipped(name)

// max |ν − Φ(ν)|, from outside the solver.
double residual(const MeanField& field, const Eigen::VectorXd& rates) {
  const auto& coupling = field.coupling;
  const Eigen::VectorXd mu = coupling.sparse(0) * rates + field.external_mean();
  const Eigen::VectorXd variance = coupling.sparse(1) * rates + field.external_variance();
  double worst = 0;
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const double rate =
        siegert(mu[i], std::sqrt(variance[i]), field.lif(i).neuron, field.lif(i).correction).rate;
    worst = std::max(worst, std::abs(rate - rates[i]));
  }
  return worst;
}

Eigen::VectorXd vector(const nlohmann::json& values) {
  const auto numbers = values.get<std::vector<double>>();
  return Eigen::Map<const Eigen::VectorXd>(numbers.data(),
                                           static_cast<Eigen::Index>(numbers.size()));
}

void expect_state(const StationaryResult& result, const nlohmann::json& expected) {
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  const Eigen::VectorXd rates = vector(expected.at("rates"));
  EXPECT_LE((result.state.rates - rates).cwiseAbs().maxCoeff(), 1e-10 * rates.maxCoeff());
  const Eigen::VectorXd mean = vector(expected.at("mean_input"));
  EXPECT_LE((result.state.mean_input - mean).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_EQ(result.state.rate_dynamics_stable, expected.at("stable").get<bool>());
  EXPECT_NEAR(result.state.leading_eigenvalue.value(),
              expected.at("jacobian_eigs_largest_re").at("re")[0].get<double>(), 1e-9);
}

TEST(MultiArea, ZeroRatesFlowToTheStateOfLowActivity) {
  NUPHI_NEEDS("ground");
  const auto json = test::read_json(multi_area_file("ground"));
  const MeanField field = test::multi_area_field(json.at("inputs"));
  const StationaryResult result = solve_stationary(field);
  expect_state(result, json.at("outputs").at("low_activity"));
  EXPECT_LE(residual(field, result.state.rates), 1e-10);
}

TEST(MultiArea, UniformRatesFlowToTheStateOfHighActivity) {
  NUPHI_NEEDS("ground");
  const auto json = test::read_json(multi_area_file("ground"));
  const MeanField field = test::multi_area_field(json.at("inputs"));
  for (const auto& [name, start] :
       {std::pair("from_uniform_50Hz", 50.0), std::pair("from_uniform_200Hz", 200.0)}) {
    SCOPED_TRACE(name);
    SolveOptions options;
    options.method = Method::kRelaxation;
    options.initial_rates = Eigen::VectorXd::Constant(field.size(), start);
    expect_state(solve_stationary(field, options), json.at("outputs").at(name));
  }
}

class MultiAreaInputs : public testing::TestWithParam<const char*> {};

TEST_P(MultiAreaInputs, AreSolvedFromZeroRates) {
  NUPHI_NEEDS(GetParam());
  const auto json = test::read_json(multi_area_file(GetParam()));
  const MeanField field = test::multi_area_field(json.at("inputs"));
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_LE(residual(field, result.state.rates), 1e-10);
  EXPECT_TRUE(result.state.rate_dynamics_stable.value());
}
INSTANTIATE_TEST_SUITE_P(, MultiAreaInputs,
                         testing::Values("metastable_inputs", "paper2017_base_inputs"));

}  // namespace
}  // namespace nuphi
