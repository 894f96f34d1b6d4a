#pragma once

#include <nuphi/rates/inverse.h>
#include <nuphi/solver/summary.h>

#include <Eigen/Core>
#include <string>
#include <vector>

#include "fit_model.h"

namespace nuphi {

/// Where the trust region ended, whatever it thinks of it: the caller judges convergence.
struct TrustRegionEnd {
  Eigen::VectorXd z;
  Termination reason =
      Termination::kStalled;  ///< kStalled: no further step; kMaxIterations, kInterrupted
  std::string message;
  std::vector<Iteration> iterations;
};

/// Minimises ½‖r(z)‖² within lower ≤ z ≤ upper from a point where the model is located and
/// linearised.
/// @param held  parameters that stay where they are; one at least is not among them
/// @throws std::runtime_error when built without Ceres.
[[nodiscard]] TrustRegionEnd minimize(FitModel& model, const Eigen::VectorXd& start,
                                      const Eigen::VectorXd& lower, const Eigen::VectorXd& upper,
                                      const std::vector<int>& held, int max_iterations,
                                      const SolveControl& control);

}  // namespace nuphi
