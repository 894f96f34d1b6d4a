#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Follows the flow dx/ds = −x + Φ(x) from `start` to its limit: linearly implicit (Rosenbrock)
/// steps of order 3 with error control, then Newton once the flow has settled. A fixed point that
/// repels the flow is not its limit: where the flow does not settle (a limit cycle) the method ends
/// with Termination::kStalled or kMaxIterations.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution relaxation(FixedPointProblem& problem,
                                            const Eigen::VectorXd& start,
                                            const FixedPointOptions& options = {},
                                            const SolveControl& control = {});

/// @}
}  // namespace nuphi
