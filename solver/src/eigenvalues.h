#pragma once

#include <Eigen/Core>
#include <optional>

namespace nuphi {

/// Largest real part of the eigenvalues of a square matrix; nothing when it is not finite or the
/// iteration fails.
[[nodiscard]] std::optional<double> spectral_abscissa(const Eigen::MatrixXd& matrix);

}  // namespace nuphi
