#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/jacobian_map.h>

#include <Eigen/SparseCore>
#include <memory>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// A map x ↦ Φ(x) whose fixed points are sought. No neuroscience below this line.
/// Implementations keep their work space: evaluation allocates nothing, so one object serves one
/// thread.
class FixedPointProblem {
 public:
  virtual ~FixedPointProblem() = default;

  /// Number of unknowns, n.
  [[nodiscard]] virtual Eigen::Index size() const = 0;
  /// Lower corner of a box that holds every fixed point; the methods keep their iterates inside.
  /// shape=(n,)
  [[nodiscard]] virtual const Eigen::VectorXd& lower() const = 0;
  /// Upper corner of the box, shape=(n,).
  [[nodiscard]] virtual const Eigen::VectorXd& upper() const = 0;

  /// Φ is continuous and maps the box into itself. Then there is a fixed point, and the signs of
  /// det(1 − Φ') over all of them add up to 1 where none is degenerate (the degree of 1 − Φ). False
  /// where that is not known.
  [[nodiscard]] virtual bool maps_box_into_itself() const { return false; }

  /// Φ(x), and keeps what jacobian() needs. `value` has size n. A component may be NaN where Φ is
  /// undefined.
  virtual void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) = 0;
  /// ∂Φ/∂x at the x of the last evaluate(), row = output. Dense: into `matrix` (n, n).
  virtual void jacobian(Eigen::MatrixXd& matrix) const = 0;
  /// The Jacobian is to be had as a sparse matrix.
  [[nodiscard]] virtual bool is_sparse() const { return false; }
  /// The same, sparse, with the diagonal in the pattern and the same pattern at every call; only
  /// where is_sparse().
  virtual void jacobian(Eigen::SparseMatrix<double>& matrix) const;
  /// ∂Φ/∂x as products with vectors. By default those with the matrix that jacobian() gives.
  [[nodiscard]] virtual std::unique_ptr<JacobianMap> jacobian_map() const;
  /// Bound on the rounding error of each component of Φ at the last evaluate(): the floor below
  /// which a residual says nothing.
  virtual void rounding(Eigen::VectorXd& bound) const = 0;
  /// The same where Φ is all but discontinuous: how far it jumps when its arguments move by their
  /// rounding. A residual of that size is the best there is at a point that lies on the jump.
  virtual void jump(Eigen::VectorXd& bound) const { rounding(bound); }
  /// Φ has a corner at the x of the last evaluate(): its slopes on different sides of it differ,
  /// and jacobian() gives those of one side. Where that is not looked at: false.
  [[nodiscard]] virtual bool has_corner() const { return false; }
  /// A family of problems without sharp bends that tends to this one: level 0 is the problem
  /// itself, about 1 as smooth as it gets. Where Φ is all but discontinuous, no method that looks
  /// at slopes finds its way; the family gives it one. False where there is none.
  virtual bool set_smoothing(double level) { return level == 0; }
  /// After evaluate() of a smoothed problem, the right-hand side of a Newton step with its Jacobian
  /// that ends at a fixed point of the problem itself: Φ(x) − x of that, but where it jumps between
  /// one number and the next, slope · (argument − place of the jump). Leaves the smoothing off.
  /// False where there is nothing of the kind.
  virtual bool jump_defect(Eigen::VectorXd& defect);
};

/// @}
}  // namespace nuphi
