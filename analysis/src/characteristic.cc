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

double Characteristic::largest_gain_beyond(double omega) const {
  const Eigen::MatrixXd bound = response_.tail_bound(omega, scale_);
  if (!bound.allFinite()) return std::numeric_limits<double>::infinity();
  return perron_bound(bound);
}

}  // namespace nuphi::detail
