#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <complex>
#include <vector>

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

/// A determinant as direction and logarithm of the modulus: itself it overflows for large matrices.
struct Determinant {
  std::complex<double> direction{1, 0};  ///< det A/|det A|; 0 where A is singular
  double log_modulus = 0;                ///< ln|det A|
};

/// P A = L U of a square matrix of doubles or complex doubles, with exchanges of rows (Golub & Van
/// Loan, Matrix Computations, §3.4). From 100 rows by LAPACK as said above. Where A
/// is singular or holds NaN, determinants are 0 or NaN and solutions are not finite.
template <class Scalar>
class Lu {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;  ///< shape=(n, n)
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;               ///< shape=(n,)

  Lu() = default;                               ///< of nothing, until compute()
  explicit Lu(const Matrix& A) { compute(A); }  ///< factorises A
  void compute(const Matrix& A);  ///< another matrix; of the same size it takes the same memory

  [[nodiscard]] Vector solve(const Vector& b) const;                   ///< x of A x = b
  [[nodiscard]] Vector solve_transposed(const Vector& b) const;        ///< x of Aᵀ x = b
  [[nodiscard]] Matrix solve_columns(const Matrix& B) const;           ///< X of A X = B
  [[nodiscard]] Matrix inverse() const;                                ///< A⁻¹
  [[nodiscard]] Determinant determinant() const;                       ///< det A
  [[nodiscard]] Vector pivots() const { return factors_.diagonal(); }  ///< the diagonal of U

 private:
  Matrix factors_;              // U, and below its diagonal L without its own
  Eigen::VectorXi rows_;        // row i of A is row rows_[i] of P A
  std::vector<int> exchanges_;  // the same as LAPACK counts it; empty where Eigen factorised
};

extern template class Lu<double>;
extern template class Lu<std::complex<double>>;

}  // namespace dense

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
