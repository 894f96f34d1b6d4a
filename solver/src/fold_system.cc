#include "fold_system.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuphi {
namespace {

// The test function is of the size of the smallest eigenvalue, in coordinates of order one.
constexpr double kTestTolerance = 1e-10;
constexpr double kTestRounding = 1e-15;

}  // namespace

FoldSystem::FoldSystem(ScaledMap& map, const Eigen::VectorXd& z, const Eigen::VectorXd& right)
    : map_(map), residual_(map.size() + 1) {
  map_.center(z);
  right_ = right.cwiseProduct(map_.weights().head(map.size())).normalized();
  // Where the null vectors are orthogonal (Bogdanov and Takens' point) this is no good border; the
  // start of a curve is not expected there.
  left_ = right_;
}

bool FoldSystem::center(const Eigen::VectorXd& z) {
  const Eigen::VectorXd before = map_.weights().head(map_.size());
  map_.center(z);
  const Eigen::VectorXd change = map_.weights().head(map_.size()).cwiseQuotient(before);
  right_ = right_.cwiseProduct(change).normalized();
  left_ = left_.cwiseQuotient(change).normalized();
  if (!evaluate(z)) return false;
  right_ = test_->right.normalized();
  left_ = test_->left.normalized();
  center_ = z;
  return evaluate(z);
}

bool FoldSystem::evaluate(const Eigen::VectorXd& z) {
  z_ = z;
  if (!map_.evaluate(z)) return false;
  map_.linearize();
  test_ = fold_test(map_, left_, right_, test_lu_);
  if (!test_) return false;
  residual_ << map_.residual(), test_->value;
  return residual_.allFinite();
}

double FoldSystem::residual_in_tolerances() {
  return std::max(map_.residual_in_tolerances(), std::abs(residual_[map_.size()]) / kTestTolerance);
}

double FoldSystem::residual_in_roundings() {
  return std::max(map_.residual_in_roundings(), std::abs(residual_[map_.size()]) / kTestRounding);
}

bool FoldSystem::factorize(const Eigen::VectorXd& row) {
  if (!map_.evaluate(z_)) return false;
  map_.linearize_parameters();
  const JacobianBlock block = map_.block();
  const Eigen::MatrixXd columns = map_.parameter_columns();
  const Eigen::VectorXd gradient = fold_gradient(map_, z_, *test_);
  if (gradient.size() == 0) return false;
  Eigen::MatrixXd rows(2, unknowns());
  rows.row(0) = gradient.transpose();
  rows.row(1) = row.transpose();
  return lu_.factorize(block, columns, rows);
}

Eigen::VectorXd FoldSystem::correction() const {
  Eigen::VectorXd rhs = Eigen::VectorXd::Zero(unknowns());
  rhs.head(map_.size() + 1) = -residual_;
  return lu_.solve(rhs);
}

Eigen::VectorXd FoldSystem::tangent() const {
  return lu_.solve(Eigen::VectorXd::Unit(unknowns(), unknowns() - 1));
}

double FoldSystem::quadratic_coefficient() {
  Eigen::VectorXd direction = Eigen::VectorXd::Zero(unknowns());
  direction.head(map_.size()) = right_;
  const Eigen::VectorXd change = second_derivative(map_, center_, direction, left_);
  if (change.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  return change.head(map_.size()).dot(right_);
}

}  // namespace nuphi
