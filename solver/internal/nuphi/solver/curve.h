#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

namespace NUPHI_PUBLIC nuphi {

/// m equations in m + 1 unknowns z, whose solutions form a curve. The last parameters() unknowns
/// are parameters and have an interval. Corrections and tangents are in scaled coordinates
/// (ScaledMap).
class Curve {
 public:
  virtual ~Curve() = default;
  [[nodiscard]] virtual Eigen::Index unknowns() const = 0;
  [[nodiscard]] virtual Eigen::Index parameters() const = 0;
  [[nodiscard]] virtual const Eigen::VectorXd& lower() const = 0;  ///< of the parameters
  [[nodiscard]] virtual const Eigen::VectorXd& upper() const = 0;

  /// Prepares for points near z, which lies on the curve or close to it: weights, and what may stay
  /// fixed during a step. False when Φ is not finite at z.
  [[nodiscard]] virtual bool center(const Eigen::VectorXd& z) = 0;
  [[nodiscard]] virtual const Eigen::VectorXd& weights() const = 0;
  virtual void project(Eigen::VectorXd& z) const = 0;

  /// False when the equations are not finite at z.
  [[nodiscard]] virtual bool evaluate(const Eigen::VectorXd& z) = 0;
  [[nodiscard]] virtual double residual_in_tolerances() = 0;  ///< ≤ 1: z counts as a solution
  [[nodiscard]] virtual double residual_in_roundings() = 0;   ///< 1: its rounding error

  /// Factorises [∂G; row] at the z evaluated last; columns that are costly and change little may be
  /// those of the center. False when singular.
  [[nodiscard]] virtual bool factorize(const Eigen::VectorXd& row) = 0;
  /// The same at the center itself, with nothing left over from elsewhere.
  [[nodiscard]] virtual bool factorize_center(const Eigen::VectorXd& row) = 0;
  [[nodiscard]] virtual Eigen::VectorXd correction() const = 0;  ///< [∂G; row] δ = (−G, 0)
  [[nodiscard]] virtual Eigen::VectorXd tangent() const = 0;     ///< [∂G; row] t = (0, 1)
  [[nodiscard]] virtual int determinant_sign() const = 0;
};

}  // namespace nuphi
