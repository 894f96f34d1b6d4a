#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// The Jacobian Φ' of a FixedPointProblem as a linear map: products, no matrix. It belongs to one
/// problem, must not outlive it, and keeps the linearisation it has taken over while the problem is
/// evaluated elsewhere.
class JacobianMap {
 public:
  virtual ~JacobianMap() = default;

  /// Takes over the linearisation at the last evaluate(). False when it is not finite.
  virtual bool update() = 0;
  /// product = Φ' v
  virtual void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const = 0;
  /// product = Φ'ᵀ v
  virtual void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const = 0;

  /// Prepares a cheap approximation P of shift·1 − Φ' that is easily inverted. By default P = 1.
  virtual void prepare(double shift);
  /// v ← P⁻¹ v
  virtual void precondition(Eigen::VectorXd& v) const;
  /// v ← P⁻ᵀ v
  virtual void precondition_transposed(Eigen::VectorXd& v) const;
  /// The determinant of P is negative.
  [[nodiscard]] virtual bool is_negative() const { return false; }
};

/// @}
}  // namespace nuphi
