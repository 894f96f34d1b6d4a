#pragma once

#include <nuphi/analysis/linear_response.h>

#include <Eigen/Core>
#include <complex>

namespace nuphi::detail {

using Complex = std::complex<double>;

/// Δ(z) = det(1 − M(z)) as phase and logarithm of the modulus: the determinant itself overflows for
/// large networks.
struct Determinant {
  Complex direction{1, 0};  ///< Δ/|Δ|
  double log_modulus = 0;   ///< ln|Δ|
};

/// The characteristic function of the network with all delays multiplied by `scale`. Keeps its work
/// space.
class Characteristic {
 public:
  Characteristic(const NetworkResponse& response, double scale)
      : response_(response), scale_(scale) {}

  [[nodiscard]] Determinant at(Complex z);
  /// Newton step −Δ/Δ' = 1/tr[(1 − M)⁻¹ M'].
  [[nodiscard]] Complex newton_step(Complex z);
  /// Eigenvectors of M(z) for the eigenvalue nearest to 1, by inverse iteration. @return that
  /// eigenvalue
  Complex nearest_eigenvalue(Complex z, Eigen::VectorXcd& left, Eigen::VectorXcd& right);
  /// Eigenvalues of M(z).
  [[nodiscard]] Eigen::VectorXcd eigenvalues(Complex z);
  /// Largest modulus that an eigenvalue of M(z) has for any phases of its delays: from the
  /// eigenvalues over a grid of phases where few delays differ, else the bound by the matrix of
  /// moduli (Collatz–Wielandt).
  [[nodiscard]] double largest_gain(Complex z);
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

}  // namespace nuphi::detail
