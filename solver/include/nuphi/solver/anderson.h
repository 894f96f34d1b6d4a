#pragma once

#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

namespace nuphi {

/// Anderson acceleration of x ← Φ(x) (Anderson 1965; Walker & Ni 2011): needs no Jacobian until
/// Newton takes over near the end. Shortens its steps and starts its history anew where the
/// residual grows, but promises nothing where |∂Φ| is large.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution anderson(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                          const FixedPointOptions& options = {},
                                          const SolveControl& control = {});

}  // namespace nuphi
