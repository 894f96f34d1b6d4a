#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Newton's method on x − Φ(x) with the analytic Jacobian. Steps are projected on the box instead
/// of being shortened for it, so that components at a bound (silent populations) do not stall the
/// others, and shortened until the residual or the next Newton correction shrinks (Deuflhard's
/// natural monotonicity). Where no fraction of the step does, pseudo-transient continuation from
/// the start (Kelley & Keyes 1998) follows the flow, along which the residual may rise.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution newton(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                        const FixedPointOptions& options = {},
                                        const SolveControl& control = {});

/// @}
}  // namespace nuphi
