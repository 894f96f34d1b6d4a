#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Follows the fixed points of (1 − t)·start + t Φ(x) from t = 0, where `start` is the only one, to
/// t = 1 by pseudo-arclength continuation. Since Φ maps the box into itself the path cannot leave
/// it and cannot turn back to t = 0, so it reaches t = 1 for almost every start (Chow, Mallet-Paret
/// & Yorke 1978): slow and sure.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution homotopy(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                          const FixedPointOptions& options = {},
                                          const SolveControl& control = {});

/// @}
}  // namespace nuphi
