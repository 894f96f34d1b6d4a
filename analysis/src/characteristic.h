#pragma once

#include <nuphi/analysis/linear_response.h>

#include <Eigen/Core>
#include <complex>

#include "complex_lu.h"

namespace nuphi::detail {

using Complex = std::complex<double>;

/// The characteristic function of the network with all delays multiplied by `scale`. Keeps its work
/// space.
class Characteristic {
 public:
  Characteristic(const NetworkResponse& response, double scale)
      : response_(response), scale_(scale) {}

  /// Newton step −Δ/Δ' = 1/tr[(1 − M)⁻¹ M'].
  [[nodiscard]] Complex newton_step(Complex z);
  /// Eigenvectors of M(z) for the eigenvalue nearest to 1, by inverse iteration. @return that
  /// eigenvalue
  Complex nearest_eigenvalue(Complex z, Eigen::VectorXcd& left, Eigen::VectorXcd& right);
  /// Upper bound of the moduli of all eigenvalues of M(iω') for ω' ≥ ω: the spectral radius of
  /// NetworkResponse::tail_bound(), from above (Collatz–Wielandt).
  [[nodiscard]] double largest_gain_beyond(double omega) const;

  [[nodiscard]] int evaluations() const { return evaluations_; }
  [[nodiscard]] double scale() const { return scale_; }
  [[nodiscard]] const NetworkResponse& response() const { return response_; }

 private:
  void evaluate(Complex z, Eigen::MatrixXcd& matrix);

  const NetworkResponse& response_;
  double scale_;
  int evaluations_ = 0;
  Eigen::MatrixXcd matrix_;
  Eigen::MatrixXcd forward_;
  Eigen::MatrixXcd backward_;
};

/// Upper bound on the spectral radius of a non-negative matrix: max_i (Rx)_i/x_i for any positive
/// x, made tight by power iteration.
[[nodiscard]] double perron_bound(Eigen::MatrixXd modulus);

}  // namespace nuphi::detail
