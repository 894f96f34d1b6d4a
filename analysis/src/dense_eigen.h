// The dense eigenproblem behind a plain function: Eigen's header takes ten seconds to compile.
#pragma once

#include <Eigen/Core>

namespace nuphi::detail {

/// Eigenvalues in no order; NaN when the iteration fails or an entry is not finite. n ≥ 1.
[[nodiscard]] Eigen::VectorXcd eigenvalues(const Eigen::MatrixXd& matrix);

}  // namespace nuphi::detail
