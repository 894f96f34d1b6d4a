// Large networks: GMRES instead of factorisations, kernels instead of matrices.
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <gtest/gtest.h>

#include <nuphi/solver/leading_eigenvalue.h>
#include <nuphi/solver/linear_solver.h>
#include "gmres.h"
#include "rate_problem.h"
#include "rates/large_networks.h"

namespace nuphi {
namespace {

double deviation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff();
}

Eigen::VectorXd some_vector(Eigen::Index n, std::uint64_t seed = 7) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> entry(-1, 1);
  Eigen::VectorXd v(n);
  for (double& x : v) x = entry(random);
  return v;
}

// Fields small enough for matrices, of each kind that is handled in its own way.
std::vector<std::pair<const char*, MeanField>> small_fields() {
  std::vector<std::pair<const char*, MeanField>> fields = {
      {"random", test::random_large_field(300)},
      {"ring", test::kernel_field({60, 1})},
      {"sheet", test::kernel_field({12, 10})}};
  MeanField dense = fields[0].second;
  dense.coupling = Coupling::dense({dense.coupling.sparse(0), dense.coupling.sparse(1)});
  fields.emplace_back("dense", std::move(dense));
  return fields;
}

TEST(Krylov, SolutionsAgreeWithThoseOfAFactorization) {
  for (const auto& [name, field] : small_fields()) {
    SCOPED_TRACE(name);
    RateProblem problem(field);
    const Eigen::Index n = field.size();
    Eigen::VectorXd value(n);
    problem.evaluate(Eigen::VectorXd::LinSpaced(n, 1, 40), value);
    const auto direct = make_dense_solver(n);
    const auto krylov = make_krylov_solver(problem, 1e-14);
    ASSERT_TRUE(direct->update(problem) && krylov->update(problem));
    const Eigen::VectorXd rhs = some_vector(n);
    for (const double shift : {1.0, 3.0}) {
      ASSERT_TRUE(direct->factorize(shift) && krylov->factorize(shift));
      Eigen::VectorXd expected(n), x(n);
      direct->solve(rhs, expected);
      krylov->solve(rhs, x);
      EXPECT_LE(deviation(x, expected), 1e-12);
      EXPECT_EQ(krylov->is_negative(), direct->is_negative());
      direct->solve_transposed(rhs, expected);
      krylov->solve_transposed(rhs, x);
      EXPECT_LE(deviation(x, expected), 1e-12);
    }
  }
}

TEST(Krylov, SeesThatTheDeterminantIsNegative) {
  // Excitation alone: one real eigenvalue far to the right of the shift.
  MeanField field = test::random_large_field(200);
  field.coupling =
      Coupling::sparse({field.coupling.sparse(0).cwiseAbs(), field.coupling.sparse(1)});
  RateProblem problem(field);
  Eigen::VectorXd value(field.size()), x;
  problem.evaluate(Eigen::VectorXd::Constant(field.size(), 5), value);
  const auto direct = make_dense_solver(field.size());
  const auto krylov = make_krylov_solver(problem, 1e-3);
  ASSERT_TRUE(direct->update(problem) && krylov->update(problem));
  ASSERT_TRUE(direct->factorize(1) && krylov->factorize(1));
  krylov->solve(Eigen::VectorXd::Ones(field.size()), x);
  ASSERT_TRUE(direct->is_negative());
  EXPECT_TRUE(krylov->is_negative());
}

TEST(Krylov, ArnoldiFindsTheLeadingEigenvalue) {
  const MeanField field = test::kernel_field({100, 1});
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged());
  RateProblem problem(field);
  Eigen::VectorXd value(field.size());
  problem.evaluate(result.state.rates, value);
  const auto map = problem.jacobian_map();
  ASSERT_TRUE(map->update());
  const LeadingEigenvalue found = leading_eigenvalue(*map, field.size(), 200);
  ASSERT_TRUE(found.value.has_value());
  EXPECT_NEAR(*found.value, result.state.leading_eigenvalue.value(), 1e-9);
  EXPECT_EQ(found.below_one, true);
}

TEST(KernelCouplingProduct, IsThatOfTheMatrices) {
  for (const PeriodicGrid grid : {PeriodicGrid{60, 1}, PeriodicGrid{15, 14}, PeriodicGrid{1, 12}}) {
    KernelCoupling coupling{.grid = grid, .types = 3, .kernels = {}};
    for (std::uint64_t k = 0; k < 9; ++k) {
      if (k == 4) {
        coupling.kernels.emplace_back();  // no connections of this pair
        continue;
      }
      coupling.kernels.push_back(
          {some_vector(grid.places(), k), some_vector(grid.places(), 100 + k).cwiseAbs()});
    }
    const Coupling dense = Coupling(coupling).with_matrices();
    KernelProduct product(coupling);
    const Eigen::VectorXd v = some_vector(coupling.size(), 50),
                          w = some_vector(coupling.size(), 51);
    Eigen::VectorXd mean, variance, transposed;
    product.multiply(v, mean, variance);
    EXPECT_LE(deviation(mean, dense.dense(0) * v), 1e-14);
    EXPECT_LE(deviation(variance, dense.dense(1) * v), 1e-14);
    product.multiply_transposed(v, w, transposed);
    EXPECT_LE(
        deviation(transposed, dense.dense(0).transpose() * v + dense.dense(1).transpose() * w),
        1e-14);
  }
}

TEST(KernelCouplingProduct, OfALongRingIsThatOfTheSum) {
  KernelCoupling coupling{.grid = {10000, 1}, .types = 1, .kernels = {}};
  coupling.kernels.push_back({some_vector(10000, 1), some_vector(10000, 2).cwiseAbs()});
  const Eigen::VectorXd v = some_vector(10000, 3);
  Eigen::VectorXd mean, variance;
  KernelProduct(coupling).multiply(v, mean, variance);
  for (const Eigen::Index to : {0, 1, 4711, 9999}) {
    double sum = 0;
    for (Eigen::Index from = 0; from < 10000; ++from) {
      sum += coupling.kernels[0].mean[coupling.displacement(to, from)] * v[from];
    }
    EXPECT_NEAR(mean[to], sum, 1e-11);
  }
}

TEST(KernelCouplingProduct, RefusesWhatDoesNotFit) {
  const auto message = [](const KernelCoupling& coupling) -> std::string {
    try {
      check(coupling);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  KernelCoupling coupling{.grid = {10007, 1}, .types = 1, .kernels = {{}}};
  EXPECT_NE(message(coupling).find("10080 would do"), std::string::npos) << message(coupling);
  coupling.grid = {100, 1};
  EXPECT_EQ(message(coupling), "");
  coupling.kernels = {};
  EXPECT_NE(message(coupling).find("one kernel for each pair"), std::string::npos);
  coupling.kernels = {{Eigen::VectorXd::Ones(99), Eigen::VectorXd::Ones(100)}};
  EXPECT_NE(message(coupling).find("one entry for each place"), std::string::npos);
  coupling.kernels = {{Eigen::VectorXd::Ones(100), -Eigen::VectorXd::Ones(100)}};
  EXPECT_NE(message(coupling).find("negative"), std::string::npos);
  const Coupling large(KernelCoupling{.grid = {6000, 1}, .types = 1, .kernels = {{}}});
  EXPECT_THROW(static_cast<void>(large.with_matrices()), std::invalid_argument);
}

TEST(LargeNetworks, AKernelHasTheFixedPointOfItsMatrices) {
  const MeanField field = test::kernel_field({50, 4});
  const StationaryResult kernel = solve_stationary(field);
  MeanField dense = field;
  dense.coupling = field.coupling.with_matrices();
  const StationaryResult matrices = solve_stationary(dense);
  ASSERT_TRUE(kernel.converged() && matrices.converged());
  EXPECT_LE(deviation(kernel.state.rates, matrices.state.rates), 1e-12);
  EXPECT_NEAR(*kernel.state.leading_eigenvalue, *matrices.state.leading_eigenvalue, 1e-9);
}

// Just beyond the size up to which matrices are factorised.
TEST(LargeNetworks, ReachTheFixedPointOfRelaxation) {
  const MeanField field = test::random_large_field(1200);
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_GT(result.summary.krylov_iterations, 0);
  EXPECT_LE(result.state.residual, 1e-10);
  SolveOptions options;
  options.method = Method::kRelaxation;
  const StationaryResult relaxed = solve_stationary(field, options);
  ASSERT_TRUE(relaxed.converged());
  EXPECT_LE(deviation(result.state.rates, relaxed.state.rates), 1e-12);
  // A plain relaxation in small steps, as it is written down in textbooks.
  RateProblem problem(field);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(field.size()), value(field.size());
  for (int k = 0; k < 1000; ++k) {
    problem.evaluate(x, value);
    x += 0.1 * (value - x);
  }
  EXPECT_LE(deviation(x, result.state.rates), 1e-6);
  // Two estimates of the error of what Newton's method has polished.
  EXPECT_GT(result.state.error_estimate.minCoeff(), 0);
  EXPECT_LE(result.state.error_estimate.maxCoeff(), 1e-9);
}

TEST(LargeNetworks, ARingOfTenThousandPlacesIsSolved) {
  const MeanField field = test::kernel_field({10000, 1});
  const StationaryResult result = solve_stationary(field);
  ASSERT_TRUE(result.converged()) << result.summary.full_report();
  EXPECT_LE(result.state.residual, 1e-10);
  EXPECT_GE(result.state.rates.minCoeff(), 0);
  const Eigen::MatrixXd sums = sums_at(field, result.state.rates);
  for (const Eigen::Index i : {0, 5000, 19999}) {
    const double rate =
        evaluate(field.nodes[static_cast<std::size_t>(i)], MeanField::input(sums, i)).rate;
    EXPECT_NEAR(result.state.rates[i], rate, 1e-10);
  }
}

}  // namespace
}  // namespace nuphi
