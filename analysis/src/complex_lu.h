// Complex LU behind plain functions.
#pragma once

#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Core>
#include <complex>

namespace nuphi::detail {

using dense::Determinant;

/// A⁻¹ into `inverse`; destroys A. Not finite where A is singular.
Determinant invert(Eigen::MatrixXcd& A, Eigen::MatrixXcd& inverse);
/// det A; destroys A.
[[nodiscard]] Determinant determinant(Eigen::MatrixXcd& A);

/// ln of a determinant, up to whole turns.
[[nodiscard]] inline std::complex<double> logarithm(const Determinant& d) {
  return {d.log_modulus, std::arg(d.direction)};
}

/// A B.
[[nodiscard]] Eigen::MatrixXcd product(const Eigen::MatrixXd& A, const Eigen::MatrixXcd& B);

/// Σ ln p_k over the pivots of the LU factorisation without row exchanges: ln det A with the phase
/// continuous along A(t) = 1 + t(A − 1) where that is an H-matrix for all t in [0, 1]. Destroys A.
[[nodiscard]] std::complex<double> log_of_pivots(Eigen::MatrixXcd& A);
/// The same in single precision, which an H-matrix keeps to some n² 1e-7, in half the time.
[[nodiscard]] std::complex<double> log_of_pivots(Eigen::MatrixXcf& A);

/// det A by its phase, and tr(A⁻¹ B).
struct LogDeterminant {
  std::complex<double> phase;  ///< det A/|det A|; 0 when A is singular
  std::complex<double> slope;  ///< tr(A⁻¹ B); with B = dA/dz that is d ln det A/dz
};
[[nodiscard]] LogDeterminant log_determinant(const Eigen::MatrixXcd& A, const Eigen::MatrixXcd& B);

/// (lᵀ B r)/(lᵀ C r) with l, r the null vectors of a (nearly) singular matrix A.
[[nodiscard]] std::complex<double> null_quotient(const Eigen::MatrixXcd& A,
                                                 const Eigen::MatrixXcd& B,
                                                 const Eigen::MatrixXcd& C);

}  // namespace nuphi::detail
