#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// Anderson acceleration of x ← Φ(x) (Anderson 1965; Walker & Ni 2011): needs no Jacobian until
/// Newton takes over near the end. Where an accelerated step does not lower the residual it takes
/// a damped one, x + βF, with β short enough for the fastest mode of the flow. Stiff flows need
/// many of these, and limit cycles are followed up to max_iterations.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution anderson(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                          const FixedPointOptions& options = {},
                                          const SolveControl& control = {});

/// @}
}  // namespace nuphi
