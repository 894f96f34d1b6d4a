// Complex LU behind plain functions.
#pragma once

#include <nuphi/solver/lu.h>

#include <Eigen/Core>
#include <complex>

namespace nuphi::detail {

using dense::Determinant;

/// A⁻¹ into `inverse`; destroys A. Not finite where A is singular.
Determinant invert(Eigen::MatrixXcd& A, Eigen::MatrixXcd& inverse);
/// det A; destroys A.
[[nodiscard]] Determinant determinant(Eigen::MatrixXcd& A);

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
