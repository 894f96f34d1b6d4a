// Fortran names of BLAS and LAPACK, overloaded by the type of number; and their threads.
#pragma once

#include <complex>
#include <vector>

extern "C" {
using nuphi_z = std::complex<double>;
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
            const double*, const int*, const double*, const int*, const double*, double*,
            const int*);
void zgemm_(const char*, const char*, const int*, const int*, const int*, const nuphi_z*,
            const nuphi_z*, const int*, const nuphi_z*, const int*, const nuphi_z*, nuphi_z*,
            const int*);
void dgetrf_(const int*, const int*, double*, const int*, int*, int*);
void zgetrf_(const int*, const int*, nuphi_z*, const int*, int*, int*);
void dgetri_(const int*, double*, const int*, const int*, double*, const int*, int*);
void zgetri_(const int*, nuphi_z*, const int*, const int*, nuphi_z*, const int*, int*);
void dgetrs_(const char*, const int*, const int*, const double*, const int*, const int*, double*,
             const int*, int*);
void zgetrs_(const char*, const int*, const int*, const nuphi_z*, const int*, const int*, nuphi_z*,
             const int*, int*);
void dgeev_(const char*, const char*, const int*, double*, const int*, double*, double*, double*,
            const int*, double*, const int*, double*, const int*, int*);
void zgeev_(const char*, const char*, const int*, nuphi_z*, const int*, nuphi_z*, nuphi_z*,
            const int*, nuphi_z*, const int*, nuphi_z*, const int*, double*, int*);
}

namespace nuphi::dense::lapack {

using Complex = std::complex<double>;

/// While one lives, OpenBLAS works on the calling thread alone: nuphi shares work out itself, and
/// sums do not depend on how many processors are free. Other libraries are left as they are.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
};

inline void gemm_(int m, int n, int k, const double* A, int stride_A, const double* B, int stride_B,
                  double* C) {
  const double one = 1, zero = 0;
  dgemm_("N", "N", &m, &n, &k, &one, A, &stride_A, B, &stride_B, &zero, C, &m);
}
inline void gemm_(int m, int n, int k, const Complex* A, int stride_A, const Complex* B,
                  int stride_B, Complex* C) {
  const Complex one = 1, zero = 0;
  zgemm_("N", "N", &m, &n, &k, &one, A, &stride_A, B, &stride_B, &zero, C, &m);
}

// info tells of a zero pivot only: the factors are complete all the same.
inline void getrf_(int n, double* A, int* exchanges) {
  int info = 0;
  dgetrf_(&n, &n, A, &n, exchanges, &info);
}
inline void getrf_(int n, Complex* A, int* exchanges) {
  int info = 0;
  zgetrf_(&n, &n, A, &n, exchanges, &info);
}

inline void getri_(int n, double* A, const int* exchanges, double* work, int size) {
  int info = 0;
  dgetri_(&n, A, &n, exchanges, work, &size, &info);
}
inline void getri_(int n, Complex* A, const int* exchanges, Complex* work, int size) {
  int info = 0;
  zgetri_(&n, A, &n, exchanges, work, &size, &info);
}

inline void getrs_(int n, int columns, const double* A, const int* exchanges, double* B) {
  int info = 0;
  dgetrs_("N", &n, &columns, A, &n, exchanges, B, &n, &info);
}
inline void getrs_(int n, int columns, const Complex* A, const int* exchanges, Complex* B) {
  int info = 0;
  zgetrs_("N", &n, &columns, A, &n, exchanges, B, &n, &info);
}

inline int geev_(int n, double* A, Complex* values) {
  const auto count = static_cast<std::size_t>(n);
  std::vector<double> real(count), imaginary(count), work(64 * count);
  const int size = 64 * n, one = 1;
  double none = 0;
  int info = 0;
  dgeev_("N", "N", &n, A, &n, real.data(), imaginary.data(), &none, &one, &none, &one, work.data(),
         &size, &info);
  for (std::size_t k = 0; k < count; ++k) values[k] = {real[k], imaginary[k]};
  return info;
}
inline int geev_(int n, Complex* A, Complex* values) {
  const auto count = static_cast<std::size_t>(n);
  std::vector<Complex> work(64 * count);
  std::vector<double> real_work(2 * count);
  const int size = 64 * n, one = 1;
  Complex none = 0;
  int info = 0;
  zgeev_("N", "N", &n, A, &n, values, &none, &one, &none, &one, work.data(), &size,
         real_work.data(), &info);
  return info;
}

}  // namespace nuphi::dense::lapack
