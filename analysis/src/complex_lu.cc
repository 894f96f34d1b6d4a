#include "complex_lu.h"

#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nuphi::detail {

namespace {

using Complex = std::complex<double>;
constexpr Eigen::Index kSmall = 24;  // up to here plain loops beat blocked ones

void multiply(Determinant& d, Complex pivot) {
  const double size = std::abs(pivot);
  d.log_modulus += std::log(size);
  d.direction = size > 0 ? d.direction * (pivot / size) : 0.0;
}

/// Brings the largest entry of column k, from the diagonal down, to the diagonal.
Eigen::Index exchange(Eigen::MatrixXcd& A, Eigen::Index k, Determinant& d) {
  Eigen::Index best = k;
  double largest = -1;
  for (Eigen::Index i = k; i < A.rows(); ++i) {
    const double size = std::norm(A(i, k));
    if (size > largest) {
      largest = size;
      best = i;
    }
  }
  if (best != k) {
    A.row(k).swap(A.row(best));
    d.direction = -d.direction;
  }
  return best;
}

/// Gauss–Jordan in place, for small matrices.
Determinant invert_small(Eigen::MatrixXcd& A) {
  const Eigen::Index n = A.rows();
  std::array<Eigen::Index, kSmall> exchanged{};
  Determinant d;
  for (Eigen::Index k = 0; k < n; ++k) {
    exchanged[static_cast<std::size_t>(k)] = exchange(A, k, d);
    const Complex pivot = A(k, k), inverse = 1.0 / pivot;
    multiply(d, pivot);
    A(k, k) = 1.0;
    A.row(k) *= inverse;
    for (Eigen::Index i = 0; i < n; ++i) {
      if (i == k) continue;
      const Complex factor = A(i, k);
      A(i, k) = 0.0;
      A.row(i) -= factor * A.row(k);
    }
  }
  for (Eigen::Index k = n - 1; k >= 0; --k) {
    const Eigen::Index with = exchanged[static_cast<std::size_t>(k)];
    if (with != k) A.col(k).swap(A.col(with));
  }
  return d;
}

}  // namespace

Determinant invert(Eigen::MatrixXcd& A, Eigen::MatrixXcd& inverse) {
  if (A.rows() <= kSmall) {
    const Determinant d = invert_small(A);
    inverse = A;
    return d;
  }
  const dense::Lu<Complex> lu(A);
  inverse = lu.inverse();
  return lu.determinant();
}

Determinant determinant(Eigen::MatrixXcd& A) {
  if (A.rows() > kSmall) return dense::Lu<Complex>(A).determinant();
  Determinant d;
  const Eigen::Index n = A.rows();
  for (Eigen::Index k = 0; k < n; ++k) {
    exchange(A, k, d);
    const Complex pivot = A(k, k);
    multiply(d, pivot);
    if (pivot == 0.0) return d;
    for (Eigen::Index i = k + 1; i < n; ++i) {
      const Complex factor = A(i, k) / pivot;
      for (Eigen::Index j = k + 1; j < n; ++j) A(i, j) -= factor * A(k, j);
    }
  }
  return d;
}

Eigen::MatrixXcd product(const Eigen::MatrixXd& A, const Eigen::MatrixXcd& B) {
  Eigen::MatrixXcd result(A.rows(), B.cols());
  result.real() = dense::product(A, Eigen::MatrixXd(B.real()));
  result.imag() = dense::product(A, Eigen::MatrixXd(B.imag()));
  return result;
}

namespace {

/// a b, without the checks for infinity of std::complex.
template <class Scalar>
Scalar unchecked_product(Scalar a, Scalar b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

template <class Matrix>
Complex log_of_pivots_of(Matrix& A) {
  using Scalar = typename Matrix::Scalar;
  constexpr Eigen::Index kBlock = 32;
  const Eigen::Index n = A.rows();
  Complex log = 0;
  for (Eigen::Index first = 0; first < n; first += kBlock) {
    const Eigen::Index width = std::min(kBlock, n - first), end = first + width, below = n - end;
    for (Eigen::Index k = first; k < end; ++k) {
      const Complex pivot(A(k, k));
      log += Complex(std::log(std::abs(pivot)), std::arg(pivot));
      // Loops: Eigen reads a complex<float> that multiplies a vector as one double, aligned or not.
      const Scalar inverse = Scalar(1) / A(k, k);
      for (Eigen::Index i = k + 1; i < n; ++i) A(i, k) = unchecked_product(inverse, A(i, k));
      for (Eigen::Index j = k + 1; j < end; ++j) {
        const Scalar factor = A(k, j);
        for (Eigen::Index i = k + 1; i < n; ++i) A(i, j) -= unchecked_product(factor, A(i, k));
      }
    }
    if (below == 0) break;
    auto right = A.block(first, end, width, below);
    A.block(first, first, width, width)
        .template triangularView<Eigen::UnitLower>()
        .solveInPlace(right);
    A.bottomRightCorner(below, below).noalias() -= A.block(end, first, below, width) * right;
  }
  return log;
}

}  // namespace

Complex log_of_pivots(Eigen::MatrixXcd& A) { return log_of_pivots_of(A); }
Complex log_of_pivots(Eigen::MatrixXcf& A) { return log_of_pivots_of(A); }

LogDeterminant log_determinant(const Eigen::MatrixXcd& A, const Eigen::MatrixXcd& B) {
  const dense::Lu<Complex> lu(A);
  LogDeterminant result;
  result.phase = lu.determinant().direction;
  result.slope = lu.solve_columns(B).trace();
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
  const dense::Lu<Complex> lu(shifted);
  Eigen::VectorXcd right(n);
  for (Eigen::Index i = 0; i < n; ++i) right[i] = 1 + 0.3 * static_cast<double>(i % 7);
  Eigen::VectorXcd left = right;
  for (int k = 0; k < 3; ++k) {
    right = lu.solve(right).normalized();
    left = lu.solve_transposed(left).normalized();
  }
  // transpose(), not adjoint(): l is a left null vector without conjugation.
  const std::complex<double> numerator = left.transpose() * B * right;
  const std::complex<double> denominator = left.transpose() * C * right;
  return numerator / denominator;
}

}  // namespace nuphi::detail
