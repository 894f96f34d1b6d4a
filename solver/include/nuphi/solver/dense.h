#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

/// @file
/// Dense linear algebra at the machine's speed: from 100 rows by BLAS and LAPACK where nuphi was
/// built with them (NUPHI_BLAS), below and elsewhere by Eigen. Results of LAPACK are checked by
/// residuals that cost n²; where one is larger than rounding explains (old OpenBLAS kernels
/// compute wrong results on some newer processors), Eigen calculates again.
/// Square matrices, shape=(n, n), n ≥ 1, unless said otherwise.
namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{
namespace dense {

/// A⁻¹; not finite where A is singular or holds NaN.
[[nodiscard]] Eigen::MatrixXd inverse(const Eigen::MatrixXd& A);
/// The same of complex matrices.
[[nodiscard]] Eigen::MatrixXcd inverse(const Eigen::MatrixXcd& A);

/// x of A x = b; not finite where A is singular or holds NaN.
[[nodiscard]] Eigen::VectorXd solve(const Eigen::MatrixXd& A, const Eigen::VectorXd& b);

/// A B, for any shapes that fit.
[[nodiscard]] Eigen::MatrixXd product(const Eigen::Ref<const Eigen::MatrixXd>& A,
                                      const Eigen::Ref<const Eigen::MatrixXd>& B);
/// The same of complex matrices.
[[nodiscard]] Eigen::MatrixXcd product(const Eigen::Ref<const Eigen::MatrixXcd>& A,
                                       const Eigen::Ref<const Eigen::MatrixXcd>& B);

/// Eigenvalues in no order; NaN when the iteration fails or an entry is not finite.
[[nodiscard]] Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& A);
/// The same of complex matrices.
[[nodiscard]] Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& A);

}  // namespace dense

/// @}
}  // namespace nuphi
