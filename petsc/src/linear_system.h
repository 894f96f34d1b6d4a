#pragma once

#include <petscksp.h>

#include <Eigen/Core>
#include <vector>

#include "petsc_call.h"
#include "row_problem.h"

namespace nuphi::petsc {

/// (shift·1 − Φ') y = r by GMRES, rows scaled by their largest entry. The matrix keeps its
/// structure; its values are written over.
class LinearSystem {
 public:
  explicit LinearSystem(const RowProblem& problem);

  /// Collective: takes over the Jacobian at the problem's last evaluation. False when an entry is
  /// not finite.
  [[nodiscard]] bool assemble(double shift);
  /// Collective. False when GMRES does not reach |r| · tolerance.
  [[nodiscard]] bool solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution,
                           double tolerance = kTolerance);
  /// After solve(): an odd number of real eigenvalues of Φ' is seen beyond the shift (Ritz values).
  [[nodiscard]] bool is_negative() const;

  [[nodiscard]] Mat matrix() const { return matrix_; }
  [[nodiscard]] KSP solver() const { return solver_; }
  [[nodiscard]] Vec vector() const { return rhs_; }  ///< of the layout, to be duplicated
  [[nodiscard]] int assemblies() const { return assemblies_; }

  static constexpr double kTolerance = 1e-9;

 private:
  const RowProblem& problem_;
  std::vector<double> values_;
  int assemblies_ = 0;
  Handle<Mat, MatDestroy> matrix_;
  Handle<KSP, KSPDestroy> solver_;
  Handle<Vec, VecDestroy> rhs_, solution_;
};

/// Copies between the rank's part of a vector of PETSc and one of Eigen.
void copy(const Eigen::VectorXd& from, Vec to);
void copy(Vec from, Eigen::VectorXd& to);

}  // namespace nuphi::petsc
