#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/summary.h>

#include <optional>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// How hard a method tries; common to all of them.
struct FixedPointOptions {
  double tolerance = 1e-10;  ///< on |x_i − Φ_i(x)| / max(1, |x_i|), > 0
  /// > 0; of the solve, all methods and fallbacks together. One method alone gives up after 1000,
  /// or after 1 % of this where that is more.
  int max_iterations = 100000;
};

/// What a method returns.
struct FixedPointSolution {
  Eigen::VectorXd x;  ///< the fixed point, or the best point seen
  Summary summary;    ///< why it ended, and how good x is
  /// Largest real part of the eigenvalues of ∂Φ/∂x at x, where the method needed it.
  std::optional<double> leading_eigenvalue;
  /// x is a fixed point to the tolerance.
  [[nodiscard]] bool converged() const { return summary.termination == Termination::kConverged; }
};

/// @}
}  // namespace nuphi
