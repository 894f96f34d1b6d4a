#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <Eigen/SparseCore>
#include <functional>
#include <memory>

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

/// @addtogroup solving
/// @{

/// x ↦ Φ(x) given by two functions, for fixed points of anything but a network:
///
///     FunctionProblem problem(
///         lower, upper,
///         [](const Eigen::VectorXd& x, Eigen::VectorXd& value) { value[0] = std::cos(x[0]); },
///         [](const Eigen::VectorXd& x, Eigen::MatrixXd& dx) { dx(0, 0) = -std::sin(x[0]); });
///     const FixedPointSolution solution = solve_fixed_point(problem, start, Method::kAuto);
///
/// check_jacobian() tells whether the second function is the derivative of the first.
class FunctionProblem final : public FixedPointProblem {
 public:
  /// Φ(x) into `value`, which has the size of x. A component may be NaN where Φ is undefined.
  using Map = std::function<void(const Eigen::VectorXd& x, Eigen::VectorXd& value)>;
  /// ∂Φ_i/∂x_j into slope(i, j), which is (n, n) and zero at the call.
  using Slope = std::function<void(const Eigen::VectorXd& x, Eigen::MatrixXd& slope)>;

  /// @param lower, upper  the box that holds every fixed point and every x the functions are asked
  ///     for. shape=(n,), n ≥ 1, finite, lower < upper
  /// @param map    Φ
  /// @param slope  its Jacobian
  /// @param maps_box_into_itself  see maps_box_into_itself(); lets find_fixed_points() say whether
  ///     points are missing
  /// @throws std::invalid_argument for a box that is none, or without functions.
  FunctionProblem(Eigen::VectorXd lower, Eigen::VectorXd upper, Map map, Slope slope,
                  bool maps_box_into_itself = false);

  [[nodiscard]] Eigen::Index size() const override { return lower_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  [[nodiscard]] bool maps_box_into_itself() const override { return maps_box_into_itself_; }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  using FixedPointProblem::jacobian;
  /// 4 ε max(|Φ_i|, |x_i|): a few roundings of what the function takes and returns.
  void rounding(Eigen::VectorXd& bound) const override;

 private:
  Eigen::VectorXd lower_, upper_;
  Map map_;
  Slope slope_;
  bool maps_box_into_itself_;
  Eigen::VectorXd x_, value_;  // of the last evaluate()
};

/// The entry where jacobian() is furthest from differences of evaluate().
struct JacobianCheck {
  double error =
      0;  ///< |given − measured| over the largest entry of that row, 0 for a row of zeros
  Eigen::Index row = 0;     ///< i of ∂Φ_i/∂x_j
  Eigen::Index column = 0;  ///< j
  double given = 0;         ///< jacobian()
  double measured = 0;      ///< extrapolated differences of evaluate() inside the box
};

/// Compares a problem's Jacobian with differences of its map at x, by 2 n to some 60 n evaluations.
/// For smooth maps differences hold 1e-9 and better: an error above 1e-6 is one of the code.
/// @throws std::invalid_argument where x has another size or lies outside the box.
[[nodiscard]] JacobianCheck check_jacobian(FixedPointProblem& problem, const Eigen::VectorXd& x);

/// @}
}  // namespace nuphi
