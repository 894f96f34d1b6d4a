#include "complex_lu.h"

#include <Eigen/LU>
#include <algorithm>
#include <limits>

namespace nuphi::detail {

LogDeterminant log_determinant(const Eigen::MatrixXcd& A, const Eigen::MatrixXcd& B) {
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(A);
  LogDeterminant result;
  result.phase = static_cast<double>(lu.permutationP().determinant());
  for (Eigen::Index i = 0; i < A.rows(); ++i) {
    const std::complex<double> pivot = lu.matrixLU()(i, i);
    const double size = std::abs(pivot);
    result.phase = size > 0 ? result.phase * (pivot / size) : 0.0;
  }
  result.slope = lu.solve(B).trace();
  return result;
}

std::complex<double> null_quotient(const Eigen::MatrixXcd& A, const Eigen::MatrixXcd& B,
                                   const Eigen::MatrixXcd& C) {
  const Eigen::Index n = A.rows();
  // Inverse iteration. The shift keeps a singular matrix invertible and moves no eigenvector: those
  // of A + sI are those of A.
  const double size = std::max(A.cwiseAbs().maxCoeff(), std::numeric_limits<double>::min());
  const std::complex<double> shift(1e-10 * size, 0.5e-10 * size);
  const Eigen::MatrixXcd shifted = A + shift * Eigen::MatrixXcd::Identity(n, n);
  const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(shifted), transposed(shifted.transpose());
  Eigen::VectorXcd right(n);
  for (Eigen::Index i = 0; i < n; ++i) right[i] = 1 + 0.3 * static_cast<double>(i % 7);
  Eigen::VectorXcd left = right;
  for (int k = 0; k < 3; ++k) {
    right = lu.solve(right).normalized();
    left = transposed.solve(left).normalized();
  }
  // transpose(), not adjoint(): l is a left null vector without conjugation.
  const std::complex<double> numerator = left.transpose() * B * right;
  const std::complex<double> denominator = left.transpose() * C * right;
  return numerator / denominator;
}

}  // namespace nuphi::detail
