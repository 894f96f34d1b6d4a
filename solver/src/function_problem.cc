#include <nuphi/core/error.h>
#include <nuphi/solver/problem.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include <nuphi/solver/differences.h>

namespace nuphi {
namespace {

bool is_box(const Eigen::VectorXd& lower, const Eigen::VectorXd& upper) {
  return lower.size() > 0 && lower.size() == upper.size() && lower.allFinite() &&
         upper.allFinite() && (lower.array() < upper.array()).all();
}

bool is_inside(const FixedPointProblem& problem, const Eigen::VectorXd& x) {
  return (x.array() >= problem.lower().array()).all() &&
         (x.array() <= problem.upper().array()).all();
}

/// ∂Φ/∂x_j at x; not a number where the map is undefined.
Eigen::VectorXd measured_column(FixedPointProblem& problem, Eigen::VectorXd x, Eigen::Index j) {
  const double at = x[j], width = problem.upper()[j] - problem.lower()[j];
  const double size = std::min(std::max(std::abs(at), 1e-3 * width), width);
  const VectorFunction along = [&](double xj) -> Eigen::VectorXd {
    x[j] = xj;
    // Tells the differences to stay on the other side.
    if (!is_inside(problem, x)) throw ModelError({});
    Eigen::VectorXd value(x.size());
    problem.evaluate(x, value);
    return value;
  };
  return extrapolated_derivative(along, at, {size, 1e-3 * size}, x.size());
}

}  // namespace

FunctionProblem::FunctionProblem(Eigen::VectorXd lower, Eigen::VectorXd upper, Map map, Slope slope,
                                 bool maps_box_into_itself)
    : lower_(std::move(lower)),
      upper_(std::move(upper)),
      map_(std::move(map)),
      slope_(std::move(slope)),
      maps_box_into_itself_(maps_box_into_itself),
      x_(lower_),
      value_(lower_) {
  if (!is_box(lower_, upper_))
    throw std::invalid_argument("FunctionProblem: lower and upper must be finite, lower < upper");
  if (!map_ || !slope_) throw std::invalid_argument("FunctionProblem: both functions are needed");
}

void FunctionProblem::evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) {
  x_ = x;
  map_(x_, value);
  value_ = value;
}

void FunctionProblem::jacobian(Eigen::MatrixXd& matrix) const {
  matrix.setZero(size(), size());
  slope_(x_, matrix);
}

void FunctionProblem::rounding(Eigen::VectorXd& bound) const {
  constexpr double kRoundings = 4 * std::numeric_limits<double>::epsilon();
  bound = kRoundings * value_.cwiseAbs().cwiseMax(x_.cwiseAbs());
}

JacobianCheck check_jacobian(FixedPointProblem& problem, const Eigen::VectorXd& x) {
  const Eigen::Index n = problem.size();
  if (x.size() != n || !is_inside(problem, x))
    throw std::invalid_argument("check_jacobian: x must lie in the problem's box");
  Eigen::VectorXd value(n);
  Eigen::MatrixXd given(n, n), measured(n, n);
  problem.evaluate(x, value);
  if (problem.is_sparse()) {
    Eigen::SparseMatrix<double> sparse;
    problem.jacobian(sparse);
    given = sparse;
  } else {
    problem.jacobian(given);
  }
  for (Eigen::Index j = 0; j < n; ++j) measured.col(j) = measured_column(problem, x, j);
  JacobianCheck worst;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double size =
        std::max(given.row(i).cwiseAbs().maxCoeff(), measured.row(i).cwiseAbs().maxCoeff());
    for (Eigen::Index j = 0; j < n; ++j) {
      const double difference = std::abs(given(i, j) - measured(i, j));
      const double error = difference == 0 ? 0 : difference / size;
      if (error <= worst.error) continue;  // and not where it is no number
      worst = {error, i, j, given(i, j), measured(i, j)};
    }
  }
  return worst;
}

}  // namespace nuphi
