#pragma once

#include <Eigen/Core>

namespace nuphi::petsc {

/// Collective: rank 0 gets the parts of all ranks one after the other.
void gather(Eigen::VectorXd& values);
/// Collective: the vector of rank 0 on every rank.
void broadcast(Eigen::VectorXd& values);

}  // namespace nuphi::petsc
