#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup continuation
/// @{

/// A family of maps x ↦ Φ(x; p) with one or two real parameters p. Everything of FixedPointProblem
/// holds at the parameters set last; the box may depend on them.
class ParametricProblem : public FixedPointProblem {
 public:
  [[nodiscard]] virtual Eigen::Index parameters() const = 0;  ///< their number
  /// From now on Φ is the one at these values, shape=(parameters(),). Where no Φ exists for them,
  /// evaluate() gives NaN. evaluate() must follow before any derivative is asked for.
  virtual void set_parameters(const Eigen::VectorXd& values) = 0;
  /// ∂Φ/∂p_k at the x of the last evaluate(), shape=(n,). Relative accuracy better than 1e-8: it
  /// steers the continuation, and is part of the equations only at branch points.
  virtual void parameter_derivative(Eigen::Index k, Eigen::VectorXd& derivative) = 0;
};

/// @}
}  // namespace nuphi
