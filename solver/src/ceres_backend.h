#pragma once

#include <nuphi/solver/methods.h>
#include <nuphi/solver/problem.h>
#include <nuphi/solver/summary.h>

namespace nuphi {

/// Least ½‖x − Φ(x)‖² inside the box by Ceres' Levenberg–Marquardt with the analytic Jacobian, then
/// Newton. A minimum that is not a root ends with Termination::kStalled or kSingular: convergence
/// is judged by the residual, not by Ceres. Without Ceres the result is kStalled with a message
/// that says so.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution trust_region(FixedPointProblem& problem,
                                              const Eigen::VectorXd& start,
                                              const FixedPointOptions& options = {},
                                              const SolveControl& control = {});

}  // namespace nuphi
