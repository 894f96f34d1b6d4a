#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <memory>
#include <optional>

namespace NUPHI_PUBLIC nuphi {

/// Solves with shift·1 − Φ'(x), by LU factorisation, dense or sparse, or by GMRES. The Jacobian is
/// kept, so that another shift costs no evaluation. Rows are scaled by the size of their terms
/// before the factorisation: they span hundreds of decades where silent and firing populations
/// meet, and a small pivot then means cancellation, that is a singular matrix.
class LinearSolver {
 public:
  virtual ~LinearSolver() = default;
  /// Takes over the Jacobian of the last evaluation. False when an entry is not finite.
  virtual bool update(const FixedPointProblem& problem) = 0;
  /// False when the matrix is singular to rounding.
  virtual bool factorize(double shift) = 0;
  virtual void solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) = 0;
  /// The same with the transposed matrix: an adjoint solve.
  virtual void solve_transposed(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) = 0;
  /// |(shift·1 − Φ')⁻¹| · bound, componentwise: how far a bounded perturbation of the right-hand
  /// side moves the solution.
  [[nodiscard]] virtual Eigen::VectorXd perturbation_bound(const Eigen::VectorXd& bound) = 0;
  /// Smallest over largest pivot of the scaled matrix: a cheap stand-in for the reciprocal
  /// condition number.
  [[nodiscard]] virtual double pivot_ratio() const = 0;
  /// The determinant is negative: an odd number of real eigenvalues of Φ' lies beyond the shift.
  /// GMRES knows after the first solve, and as far as its Krylov space tells.
  [[nodiscard]] virtual bool is_negative() const = 0;
  [[nodiscard]] virtual int krylov_iterations() const { return 0; }  ///< so far
  /// Φ' as a map, where it is not factorised.
  [[nodiscard]] virtual const JacobianMap* map() const { return nullptr; }
};

/// Beyond this many unknowns nothing is factorised and no matrix of n² numbers formed.
inline constexpr Eigen::Index kLargestFactorization = 1000;
[[nodiscard]] bool is_large(const FixedPointProblem& problem);

/// Sign of the determinant of the matrix factorised last; nothing where it is zero to rounding.
[[nodiscard]] std::optional<int> sign_of_determinant(const LinearSolver& factors);

/// The solver that fits the problem.
/// @param tolerance  relative residual where the solution is found by iteration. The default is
///   for methods that correct it by their own iterations.
[[nodiscard]] std::unique_ptr<LinearSolver> make_linear_solver(const FixedPointProblem& problem,
                                                               double tolerance = 1e-3);
[[nodiscard]] std::unique_ptr<LinearSolver> make_krylov_solver(const FixedPointProblem& problem,
                                                               double tolerance);

[[nodiscard]] std::unique_ptr<LinearSolver> make_dense_solver(Eigen::Index n);
[[nodiscard]] std::unique_ptr<LinearSolver> make_small_solver(Eigen::Index n);
[[nodiscard]] std::unique_ptr<LinearSolver> make_sparse_solver(Eigen::Index n);

}  // namespace nuphi
