#pragma once

#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// A fixed point by the chosen method; kAuto tries one after the other and the summary says which
/// delivered.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution solve_fixed_point(FixedPointProblem& problem,
                                                   const Eigen::VectorXd& start, Method method,
                                                   const FixedPointOptions& options = {},
                                                   const SolveControl& control = {});

/// The fixed point that the flow dx/ds = −x + Φ(x) reaches from `start`; where the flow settles
/// nowhere, one that other methods find, which the summary's message says.
[[nodiscard]] FixedPointSolution flow_limit(FixedPointProblem& problem,
                                            const Eigen::VectorXd& start,
                                            const FixedPointOptions& options = {},
                                            const SolveControl& control = {});

/// @}
}  // namespace nuphi
