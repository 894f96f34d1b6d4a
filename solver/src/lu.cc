#include <nuphi/solver/linear_algebra.h>

#include <Eigen/LU>
#include <cmath>
#include <complex>

#include "lapack.h"
#include "rounding_check.h"

namespace nuphi::dense {
namespace {

template <class Scalar>
using MatrixOf = typename Lu<Scalar>::Matrix;
template <class Scalar>
using VectorOf = typename Lu<Scalar>::Vector;

Eigen::PermutationMatrix<Eigen::Dynamic> permutation(const Eigen::VectorXi& rows) {
  return Eigen::PermutationMatrix<Eigen::Dynamic>(rows);
}

/// L U v
template <class Scalar>
VectorOf<Scalar> multiply(const MatrixOf<Scalar>& factors, const VectorOf<Scalar>& v) {
  const VectorOf<Scalar> upper = factors.template triangularView<Eigen::Upper>() * v;
  return factors.template triangularView<Eigen::UnitLower>() * upper;
}

Eigen::VectorXi rows_of(const std::vector<int>& exchanges) {
  Eigen::Transpositions<Eigen::Dynamic> swaps(static_cast<Eigen::Index>(exchanges.size()));
  for (std::size_t k = 0; k < exchanges.size(); ++k)
    swaps.coeffRef(static_cast<Eigen::Index>(k)) = exchanges[k] - 1;
  return Eigen::PermutationMatrix<Eigen::Dynamic>(swaps).indices();
}

/// Factors and exchanges by LAPACK; false where they are not those of A.
template <class Scalar>
bool factorize_by_lapack(const MatrixOf<Scalar>& A, MatrixOf<Scalar>& factors,
                         std::vector<int>& exchanges) {
  if (!lapack::takes(A)) return false;
  factors = A;
  exchanges.resize(static_cast<std::size_t>(A.rows()));
  lapack::getrf(factors, exchanges.data());
  const VectorOf<Scalar> v = detail::probe<Scalar>(A.rows());
  const VectorOf<Scalar> expected = permutation(rows_of(exchanges)) * VectorOf<Scalar>(A * v);
  const VectorOf<Scalar> found = multiply<Scalar>(factors, v);
  return detail::agree(found, expected, A.norm() * v.norm());
}

/// ‖U‖
template <class Scalar>
double norm_of_upper(const MatrixOf<Scalar>& factors) {
  double squares = 0;
  for (Eigen::Index k = 0; k < factors.cols(); ++k)
    squares += factors.col(k).head(k + 1).squaredNorm();
  return std::sqrt(squares);
}

/// L U X v = P B v but for rounding, given v and B v.
template <class Scalar>
bool is_solution(const MatrixOf<Scalar>& factors, const Eigen::VectorXi& rows,
                 const MatrixOf<Scalar>& X, const VectorOf<Scalar>& v, const VectorOf<Scalar>& Bv) {
  const VectorOf<Scalar> x = X * v;
  const VectorOf<Scalar> found = multiply<Scalar>(factors, x), expected = permutation(rows) * Bv;
  return detail::agree(found, expected,
                       norm_of_upper<Scalar>(factors) * X.norm() * v.norm() + expected.norm());
}

}  // namespace

template <class Scalar>
void Lu<Scalar>::compute(const Matrix& A) {
  if (factorize_by_lapack<Scalar>(A, factors_, exchanges_)) {
    rows_ = rows_of(exchanges_);
    return;
  }
  exchanges_.clear();
  factors_ = A;
  if (A.rows() == 0) return;
  const Eigen::PartialPivLU<Eigen::Ref<Matrix>> lu(factors_);
  rows_ = lu.permutationP().indices();
}

template <class Scalar>
typename Lu<Scalar>::Vector Lu<Scalar>::solve(const Vector& b) const {
  Vector x = permutation(rows_) * b;
  factors_.template triangularView<Eigen::UnitLower>().solveInPlace(x);
  factors_.template triangularView<Eigen::Upper>().solveInPlace(x);
  return x;
}

template <class Scalar>
typename Lu<Scalar>::Vector Lu<Scalar>::solve_transposed(const Vector& b) const {
  Vector x = b;
  factors_.transpose().template triangularView<Eigen::Lower>().solveInPlace(x);
  factors_.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(x);
  return permutation(rows_).transpose() * x;
}

template <class Scalar>
typename Lu<Scalar>::Matrix Lu<Scalar>::solve_columns(const Matrix& B) const {
  if (!exchanges_.empty() && B.cols() > 0) {
    Matrix X = B;
    lapack::getrs(factors_, exchanges_.data(), X);
    const Vector v = detail::probe<Scalar>(B.cols());
    if (is_solution<Scalar>(factors_, rows_, X, v, B * v)) return X;
  }
  Matrix X = permutation(rows_) * B;
  factors_.template triangularView<Eigen::UnitLower>().solveInPlace(X);
  factors_.template triangularView<Eigen::Upper>().solveInPlace(X);
  return X;
}

template <class Scalar>
typename Lu<Scalar>::Matrix Lu<Scalar>::inverse() const {
  const Eigen::Index n = factors_.rows();
  if (!exchanges_.empty()) {
    Matrix X = factors_;
    lapack::getri(X, exchanges_.data());
    const Vector v = detail::probe<Scalar>(n);
    if (is_solution<Scalar>(factors_, rows_, X, v, v)) return X;
  }
  return solve_columns(Matrix::Identity(n, n));
}

template <class Scalar>
Determinant Lu<Scalar>::determinant() const {
  Determinant d;
  if (factors_.rows() == 0) return d;
  d.direction = static_cast<double>(permutation(rows_).determinant());
  for (Eigen::Index i = 0; i < factors_.rows(); ++i) {
    const double size = std::abs(factors_(i, i));
    d.log_modulus += std::log(size);
    // Zero where the matrix is singular, NaN where it holds NaN.
    d.direction = size == 0 ? 0.0 : d.direction * std::complex<double>(factors_(i, i) / size);
  }
  return d;
}

template class Lu<double>;
template class Lu<std::complex<double>>;

}  // namespace nuphi::dense
