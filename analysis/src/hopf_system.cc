#include "hopf_system.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

// Steps of the differences of M, in scaled coordinates; they steer Newton's method only.
constexpr double kDifference = 1e-5;
constexpr double kSlowest = 2 * std::numbers::pi * 1.0;  // changes of ω below it count absolutely

}  // namespace

HopfSystem::HopfSystem(RateFamily& problem, const NetworkPlane& network,
                       const HopfCurveOptions& options)
    : problem_(problem),
      network_(network),
      options_(options),
      n_(problem.size()),
      lower_(options.lower),
      upper_(options.upper),
      weights_(Eigen::VectorXd::Ones(problem.size() + 3)),
      value_(problem.size()),
      rounding_(problem.size()) {}

Eigen::MatrixXcd HopfSystem::connectivity(const Eigen::VectorXd& z) const try {
  const Network network = network_(z[n_ + 1], z[n_ + 2]);
  const NetworkResponse response(network, evaluate_state(mean_field(network), z.head(n_)),
                                 options_.stability.response);
  Eigen::MatrixXcd matrix;
  response.effective_connectivity({0, z[n_]}, matrix);
  return matrix;
} catch (const ModelError&) {
  return Eigen::MatrixXcd::Constant(n_, n_, std::numeric_limits<double>::quiet_NaN());
}

bool HopfSystem::test(const Eigen::MatrixXcd& matrix) {
  Eigen::MatrixXcd bordered(n_ + 1, n_ + 1);
  bordered << Eigen::MatrixXcd::Identity(n_, n_) - matrix, b_, c_.adjoint(), Complex(0, 0);
  const dense::Lu<Complex> lu(bordered);
  const Eigen::VectorXcd unit = Eigen::VectorXcd::Unit(n_ + 1, n_);
  const Eigen::VectorXcd right = lu.solve(unit);
  const Eigen::VectorXcd left = lu.solve_transposed(unit).conjugate();  // unit is real
  v_ = right.head(n_);
  w_ = left.head(n_);
  g_ = right[n_];
  rounding_of_g_ = 1e-15 * (1 + matrix.cwiseAbs().maxCoeff()) * v_.norm() * w_.norm();
  return right.allFinite() && left.allFinite();
}

void HopfSystem::find_borders(const Eigen::MatrixXcd& matrix) {
  b_.resize(n_);
  for (Eigen::Index i = 0; i < n_; ++i)
    b_[i] = 1 + 0.1 * static_cast<double>(i) / static_cast<double>(n_);
  b_.normalize();
  c_ = b_;
  for (int iteration = 0; iteration < 4; ++iteration) {
    if (!test(matrix)) return;
    b_ = w_.normalized();
    c_ = v_.normalized();
  }
}

bool HopfSystem::center(const Eigen::VectorXd& z) {
  const double root = std::sqrt(static_cast<double>(std::max<Eigen::Index>(1, n_)));
  weights_.head(n_) = (root * (z.head(n_).array().abs() + options_.scale)).inverse();
  weights_[n_] = 1 / (std::abs(z[n_]) + kSlowest);
  weights_.tail(2) = (upper_ - lower_).cwiseInverse();
  if (b_.size() == 0) find_borders(connectivity(z));
  if (!evaluate(z)) return false;
  b_ = w_.normalized();
  c_ = v_.normalized();
  return evaluate(z);
}

void HopfSystem::project(Eigen::VectorXd& z) const {
  z.head(n_) = z.head(n_).cwiseMax(problem_.lower()).cwiseMin(problem_.upper());
}

bool HopfSystem::evaluate(const Eigen::VectorXd& z) {
  z_ = z;
  x_ = z.head(n_);
  if (!z.allFinite()) return false;
  problem_.set_parameters(z.tail(2));
  problem_.evaluate(x_, value_);
  return value_.allFinite() && test(connectivity(z));
}

double HopfSystem::residual_in_tolerances() {
  problem_.rounding(rounding_);
  double worst = std::abs(g_) / std::max(options_.tolerance, rounding_of_g_);
  for (Eigen::Index i = 0; i < n_; ++i) {
    const double allowed =
        std::max(options_.tolerance * std::max(1.0, std::abs(x_[i])), rounding_[i]);
    worst = std::max(worst, std::abs(value_[i] - x_[i]) / allowed);
  }
  return worst;
}

double HopfSystem::residual_in_roundings() {
  problem_.rounding(rounding_);
  double worst = std::abs(g_) / rounding_of_g_;
  for (Eigen::Index i = 0; i < n_; ++i) {
    const double defect = std::abs(value_[i] - x_[i]);
    if (defect > 0) worst = std::max(worst, defect / std::max(rounding_[i], 1e-300));
  }
  return worst;
}

Eigen::VectorXcd HopfSystem::test_gradient() const {
  Eigen::VectorXcd gradient(unknowns());
  for (Eigen::Index k = 0; k < unknowns(); ++k) {
    Eigen::VectorXd ahead = z_;
    Eigen::VectorXd behind = z_;
    ahead[k] += kDifference / weights_[k];
    behind[k] -= kDifference / weights_[k];
    // Not beyond where rates and parameters have a meaning.
    if (k < n_) behind[k] = std::max(behind[k], 0.0);
    if (k > n_) {
      ahead[k] = std::min(ahead[k], upper_[k - n_ - 1]);
      behind[k] = std::max(behind[k], lower_[k - n_ - 1]);
    }
    const Eigen::MatrixXcd change = connectivity(ahead) - connectivity(behind);
    gradient[k] = w_.dot(change * v_) / ((ahead[k] - behind[k]) * weights_[k]);
  }
  return gradient;
}

bool HopfSystem::factorize(const Eigen::VectorXd& row) {
  const Eigen::VectorXcd gradient = test_gradient();
  if (!gradient.allFinite()) return false;
  problem_.set_parameters(z_.tail(2));
  problem_.evaluate(x_, value_);
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(unknowns(), unknowns());
  Eigen::MatrixXd jacobian(n_, n_);
  problem_.jacobian(jacobian);
  const auto w = weights_.head(n_);
  matrix.topLeftCorner(n_, n_) = w.asDiagonal() * jacobian * w.cwiseInverse().asDiagonal();
  matrix.topLeftCorner(n_, n_).diagonal().array() -= 1;
  Eigen::VectorXd column(n_);
  for (Eigen::Index k = 0; k < 2; ++k) {
    problem_.parameter_derivative(k, column);
    matrix.block(0, n_ + 1 + k, n_, 1) = w.cwiseProduct(column) / weights_[n_ + 1 + k];
  }
  matrix.row(n_) = gradient.real().transpose();
  matrix.row(n_ + 1) = gradient.imag().transpose();
  matrix.row(n_ + 2) = row.transpose();
  if (!matrix.allFinite()) return false;
  lu_.compute(matrix);
  const Eigen::VectorXd pivots = lu_.pivots();
  sign_ = lu_.determinant().direction.real() < 0 ? -1 : 1;
  return pivots.cwiseAbs().minCoeff() > 1e-15 * pivots.cwiseAbs().maxCoeff();
}

Eigen::VectorXd HopfSystem::correction() const {
  Eigen::VectorXd rhs = Eigen::VectorXd::Zero(unknowns());
  rhs.head(n_) = -weights_.head(n_).cwiseProduct(value_ - x_);
  rhs[n_] = -g_.real();
  rhs[n_ + 1] = -g_.imag();
  return lu_.solve(rhs);
}

Eigen::VectorXd HopfSystem::tangent() const {
  return lu_.solve(Eigen::VectorXd::Unit(unknowns(), unknowns() - 1));
}

}  // namespace nuphi::detail
