#include <nuphi/solver/equilibrium_curve.h>

namespace nuphi {

bool EquilibriumCurve::center(const Eigen::VectorXd& z) {
  map_.center(z);
  if (!map_.evaluate(z)) return false;
  map_.linearize_parameters();
  return true;
}

bool EquilibriumCurve::factorize(const Eigen::VectorXd& row) {
  // The derivative in the parameter may cost several evaluations of the family, changes little over
  // a step, and only steers: that of the center serves.
  map_.linearize();
  return factorize_center(row);
}

bool EquilibriumCurve::factorize_center(const Eigen::VectorXd& row) {
  return lu_.factorize(map_.block(), map_.parameter_columns(), row.transpose());
}

Eigen::VectorXd EquilibriumCurve::correction() const {
  Eigen::VectorXd rhs = Eigen::VectorXd::Zero(unknowns());
  rhs.head(map_.size()) = -map_.residual();
  return lu_.solve(rhs);
}

Eigen::VectorXd EquilibriumCurve::tangent() const {
  return lu_.solve(Eigen::VectorXd::Unit(unknowns(), unknowns() - 1));
}

}  // namespace nuphi
