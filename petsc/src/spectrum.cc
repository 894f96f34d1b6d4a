#include <slepceps.h>

#include <algorithm>
#include <cmath>

#include "work.h"

namespace nuphi::petsc {
namespace {

constexpr PetscInt kWhole = 300;  // up to this size the Krylov space is the whole space
constexpr PetscInt kSubspace = 60;
constexpr PetscInt kRestarts = 6;  // a dense edge of the spectrum would take hundreds
constexpr double kSharp = 1e-9;    // relative to the largest Ritz value: digits to report
constexpr double kCoarse = 1e-3;   // enough to tell the sign

// Smallest real part of the eigenvalues of 1 − Φ'.
std::optional<double> smallest_real(Mat matrix, PetscInt n, double tolerance) {
  Handle<EPS, EPSDestroy> solver;
  call(EPSCreate(PETSC_COMM_WORLD, &solver));
  call(EPSSetOperators(solver, matrix, nullptr));
  call(EPSSetProblemType(solver, EPS_NHEP));
  call(EPSSetType(solver, EPSKRYLOVSCHUR));
  call(EPSSetWhichEigenpairs(solver, EPS_SMALLEST_REAL));
  const PetscInt subspace = n <= kWhole ? n : std::min(n, kSubspace);
  call(EPSSetDimensions(solver, 1, subspace, PETSC_DEFAULT));
  call(EPSSetTolerances(solver, tolerance, kRestarts));
  call(EPSSetFromOptions(solver));
  if (EPSSolve(solver) != 0) return std::nullopt;
  PetscInt count = 0;
  call(EPSGetConverged(solver, &count));
  if (count == 0) return std::nullopt;
  double real = 0;
  double imaginary = 0;
  call(EPSGetEigenvalue(solver, 0, &real, &imaginary));
  return real;
}

}  // namespace

Leading leading_eigenvalue(Work& work, const Point& point) {
  if (!work.linearize(point, 1)) return {.value = {}, .attracts = {}, .sought = true};
  const Mat matrix = work.linear().matrix();
  const auto n = static_cast<PetscInt>(work.problem().field().size);
  if (const auto real = smallest_real(matrix, n, kSharp)) {
    return {.value = 1 - *real, .attracts = *real > 0, .sought = true};
  }
  const auto real = smallest_real(matrix, n, kCoarse);
  if (!real || std::abs(*real) < 10 * kCoarse) {
    return {.value = {}, .attracts = {}, .sought = true};
  }
  return {.value = {}, .attracts = *real > 0, .sought = true};
}

}  // namespace nuphi::petsc
