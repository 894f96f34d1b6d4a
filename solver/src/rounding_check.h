// Checks of what LAPACK calculates: old OpenBLAS kernels are wrong on some newer processors, and
// then in the leading digits.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <limits>

namespace nuphi::dense::detail {

/// A vector that no structure of a matrix is likely to hide from.
template <class Scalar>
Eigen::Matrix<Scalar, Eigen::Dynamic, 1> probe(Eigen::Index n) {
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> v(n);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (Scalar& entry : v) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    entry = static_cast<double>(state >> 11U) * 0x1p-53 + 0.5;
  }
  return v;
}

/// What rounding leaves of n terms, relative to their size: it grows like n ε at most.
inline double tolerance(Eigen::Index n) {
  return 1e3 * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
}

/// ‖found − expected‖ is what rounding explains for terms of this size. False for NaN.
template <class Vector>
bool agree(const Vector& found, const Vector& expected, double size) {
  return (found - expected).norm() <= tolerance(found.size()) * size;
}

}  // namespace nuphi::dense::detail
