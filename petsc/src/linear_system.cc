#include "linear_system.h"

#include <algorithm>
#include <cmath>

#include "messages.h"

namespace nuphi::petsc {
namespace {

constexpr PetscInt kExact = 500;    // up to this size GMRES runs to the end without a restart
constexpr PetscInt kRestart = 100;  // beyond it: so many vectors are kept
constexpr PetscInt kIterations = 2000;

}  // namespace

void copy(const Eigen::VectorXd& from, Vec to) {
  double* array = nullptr;
  call(VecGetArrayWrite(to, &array));
  std::copy(from.begin(), from.end(), array);
  call(VecRestoreArrayWrite(to, &array));
}

void copy(Vec from, Eigen::VectorXd& to) {
  const double* array = nullptr;
  call(VecGetArrayRead(from, &array));
  std::copy_n(array, to.size(), to.begin());
  call(VecRestoreArrayRead(from, &array));
}

LinearSystem::LinearSystem(const RowProblem& problem)
    : problem_(problem), values_(problem.field().columns.size(), 0.0) {
  const DistributedField& field = problem.field();
  const auto rows = static_cast<PetscInt>(field.rows());
  const auto size = static_cast<PetscInt>(field.size);
  call(MatCreateMPIAIJWithArrays(PETSC_COMM_WORLD, rows, rows, size, size, field.row_begin.data(),
                                 field.columns.data(), values_.data(), &matrix_));
  call(MatCreateVecs(matrix_, &rhs_, &solution_));
  call(KSPCreate(PETSC_COMM_WORLD, &solver_));
  call(KSPSetOptionsPrefix(solver_, "nuphi_"));
  call(KSPSetType(solver_, KSPGMRES));
  call(KSPGMRESSetRestart(solver_, size <= kExact ? size + 1 : kRestart));
  call(KSPGMRESSetCGSRefinementType(solver_, KSP_GMRES_CGS_REFINE_IFNEEDED));
  call(KSPSetComputeEigenvalues(solver_, PETSC_TRUE));
  PC scaling = nullptr;
  call(KSPGetPC(solver_, &scaling));
  call(PCSetType(scaling, PCJACOBI));
  call(PCJacobiSetType(scaling, PC_JACOBI_ROWMAX));
  call(KSPSetTolerances(solver_, kTolerance, PETSC_DEFAULT, PETSC_DEFAULT, kIterations));
  call(KSPSetFromOptions(solver_));
}

bool LinearSystem::assemble(double shift) {
  ++assemblies_;
  const bool finite = problem_.system_values(shift, values_);
  if (max_over_ranks(finite ? 0 : 1) > 0) return false;
  call(MatUpdateMPIAIJWithArray(matrix_, values_.data()));
  // SNES takes the matrix away from the solver when it goes.
  call(KSPSetOperators(solver_, matrix_, matrix_));
  return true;
}

bool LinearSystem::solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution, double tolerance) {
  copy(rhs, rhs_);
  call(KSPSetTolerances(solver_, tolerance, 0.0, PETSC_DEFAULT, kIterations));
  call(KSPSolve(solver_, rhs_, solution_));
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  call(KSPGetConvergedReason(solver_, &reason));
  copy(solution_, solution);
  if (reason > 0) return true;
  double norm = 0;
  call(VecNorm(rhs_, NORM_INFINITY, &norm));
  return norm == 0;
}

bool LinearSystem::is_negative() const {
  PetscInt count = 0;
  call(KSPGetIterationNumber(solver_, &count));
  if (count == 0) return false;
  PetscInt most = 0;
  call(KSPGMRESGetRestart(solver_, &most));
  most = std::max(most, count) + 1;
  std::vector<double> real(most), imaginary(most);
  call(KSPComputeEigenvalues(solver_, most, real.data(), imaginary.data(), &count));
  bool negative = false;
  for (PetscInt k = 0; k < count; ++k) {
    if (real[k] < 0 && std::abs(imaginary[k]) <= 1e-10 * -real[k]) negative = !negative;
  }
  return negative;
}

}  // namespace nuphi::petsc
