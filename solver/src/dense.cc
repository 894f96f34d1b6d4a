#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <complex>
#include <limits>

#include "lapack.h"
#include "rounding_check.h"

namespace nuphi::dense {
namespace {

using Complex = std::complex<double>;

template <class Solver, class Matrix>
Eigen::VectorXcd eigenvalues_by_eigen(const Matrix& A) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXcd failed = Eigen::VectorXcd::Constant(A.rows(), Complex(nan, nan));
  if (!A.allFinite()) return failed;
  const Solver solver(A, /*computeEigenvectors=*/false);
  return solver.info() == Eigen::Success ? Eigen::VectorXcd(solver.eigenvalues()) : failed;
}

/// Σλ = tr A and Σλ² = tr A², which backward stability keeps to rounding for any matrix.
template <class Matrix>
bool are_eigenvalues(const Matrix& A, const Eigen::VectorXcd& values) {
  const double size = A.norm(), limit = detail::tolerance(A.rows());
  const Complex first = values.sum() - Complex(A.trace());
  const Complex second =
      values.cwiseProduct(values).sum() - Complex(A.cwiseProduct(A.transpose()).sum());
  return std::abs(first) <= limit * size && std::abs(second) <= limit * size * size;
}

template <class Solver, class Matrix>
Eigen::VectorXcd eigenvalues_of(const Matrix& A) {
  if (lapack::takes(A)) {
    Matrix copy = A;
    Eigen::VectorXcd values;
    if (lapack::geev(copy, values) && are_eigenvalues(A, values)) return values;
  }
  return eigenvalues_by_eigen<Solver>(A);
}

template <class Matrix>
Matrix product_of(const Eigen::Ref<const Matrix>& A, const Eigen::Ref<const Matrix>& B) {
  if (lapack::kHere && A.cols() == B.rows() &&
      std::min({A.rows(), A.cols(), B.cols()}) >= lapack::kSmall) {
    using Vector = Eigen::Matrix<typename Matrix::Scalar, Eigen::Dynamic, 1>;
    Matrix C(A.rows(), B.cols());
    lapack::gemm<Matrix>(A, B, C);
    const Vector v = detail::probe<typename Matrix::Scalar>(B.cols());
    const Vector expected = A * Vector(B * v), found = C * v;
    // Infinite and NaN entries fail here, and are then what Eigen makes of them.
    if (detail::agree(found, expected, A.norm() * B.norm() * v.norm())) return C;
  }
  return A * B;
}

}  // namespace

Eigen::MatrixXd inverse(const Eigen::MatrixXd& A) { return Lu<double>(A).inverse(); }
Eigen::MatrixXcd inverse(const Eigen::MatrixXcd& A) { return Lu<Complex>(A).inverse(); }

Eigen::VectorXd solve(const Eigen::MatrixXd& A, const Eigen::VectorXd& b) {
  return Lu<double>(A).solve(b);
}

Eigen::MatrixXd product(const Eigen::Ref<const Eigen::MatrixXd>& A,
                        const Eigen::Ref<const Eigen::MatrixXd>& B) {
  return product_of<Eigen::MatrixXd>(A, B);
}
Eigen::MatrixXcd product(const Eigen::Ref<const Eigen::MatrixXcd>& A,
                         const Eigen::Ref<const Eigen::MatrixXcd>& B) {
  return product_of<Eigen::MatrixXcd>(A, B);
}

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& A) {
  return eigenvalues_of<Eigen::EigenSolver<Eigen::MatrixXd>>(A);
}
Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& A) {
  if (A.rows() == 1) return A.diagonal();
  return eigenvalues_of<Eigen::ComplexEigenSolver<Eigen::MatrixXcd>>(A);
}

}  // namespace nuphi::dense
