// The routines of BLAS and LAPACK that dense.cc calls (netlib.org/lapack), by their Fortran names.
#pragma once

#include <complex>

extern "C" {
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
            const double*, const int*, const double*, const int*, const double*, double*,
            const int*);
void zgemm_(const char*, const char*, const int*, const int*, const int*,
            const std::complex<double>*, const std::complex<double>*, const int*,
            const std::complex<double>*, const int*, const std::complex<double>*,
            std::complex<double>*, const int*);
void dgetrf_(const int*, const int*, double*, const int*, int*, int*);
void zgetrf_(const int*, const int*, std::complex<double>*, const int*, int*, int*);
void dgetri_(const int*, double*, const int*, const int*, double*, const int*, int*);
void zgetri_(const int*, std::complex<double>*, const int*, const int*, std::complex<double>*,
             const int*, int*);
void dgetrs_(const char*, const int*, const int*, const double*, const int*, const int*, double*,
             const int*, int*);
void dgeev_(const char*, const char*, const int*, double*, const int*, double*, double*, double*,
            const int*, double*, const int*, double*, const int*, int*);
void zgeev_(const char*, const char*, const int*, std::complex<double>*, const int*,
            std::complex<double>*, std::complex<double>*, const int*, std::complex<double>*,
            const int*, std::complex<double>*, const int*, double*, int*);
}

namespace nuphi::lapack {

using Complex = std::complex<double>;

inline void gemm(int m, int n, int k, const double* A, const double* B, double* C) {
  const double one = 1, zero = 0;
  dgemm_("N", "N", &m, &n, &k, &one, A, &m, B, &k, &zero, C, &m);
}
inline void gemm(int m, int n, int k, const Complex* A, const Complex* B, Complex* C) {
  const Complex one = 1, zero = 0;
  zgemm_("N", "N", &m, &n, &k, &one, A, &m, B, &k, &zero, C, &m);
}
inline int getrf(int n, double* A, int* pivots) {
  int info = 0;
  dgetrf_(&n, &n, A, &n, pivots, &info);
  return info;
}
inline int getrf(int n, Complex* A, int* pivots) {
  int info = 0;
  zgetrf_(&n, &n, A, &n, pivots, &info);
  return info;
}
inline int getri(int n, double* A, const int* pivots, double* work, int size) {
  int info = 0;
  dgetri_(&n, A, &n, pivots, work, &size, &info);
  return info;
}
inline int getri(int n, Complex* A, const int* pivots, Complex* work, int size) {
  int info = 0;
  zgetri_(&n, A, &n, pivots, work, &size, &info);
  return info;
}
inline int getrs(int n, const double* A, const int* pivots, double* b) {
  int info = 0;
  const int one = 1;
  dgetrs_("N", &n, &one, A, &n, pivots, b, &n, &info);
  return info;
}

}  // namespace nuphi::lapack
