// Run by mpirun: every rank runs every case, rank 0 tells.
#include <gtest/gtest.h>
#include <nuphi/petsc/environment.h>
#include <nuphi/petsc/solve.h>
#include <nuphi/rates/stationary.h>

#include <memory>

#include "rates/random_networks.h"

namespace nuphi {
namespace {

using namespace units;

/// max |a − b| / max(1, |b|)
double distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return ((a - b).array().abs() / b.array().abs().max(1.0)).maxCoeff();
}

StationaryResult solve_distributed(const MeanField& field, const SolveOptions& options = {}) {
  const petsc::DistributedField rows = petsc::scatter(&field);
  StationaryResult result = petsc::solve_stationary(rows, petsc::share(options, rows));
  result.state = petsc::gather(result.state);
  return result;
}

/// Sparse and random, balanced; sigma > 0.
MeanField sparse_field(Eigen::Index n, int inputs) {
  test::Dice dice(7);
  std::vector<Eigen::Triplet<double>> mean, variance;
  const double tau_m = 20 * ms;
  for (Eigen::Index i = 0; i < n; ++i) {
    for (int k = 0; k < inputs; ++k) {
      const auto j = static_cast<Eigen::Index>(dice.uniform(0, static_cast<double>(n)));
      const double J = (j % 5 == 0 ? -0.5 : 0.1) * mV;
      const double indegree = dice.uniform(5, 15);
      mean.emplace_back(i, j, tau_m * indegree * J);
      variance.emplace_back(i, j, tau_m * indegree * J * J);
    }
  }
  SparseRows A(n, n), B(n, n);
  A.setFromTriplets(mean.begin(), mean.end());
  B.setFromTriplets(variance.begin(), variance.end());
  MeanField field;
  field.names.resize(n);
  field.nodes.assign(n, LifTransfer{});
  field.coupling = Coupling::sparse({A, B});
  field.external.resize(n, 2);
  for (double& a : field.external_mean()) a = dice.uniform(15, 25) * mV;
  field.external_variance() = Eigen::VectorXd::Constant(n, 4 * mV * mV);
  return field;
}

TEST(DistributedField, RowsComeTogetherAgain) {
  const MeanField field = sparse_field(57, 6);
  const petsc::DistributedField all = petsc::gather(petsc::scatter(&field));
  if (petsc::rank() != 0) return;
  const MeanField again = petsc::whole(all);
  for (const auto k : {MeanField::kMean, MeanField::kVariance}) {
    EXPECT_EQ(Eigen::MatrixXd(field.coupling.sparse(k)), Eigen::MatrixXd(again.coupling.sparse(k)));
  }
  EXPECT_EQ(field.external, again.external);
  for (Eigen::Index i = 0; i < field.size(); ++i) EXPECT_EQ(field.lif(i), again.lif(i));
}

TEST(DistributedSolve, SparseRandomNetwork) {
  const MeanField field = sparse_field(300, 30);
  const StationaryResult distributed = solve_distributed(field);
  ASSERT_TRUE(distributed.converged()) << distributed.summary.message;
  EXPECT_EQ(distributed.summary.message, "the flow from the start ends here");
  if (petsc::rank() != 0) return;
  const StationaryResult serial = nuphi::solve_stationary(field);
  ASSERT_TRUE(serial.converged());
  EXPECT_LE(distance(distributed.state.rates, serial.state.rates), 1e-10);
  EXPECT_EQ(distributed.state.rate_dynamics_stable, serial.state.rate_dynamics_stable);
  if (distributed.state.leading_eigenvalue && serial.state.leading_eigenvalue) {
    EXPECT_NEAR(*distributed.state.leading_eigenvalue, *serial.state.leading_eigenvalue, 1e-6);
  }
}

TEST(DistributedSolve, NewtonFromGivenRatesReachesTheSamePoint) {
  const MeanField field = sparse_field(200, 20);
  const StationaryResult flow = solve_distributed(field);
  ASSERT_TRUE(flow.converged());
  SolveOptions options{.method = Method::kNewton};
  if (petsc::rank() == 0) options.initial_rates = 1.01 * flow.state.rates;
  const StationaryResult newton = solve_distributed(field, options);
  ASSERT_TRUE(newton.converged()) << newton.summary.message;
  EXPECT_EQ(newton.summary.method_used, Method::kNewton);
  if (petsc::rank() == 0) {
    EXPECT_LE(distance(newton.state.rates, flow.state.rates), 1e-10);
  }
}

// Where the solver for one process converges so does this one, to the same point.
TEST(DistributedSolve, DoesNotFailWhereOneProcessDoesNot) {
  int alone = 0;
  const std::uint64_t networks = petsc::ranks() > 2 ? 1 : 3;  // many ranks share few cores here
  for (int regime = 0; regime < test::kRegimes; ++regime) {
    for (std::uint64_t index = 0; index < networks; ++index) {
      const MeanField field = test::random_field(index, static_cast<test::Regime>(regime));
      const StationaryResult serial = nuphi::solve_stationary(field);
      const StationaryResult distributed = solve_distributed(field);
      if (!serial.converged()) continue;
      EXPECT_TRUE(distributed.converged())
          << test::kRegimeNames[regime] << " " << index << ": " << distributed.summary.message;
      alone += distributed.summary.message.find("alone") != std::string::npos ? 1 : 0;
      if (petsc::rank() != 0 || !distributed.converged()) continue;
      // Both end at the rounding of Φ: no closer than what that leaves undecided.
      const double left = 1e-10 + 2 * (serial.state.error_estimate.cwiseMin(1e-3).array() /
                                       serial.state.rates.array().max(1.0))
                                          .maxCoeff();
      EXPECT_LE(distance(distributed.state.rates, serial.state.rates), left)
          << test::kRegimeNames[regime] << " " << index;
    }
  }
  EXPECT_LE(alone, static_cast<int>(test::kRegimes * networks) / 5);
}

TEST(DistributedSolve, EndsAtTheLimitOfIterations) {
  const StationaryResult result = solve_distributed(sparse_field(100, 10), {.max_iterations = 1});
  EXPECT_EQ(result.summary.termination, Termination::kMaxIterations);
  EXPECT_GT(result.summary.residual, 0);
}

TEST(DistributedSolve, StopsEverywhereWhenOneRankAsks) {
  const MeanField field = sparse_field(100, 10);
  const petsc::DistributedField rows = petsc::scatter(&field);
  std::stop_source stop;
  if (petsc::rank() == petsc::ranks() - 1) stop.request_stop();
  SolveControl control;
  control.stop = stop.get_token();
  EXPECT_EQ(petsc::solve_stationary(rows, {}, control).summary.termination,
            Termination::kInterrupted);
}

TEST(DistributedSolve, RefusesBadOptionsOnAllRanks) {
  const MeanField field = sparse_field(20, 5);
  const petsc::DistributedField rows = petsc::scatter(&field);
  EXPECT_THROW((void)petsc::solve_stationary(rows, {.tolerance = -1}), std::invalid_argument);
  EXPECT_THROW((void)petsc::solve_stationary(rows, {.method = Method::kCeres}),
               std::invalid_argument);
  SolveOptions options;
  if (petsc::rank() == 0) options.initial_rates.setZero(3);
  EXPECT_THROW((void)petsc::solve_stationary(rows, options), std::invalid_argument);
}

}  // namespace
}  // namespace nuphi

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const nuphi::petsc::Environment environment;
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  if (nuphi::petsc::rank() != 0) delete listeners.Release(listeners.default_result_printer());
  return RUN_ALL_TESTS();
}
