#pragma once

#include <nuphi/models/mean_field.h>

#include <Eigen/Core>
#include <string>

#include "rate_problem.h"

namespace nuphi {

/// "rates grow without bound because t_ref is 0 (populations …)" where the flow from `start` does
/// that; else empty. Without a refractory time Φ grows in proportion to the mean input, and with a
/// recurrent gain above one nothing stops it.
[[nodiscard]] std::string runaway_message(RateProblem& problem, const MeanField& field,
                                          const Eigen::VectorXd& start);

}  // namespace nuphi
