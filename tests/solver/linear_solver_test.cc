#include <nuphi/solver/linear_solver.h>

#include <gtest/gtest.h>
#include <nuphi/solver/problem.h>

#include <memory>

namespace nuphi {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Φ(x) = (1 − A) x, so that 1 − Φ' = A.
FunctionProblem with_matrix(const MatrixXd& A) {
  const MatrixXd slope = MatrixXd::Identity(A.rows(), A.cols()) - A;
  return {VectorXd::Constant(A.rows(), -10), VectorXd::Constant(A.rows(), 10),
          [slope](const VectorXd& x, VectorXd& value) { value = slope * x; },
          [slope](const VectorXd&, MatrixXd& matrix) { matrix = slope; }};
}

// Without an exchange of rows, or with one, the order of exchanges and of L does not show.
TEST(LinearSolver, SolvesWithAMatrixAndItsTransposeThroughSeveralExchangesOfRows) {
  MatrixXd A(5, 5);
  A << 0.1, 2, 0, 1, 0.3,   //
      0.2, 0.1, 3, 0, 1,    //
      4, 0.5, 0.1, 0.2, 0,  //
      0.3, 1, 0.2, 0.1, 5,  //
      1, 0, 0.4, 6, 0.1;
  const VectorXd b = VectorXd::LinSpaced(5, 1, 2);
  for (const auto make : {make_small_solver, make_dense_solver}) {
    FunctionProblem problem = with_matrix(A);
    VectorXd value(5), x(5);
    problem.evaluate(b, value);
    const std::unique_ptr<LinearSolver> solver = make(5);
    ASSERT_TRUE(solver->update(problem) && solver->factorize(1));
    solver->solve(b, x);
    EXPECT_LE((A * x - b).norm(), 1e-14);
    solver->solve_transposed(b, x);
    EXPECT_LE((A.transpose() * x - b).norm(), 1e-14);
  }
}

}  // namespace
}  // namespace nuphi
