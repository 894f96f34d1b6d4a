#pragma once

#include <nuphi/models/network.h>

#include <Eigen/Core>

namespace nuphi::detail {

/// Numbers of neurons of the populations. @throws ModelError, code "missing-size", naming every
/// population without one.
Eigen::VectorXd population_sizes(const Network& network);

}  // namespace nuphi::detail
