#pragma once

#include <Eigen/Core>

namespace nuphi::detail {

/// Eigenvalues of a complex matrix, in no order. Behind a plain function because it is slow to
/// compile.
Eigen::VectorXcd complex_eigenvalues(const Eigen::MatrixXcd& matrix);

}  // namespace nuphi::detail
