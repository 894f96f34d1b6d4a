#include <nuphi/solver/dense.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <complex>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#ifdef NUPHI_HAS_LAPACK
#include "lapack.h"
#endif

namespace nuphi::dense {
namespace {

using Complex = std::complex<double>;

template <class Matrix>
Matrix inverse_by_eigen(const Matrix& A) {
  return A.partialPivLu().inverse();
}

template <class Solver, class Matrix>
Eigen::VectorXcd eigenvalues_by_eigen(const Matrix& A) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXcd failed = Eigen::VectorXcd::Constant(A.rows(), Complex(nan, nan));
  if (!A.allFinite()) return failed;
  const Solver solver(A, /*computeEigenvectors=*/false);
  return solver.info() == Eigen::Success ? Eigen::VectorXcd(solver.eigenvalues()) : failed;
}

#ifdef NUPHI_HAS_LAPACK

constexpr Eigen::Index kSmall = 100;  // below, calls of LAPACK gain nothing

// A wrong kernel is wrong in the leading digits, rounding grows like n ε: this lies between.
double tolerance(Eigen::Index n) {
  return 1e3 * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
}

template <class Matrix>
bool is_for_lapack(const Matrix& A) {
  return A.rows() >= kSmall && A.rows() < std::numeric_limits<int>::max() / 64 && A.allFinite();
}

/// A vector that no structure of a matrix is likely to hide from.
template <class Scalar>
Eigen::Vector<Scalar, Eigen::Dynamic> probe(Eigen::Index n) {
  Eigen::Vector<Scalar, Eigen::Dynamic> v(n);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (Scalar& entry : v) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    entry = static_cast<double>(state >> 11U) * 0x1p-53 + 0.5;
  }
  return v;
}

/// ‖A (X v) − v‖ is as small as rounding leaves it.
template <class Matrix>
bool is_inverse(const Matrix& A, const Matrix& X) {
  const auto v = probe<typename Matrix::Scalar>(A.rows());
  const typename Eigen::Vector<typename Matrix::Scalar, Eigen::Dynamic> w = X * v;
  return (A * w - v).norm() <= tolerance(A.rows()) * (A.norm() * X.norm()) * v.norm();
}

template <class Matrix>
std::optional<Matrix> inverse_by_lapack(const Matrix& A) {
  const int n = static_cast<int>(A.rows()), size = 64 * n;
  Matrix X = A;
  std::vector<int> pivots(static_cast<std::size_t>(n));
  std::vector<typename Matrix::Scalar> work(static_cast<std::size_t>(size));
  if (lapack::getrf(n, X.data(), pivots.data()) != 0) return std::nullopt;
  if (lapack::getri(n, X.data(), pivots.data(), work.data(), size) != 0) return std::nullopt;
  return is_inverse(A, X) ? std::optional<Matrix>(std::move(X)) : std::nullopt;
}

std::optional<Eigen::VectorXd> solve_by_lapack(const Eigen::MatrixXd& A, const Eigen::VectorXd& b) {
  const int n = static_cast<int>(A.rows());
  Eigen::MatrixXd lu = A;
  Eigen::VectorXd x = b;
  std::vector<int> pivots(static_cast<std::size_t>(n));
  if (lapack::getrf(n, lu.data(), pivots.data()) != 0) return std::nullopt;
  if (lapack::getrs(n, lu.data(), pivots.data(), x.data()) != 0) return std::nullopt;
  const bool is_solution = (A * x - b).norm() <= tolerance(n) * (A.norm() * x.norm() + b.norm());
  return is_solution ? std::optional<Eigen::VectorXd>(std::move(x)) : std::nullopt;
}

template <class Matrix>
Matrix product_of(const Matrix& A, const Matrix& B) {
  if (A.cols() == B.rows() && std::min({A.rows(), A.cols(), B.cols()}) >= kSmall) {
    Matrix C(A.rows(), B.cols());
    lapack::gemm(static_cast<int>(A.rows()), static_cast<int>(B.cols()), static_cast<int>(A.cols()),
                 A.data(), B.data(), C.data());
    const auto v = probe<typename Matrix::Scalar>(B.cols());
    const typename Eigen::Vector<typename Matrix::Scalar, Eigen::Dynamic> expected = A * (B * v);
    const double scale = A.norm() * B.norm() * v.norm();
    // Infinite and NaN entries fail here, and are then what Eigen makes of them.
    if ((C * v - expected).norm() <= tolerance(A.cols()) * scale) return C;
  }
  return A * B;
}

/// Σλ = tr A and Σλ² = tr A², which backward stability keeps to rounding for any matrix.
template <class Matrix>
bool are_eigenvalues(const Matrix& A, const Eigen::VectorXcd& values) {
  const double size = A.norm(), limit = tolerance(A.rows());
  const Complex first = values.sum() - Complex(A.trace());
  const Complex second =
      values.cwiseProduct(values).sum() - Complex(A.cwiseProduct(A.transpose()).sum());
  return std::abs(first) <= limit * size && std::abs(second) <= limit * size * size;
}

std::optional<Eigen::VectorXcd> eigenvalues_by_lapack(const Eigen::MatrixXd& A) {
  const int n = static_cast<int>(A.rows()), size = 64 * n, one = 1;
  Eigen::MatrixXd copy = A;
  Eigen::VectorXd real(n), imaginary(n), work(size);
  double unused = 0;
  int info = 0;
  dgeev_("N", "N", &n, copy.data(), &n, real.data(), imaginary.data(), &unused, &one, &unused, &one,
         work.data(), &size, &info);
  if (info != 0) return std::nullopt;
  Eigen::VectorXcd values(n);
  values.real() = real;
  values.imag() = imaginary;
  return are_eigenvalues(A, values) ? std::optional<Eigen::VectorXcd>(values) : std::nullopt;
}

std::optional<Eigen::VectorXcd> eigenvalues_by_lapack(const Eigen::MatrixXcd& A) {
  const int n = static_cast<int>(A.rows()), size = 64 * n, one = 1;
  Eigen::MatrixXcd copy = A;
  Eigen::VectorXcd values(n), work(size);
  Eigen::VectorXd real_work(2 * n);
  Complex unused = 0;
  int info = 0;
  zgeev_("N", "N", &n, copy.data(), &n, values.data(), &unused, &one, &unused, &one, work.data(),
         &size, real_work.data(), &info);
  if (info != 0) return std::nullopt;
  return are_eigenvalues(A, values) ? std::optional<Eigen::VectorXcd>(values) : std::nullopt;
}

#else

template <class Matrix>
bool is_for_lapack(const Matrix&) {
  return false;
}
template <class Matrix>
std::optional<Matrix> inverse_by_lapack(const Matrix&) {
  return std::nullopt;
}
std::optional<Eigen::VectorXd> solve_by_lapack(const Eigen::MatrixXd&, const Eigen::VectorXd&) {
  return std::nullopt;
}
template <class Matrix>
Matrix product_of(const Matrix& A, const Matrix& B) {
  return A * B;
}
template <class Matrix>
std::optional<Eigen::VectorXcd> eigenvalues_by_lapack(const Matrix&) {
  return std::nullopt;
}

#endif

template <class Matrix>
Matrix inverse_of(const Matrix& A) {
  if (is_for_lapack(A)) {
    if (std::optional<Matrix> found = inverse_by_lapack(A)) return *std::move(found);
  }
  return inverse_by_eigen(A);
}

template <class Solver, class Matrix>
Eigen::VectorXcd eigenvalues_of(const Matrix& A) {
  if (is_for_lapack(A)) {
    if (std::optional<Eigen::VectorXcd> found = eigenvalues_by_lapack(A)) return *std::move(found);
  }
  return eigenvalues_by_eigen<Solver>(A);
}

}  // namespace

Eigen::MatrixXd inverse(const Eigen::MatrixXd& A) { return inverse_of(A); }
Eigen::MatrixXcd inverse(const Eigen::MatrixXcd& A) { return inverse_of(A); }

Eigen::VectorXd solve(const Eigen::MatrixXd& A, const Eigen::VectorXd& b) {
  if (is_for_lapack(A)) {
    if (std::optional<Eigen::VectorXd> found = solve_by_lapack(A, b)) return *std::move(found);
  }
  return A.partialPivLu().solve(b);
}

Eigen::MatrixXd product(const Eigen::MatrixXd& A, const Eigen::MatrixXd& B) {
  return product_of(A, B);
}
Eigen::MatrixXcd product(const Eigen::MatrixXcd& A, const Eigen::MatrixXcd& B) {
  return product_of(A, B);
}

Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& A) {
  return eigenvalues_of<Eigen::EigenSolver<Eigen::MatrixXd>>(A);
}
Eigen::VectorXcd eigenvalues(const Eigen::MatrixXcd& A) {
  if (A.rows() == 1) return A.diagonal();
  return eigenvalues_of<Eigen::ComplexEigenSolver<Eigen::MatrixXcd>>(A);
}

bool has_lapack() noexcept {
#ifdef NUPHI_HAS_LAPACK
  return true;
#else
  return false;
#endif
}

}  // namespace nuphi::dense
