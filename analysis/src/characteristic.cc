#include "characteristic.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "eigen_system.h"

namespace nuphi::detail {

void Characteristic::evaluate(Complex z, Eigen::MatrixXcd& matrix) {
  response_.effective_connectivity(z, matrix, scale_);
  ++evaluations_;
}

Determinant Characteristic::at(Complex z) {
  evaluate(z, matrix_);
  const Eigen::Index n = matrix_.rows();
  matrix_ = -matrix_;
  matrix_.diagonal().array() += 1.0;
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(matrix_);
  Determinant result;
  result.direction = static_cast<double>(lu.permutationP().determinant());
  for (Eigen::Index i = 0; i < n; ++i) {
    const Complex pivot = lu.matrixLU()(i, i);
    const double modulus = std::abs(pivot);
    result.log_modulus += std::log(modulus);
    result.direction *= pivot / modulus;
  }
  return result;
}

Complex Characteristic::newton_step(Complex z) {
  // A central difference of the analytic M: its error of order h² only slows the last digits of the
  // iteration down.
  const double h = 1e-4 * std::max(std::abs(z), 1.0);
  evaluate(z + h, forward_);
  evaluate(z - h, backward_);
  forward_ = (forward_ - backward_) / (2 * h);
  evaluate(z, matrix_);
  matrix_ = -matrix_;
  matrix_.diagonal().array() += 1.0;
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(matrix_);
  // A pivot of exactly zero: z is a mode to the last digit.
  if (lu.matrixLU().diagonal().cwiseAbs().minCoeff() == 0) return 0;
  backward_ = lu.solve(forward_);
  const Complex trace = backward_.trace();
  return std::isinf(std::abs(trace)) ? 0.0 : 1.0 / trace;
}

Complex Characteristic::nearest_eigenvalue(Complex z, Eigen::VectorXcd& left,
                                           Eigen::VectorXcd& right) {
  evaluate(z, forward_);
  matrix_ = -forward_;
  // A shift of a few roundings keeps the factorisation regular where 1 is an eigenvalue to the last
  // digit.
  matrix_.diagonal().array() += 1.0 + 1e-14;
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(matrix_);
  const Eigen::Index n = matrix_.rows();
  right = Eigen::VectorXcd::Ones(n);
  left = Eigen::VectorXcd::Ones(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    right[i] += 0.1 * static_cast<double>(i) / static_cast<double>(n);
    left[i] -= 0.1 * static_cast<double>(i) / static_cast<double>(n);
  }
  for (int iteration = 0; iteration < 4; ++iteration) {
    right = lu.solve(right).eval();
    right.normalize();
    left = lu.adjoint().solve(left).eval();
    left.normalize();
  }
  return left.dot(forward_ * right) / left.dot(right);
}

Eigen::VectorXcd Characteristic::eigenvalues(Complex z) {
  evaluate(z, matrix_);
  return detail::eigenvalues(matrix_);
}

namespace {

constexpr Eigen::Index kLargestForPhases = 32;
constexpr std::size_t kMostPhases = 3;
constexpr int kPhaseSteps = 24;

/// Upper bound on the spectral radius of a non-negative matrix: max_i (Rx)_i/x_i for any positive
/// x, made tight by power iteration.
double perron_bound(Eigen::MatrixXd modulus) {
  const double largest = modulus.maxCoeff();
  if (!(largest > 0)) return largest;
  // A trace of coupling between all keeps x positive where the network falls into blocks.
  modulus.array() += 1e-9 * largest / static_cast<double>(modulus.rows());
  Eigen::VectorXd x = Eigen::VectorXd::Ones(modulus.rows());
  double bound = modulus.rowwise().sum().maxCoeff();
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Eigen::VectorXd y = modulus * x;
    const double now = (y.array() / x.array()).maxCoeff();
    const bool settled = now > 0.999 * bound;
    bound = std::min(bound, now);
    if (settled && iteration > 3) break;
    x = (y / y.maxCoeff()).cwiseMax(1e-300);
  }
  return bound;
}

/// Largest eigenvalue modulus of Σ e^{iθ_c} M_c over a grid of the θ_c; the first phase turns the
/// whole matrix and changes none.
double largest_over_phases(const std::vector<Eigen::MatrixXcd>& parts, std::size_t next,
                           const Eigen::MatrixXcd& sum) {
  if (next == parts.size()) return detail::eigenvalues(sum).cwiseAbs().maxCoeff();
  double largest = 0;
  for (int k = 0; k < kPhaseSteps; ++k) {
    const Complex phase = std::polar(1.0, 2 * std::numbers::pi * k / kPhaseSteps);
    largest = std::max(largest, largest_over_phases(parts, next + 1, sum + phase * parts[next]));
  }
  return largest;
}

}  // namespace

double Characteristic::largest_gain(Complex z) {
  ++evaluations_;
  std::vector<Eigen::MatrixXcd> parts;
  response_.split_by_delay(z, parts, scale_);
  if (parts.empty()) return 0;
  if (parts.size() <= kMostPhases && response_.size() <= kLargestForPhases) {
    return largest_over_phases(parts, 1, parts[0]);
  }
  Eigen::MatrixXd modulus = Eigen::MatrixXd::Zero(response_.size(), response_.size());
  for (const Eigen::MatrixXcd& part : parts) modulus += part.cwiseAbs();
  return perron_bound(std::move(modulus));
}

double Characteristic::largest_gain_beyond(double omega) const {
  const Eigen::MatrixXd bound = response_.tail_bound(omega, scale_);
  if (!bound.allFinite()) return std::numeric_limits<double>::infinity();
  return perron_bound(bound);
}

}  // namespace nuphi::detail
