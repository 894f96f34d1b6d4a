// The routines of BLAS and LAPACK that nuphi calls (netlib.org/lapack), column-major as Eigen's
// matrices are. Every call runs on the thread that makes it (one_thread.h). Without NUPHI_BLAS
// takes() is false and nothing here is called.
#pragma once

#include <Eigen/Core>
#include <complex>
#include <limits>
#include <vector>

#ifdef NUPHI_HAS_LAPACK
#include "lapack_routines.h"
#endif

namespace nuphi::dense::lapack {

constexpr Eigen::Index kSmall = 100;  // below, calls of LAPACK gain nothing

#ifdef NUPHI_HAS_LAPACK
constexpr bool kHere = true;
#else
constexpr bool kHere = false;
#endif

/// A square matrix is large and finite: what LAPACK is asked for.
template <class Matrix>
bool takes(const Matrix& A) {
  return kHere && A.rows() >= kSmall && A.rows() < std::numeric_limits<int>::max() / 64 &&
         A.allFinite();
}

/// C = A B; blocks of larger matrices will do.
template <class Matrix>
void gemm([[maybe_unused]] const Eigen::Ref<const Matrix>& A,
          [[maybe_unused]] const Eigen::Ref<const Matrix>& B, [[maybe_unused]] Matrix& C) {
#ifdef NUPHI_HAS_LAPACK
  const OneThread one_thread;
  gemm_(static_cast<int>(A.rows()), static_cast<int>(B.cols()), static_cast<int>(A.cols()),
        A.data(), static_cast<int>(A.outerStride()), B.data(), static_cast<int>(B.outerStride()),
        C.data());
#endif
}

/// A becomes its factors; exchanges[k] − 1 is the row that was exchanged with row k.
template <class Matrix>
void getrf([[maybe_unused]] Matrix& A, [[maybe_unused]] int* exchanges) {
#ifdef NUPHI_HAS_LAPACK
  const OneThread one_thread;
  getrf_(static_cast<int>(A.rows()), A.data(), exchanges);
#endif
}

/// B becomes the solution of A X = B; by the factors of A.
template <class Matrix>
void getrs([[maybe_unused]] const Matrix& factors, [[maybe_unused]] const int* exchanges,
           [[maybe_unused]] Matrix& B) {
#ifdef NUPHI_HAS_LAPACK
  const OneThread one_thread;
  getrs_(static_cast<int>(factors.rows()), static_cast<int>(B.cols()), factors.data(), exchanges,
         B.data());
#endif
}

/// The factors of A become its inverse.
template <class Matrix>
void getri([[maybe_unused]] Matrix& A, [[maybe_unused]] const int* exchanges) {
#ifdef NUPHI_HAS_LAPACK
  const OneThread one_thread;
  const int n = static_cast<int>(A.rows()), size = 64 * n;
  std::vector<typename Matrix::Scalar> work(static_cast<std::size_t>(size));
  getri_(n, A.data(), exchanges, work.data(), size);
#endif
}

/// Eigenvalues in no order; false when the iteration fails. Destroys A.
template <class Matrix>
bool geev([[maybe_unused]] Matrix& A, [[maybe_unused]] Eigen::VectorXcd& values) {
#ifdef NUPHI_HAS_LAPACK
  const OneThread one_thread;
  values.resize(A.rows());
  return geev_(static_cast<int>(A.rows()), A.data(), values.data()) == 0;
#else
  return false;
#endif
}

}  // namespace nuphi::dense::lapack
