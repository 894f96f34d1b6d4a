#include <gtest/gtest.h>
#include <nuphi/core/units.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/solver/methods.h>

#include <algorithm>
#include <cmath>

#include "support/csv.h"

namespace nuphi {
namespace {

using namespace units;

/// x = x + p(x)/c with p a polynomial of known roots: as many fixed points as roots, every second
/// one unstable.
class Polynomial final : public FixedPointProblem {
 public:
  explicit Polynomial(std::vector<double> roots) : roots_(std::move(roots)) {}
  Eigen::Index size() const override { return 1; }
  const Eigen::VectorXd& lower() const override { return lower_; }
  const Eigen::VectorXd& upper() const override { return upper_; }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override {
    double p = 1;
    double slope = 0;
    for (const double root : roots_) {
      slope = slope * (x[0] - root) + p;
      p *= x[0] - root;
    }
    slope_ = 1 + slope / kScale;
    value.resize(1);
    value[0] = x[0] + p / kScale;
    rounding_ = 1e-15 * (std::abs(x[0]) + std::abs(p / kScale));
  }
  void jacobian(Eigen::MatrixXd& matrix) const override { matrix.setConstant(1, 1, slope_); }
  using FixedPointProblem::jacobian;
  void rounding(Eigen::VectorXd& bound) const override { bound.setConstant(1, rounding_); }

 private:
  static constexpr double kScale = 1e4;
  std::vector<double> roots_;
  Eigen::VectorXd lower_ = Eigen::VectorXd::Zero(1);
  Eigen::VectorXd upper_ = Eigen::VectorXd::Constant(1, 100.0);
  double slope_ = 0;
  double rounding_ = 0;
};

TEST(Deflation, FindsEveryRootOfAPolynomial) {
  const std::vector<double> roots = {0.25, 1, 3, 7, 20, 21, 60};
  Polynomial problem(roots);
  FixedPointSet set = find_fixed_points(problem, Eigen::VectorXd::Zero(1));
  std::sort(set.points.begin(), set.points.end(),
            [](const auto& a, const auto& b) { return a[0] < b[0]; });
  ASSERT_EQ(set.points.size(), roots.size());
  for (std::size_t k = 0; k < roots.size(); ++k)
    EXPECT_NEAR(set.points[k][0], roots[k], 1e-10 * roots[k]);
}

TEST(Deflation, TheSameSeedFindsTheSamePoints) {
  Polynomial problem({1, 2, 50});
  const FixedPointSet first = find_fixed_points(problem, Eigen::VectorXd::Zero(1),
                                                {.limits = {}, .seed = 7, .start_limits = {}});
  const FixedPointSet second = find_fixed_points(problem, Eigen::VectorXd::Zero(1),
                                                 {.limits = {}, .seed = 7, .start_limits = {}});
  ASSERT_EQ(first.points.size(), second.points.size());
  for (std::size_t k = 0; k < first.points.size(); ++k)
    EXPECT_EQ(first.points[k][0], second.points[k][0]);
}

TEST(Deflation, AStopRequestKeepsWhatWasFound) {
  Polynomial problem({1, 2, 50});
  std::stop_source source;
  int calls = 0;
  const SolveControl control{.stop = source.get_token(),
                             .progress =
                                 [&](const Iteration&) {
                                   if (++calls == 5) source.request_stop();
                                 },
                             .logger = nullptr};
  const FixedPointSet set = find_fixed_points(problem, Eigen::VectorXd::Zero(1),
                                              {.limits = {}, .start_limits = {}}, control);
  EXPECT_EQ(set.summary.termination, Termination::kInterrupted);
}

TEST(StationaryStates, ExampleModelsHaveTheStatesTheyExpect) {
  for (const std::string name : {"bistable", "three_states"}) {
    Model model = load_model(std::string(NUPHI_SOURCE_DIR) + "/examples/models/" + name + ".yaml");
    const StationarySet set = find_stationary_states(mean_field(model.network), model.solve);
    ASSERT_EQ(set.states.size(), model.expect.size()) << name;
    // States come by rising total rate.
    std::sort(model.expect.begin(), model.expect.end(),
              [](const auto& a, const auto& b) { return a.rates.sum() < b.rates.sum(); });
    for (std::size_t k = 0; k < set.states.size(); ++k) {
      EXPECT_EQ(set.states[k].rate_dynamics_stable, model.expect[k].stable) << name << " " << k;
      EXPECT_LE(set.states[k].residual, 1e-10) << name;
    }
  }
}

Network ei_network(const test::CsvTable& table, std::size_t row) {
  const auto value = [&](const char* column) { return table.number(row, column); };
  const Neuron neuron = {.tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV};
  Network network;
  network.populations = {{.name = "E", .neuron = neuron}, {.name = "I", .neuron = neuron}};
  const char* const names[2][2][2] = {{{"K_EE", "J_EE"}, {"K_EI", "J_EI"}},
                                      {{"K_IE", "J_IE"}, {"K_II", "J_II"}}};
  const char* const external[2][2] = {{"K_ext_E", "J_ext_E"}, {"K_ext_I", "J_ext_I"}};
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      network.projections.push_back({.source = j,
                                     .target = i,
                                     .indegree = value(names[i][j][0]),
                                     .weight = value(names[i][j][1])});
    }
    network.inputs.push_back({.target = i,
                              .source = PoissonInput{.indegree = value(external[i][0]),
                                                     .rate = value("nu_ext"),
                                                     .weight = value(external[i][1])}});
  }
  return network;
}

TEST(StationaryStates, FourteenBranchesOfResponseNonlinearitiesAreAllFound) {
  const test::CsvTable table("ei_delta.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const StationarySet set = find_stationary_states(mean_field(ei_network(table, row)));
    const Eigen::Vector2d expected(table.number(row, "rate_E"), table.number(row, "rate_I"));
    double nearest = std::numeric_limits<double>::infinity();
    for (const StationaryState& state : set.states) {
      // Relative, and to 1e-15 Hz where a population is silent.
      nearest = std::min(
          nearest,
          ((state.rates - expected).array().abs() / expected.array().max(1e-6)).maxCoeff());
    }
    EXPECT_LE(nearest, 1e-9) << "branch " << table.number(row, "branch")
                             << ", nu_ext = " << table.number(row, "nu_ext") << " Hz";
  }
}

}  // namespace
}  // namespace nuphi
