#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <optional>

namespace NUPHI_PUBLIC nuphi {

/// What products with Φ' tell about its eigenvalue of largest real part.
struct LeadingEigenvalue {
  std::optional<double> value;    ///< its real part, where the iteration has settled it
  std::optional<bool> below_one;  ///< whether it is < 1, where the margin is wide enough to say so
};

/// Arnoldi's method from a pseudo-random vector, at most `dimension` products. Eigenvalues of the
/// compressed matrix approximate the outer ones of Φ'; the value is taken as settled when it and
/// all approximations that lie as far out have converged, so that what is left is nearer to 0.
[[nodiscard]] LeadingEigenvalue leading_eigenvalue(const JacobianMap& map, Eigen::Index n,
                                                   int dimension);

}  // namespace nuphi
