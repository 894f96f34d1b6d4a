#pragma once

#include <Eigen/Core>
#include <vector>

namespace nuphi {

/// What targets can say about parameters: singular value decomposition of the weighted Jacobian.
struct Identifiability {
  Eigen::VectorXd singular_values;  ///< largest first, one per parameter
  Eigen::MatrixXd directions;       ///< columns: right singular vectors, in the same order
  int rank = 0;                     ///< singular values above tolerance · largest
  std::vector<bool> identifiable;   ///< per parameter: no null direction has a part along it
  Eigen::MatrixXd
      covariance;  ///< (JᵀJ)⁻¹ on the identifiable ones, NaN in rows and columns of the others
};

[[nodiscard]] Identifiability identifiability(const Eigen::MatrixXd& jacobian, double tolerance);

}  // namespace nuphi
