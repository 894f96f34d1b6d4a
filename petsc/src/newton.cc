#include <petscsnes.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "messages.h"
#include "work.h"

namespace nuphi::petsc {
namespace {

constexpr double kContraction = 0.1;
constexpr PetscInt kContractingSteps = 8;
constexpr PetscInt kPolishSteps = 20;

/// What the callbacks of SNES share. It solves F(x) = x − Φ(x) = 0; we judge.
struct Attempt {
  Work& work;
  bool contracting;
  Point current;           // where F was evaluated last
  Eigen::VectorXd last_x;  // of the iterate before
  double last_length = std::numeric_limits<double>::infinity();
  bool found = false;
  Point best{};      // once found
  double level = 0;  // its residual in units of the rounding
};

// PETSc is C: no exception may pass through it.
template <typename Function>
PetscErrorCode guarded(Function function) {
  try {
    function();
    return 0;
  } catch (...) {
    return PETSC_ERR_LIB;
  }
}

PetscErrorCode residual(SNES solver, Vec x, Vec f, void* context) {
  return guarded([&] {
    auto& a = *static_cast<Attempt*>(context);
    copy(x, a.current.x);
    a.work.evaluate(a.current);
    const Eigen::VectorXd minus = -a.current.defect;
    copy(minus, f);
    if (!a.current.finite()) call(SNESSetFunctionDomainError(solver));
  });
}

PetscErrorCode jacobian(SNES solver, Vec x, Mat, Mat, void* context) {
  return guarded([&] {
    auto& a = *static_cast<Attempt*>(context);
    Point here = a.current;
    copy(x, here.x);
    if (!a.work.linearize(here, 1)) call(SNESSetJacobianDomainError(solver));
  });
}

PetscErrorCode keep_inside(SNESLineSearch, Vec, Vec, Vec w, PetscBool*, PetscBool* changed,
                           void* context) {
  return guarded([&] {
    auto& a = *static_cast<Attempt*>(context);
    Eigen::VectorXd next(a.current.x.size());
    copy(w, next);
    const Eigen::VectorXd outside = next;
    a.work.project(next);
    const bool moved = max_over_ranks(next != outside ? 1 : 0) > 0;
    *changed = moved ? PETSC_TRUE : PETSC_FALSE;
    if (moved) copy(next, w);
  });
}

// Takes over the point when it is better. True when the next step may help.
bool polish_on(Attempt& a) {
  const double level = a.work.roundings(a.current);
  const bool better =
      !a.found || (level < 0.5 * a.level &&
                   a.current.excess <= std::max(a.best.excess, a.work.options().tolerance));
  if (!better) return false;
  a.best = a.current;
  a.level = level;
  a.found = true;
  return level > 1;
}

SNESConvergedReason judge(Attempt& a, PetscInt iteration) {
  if (!a.current.finite()) return SNES_DIVERGED_FUNCTION_DOMAIN;
  double length = std::numeric_limits<double>::infinity();
  if (iteration > 0) {
    length = step_size(a.current.x - a.last_x, a.last_x);
    a.work.record(Method::kNewton, a.current, largest(a.current.x - a.last_x), 1);
  }
  const double before = std::exchange(a.last_length, length);
  a.last_x = a.current.x;
  if (a.found || a.work.converged(a.current)) {
    return polish_on(a) ? SNES_CONVERGED_ITERATING : SNES_CONVERGED_FNORM_ABS;
  }
  if (a.work.halt()) return SNES_DIVERGED_FUNCTION_COUNT;
  if (!a.contracting) return SNES_CONVERGED_ITERATING;
  const bool shrinks = iteration == 0 || length < kContraction * before || !std::isfinite(before);
  return shrinks && iteration < kContractingSteps ? SNES_CONVERGED_ITERATING : SNES_DIVERGED_DTOL;
}

PetscErrorCode test(SNES solver, PetscInt iteration, PetscReal, PetscReal, PetscReal,
                    SNESConvergedReason* reason, void* context) {
  return guarded([&] {
    auto& a = *static_cast<Attempt*>(context);
    // A line search may have looked elsewhere since.
    Vec x = nullptr;
    call(SNESGetSolution(solver, &x));
    Point here = a.current;
    copy(x, here.x);
    if (max_over_ranks(here.x != a.current.x ? 1 : 0) > 0) {
      a.work.evaluate(here);
      a.current = here;
    }
    *reason = judge(a, iteration);
  });
}

}  // namespace

bool newton(Work& work, Point& point, bool contracting) {
  Attempt attempt{.work = work, .contracting = contracting, .current = point, .last_x = point.x};
  Handle<Vec, VecDestroy> x, f;
  call(VecDuplicate(work.linear().vector(), &x));
  call(VecDuplicate(work.linear().vector(), &f));
  copy(point.x, x);
  Handle<SNES, SNESDestroy> solver;
  call(SNESCreate(PETSC_COMM_WORLD, &solver));
  call(SNESSetType(solver, SNESNEWTONLS));
  call(SNESSetFunction(solver, f, residual, &attempt));
  call(SNESSetJacobian(solver, work.linear().matrix(), work.linear().matrix(), jacobian, &attempt));
  call(KSPSetTolerances(work.linear().solver(), LinearSystem::kTolerance, 0.0, PETSC_DEFAULT,
                        PETSC_DEFAULT));
  call(SNESSetKSP(solver, work.linear().solver()));
  call(SNESSetConvergenceTest(solver, test, &attempt, nullptr));
  const PetscInt steps =
      kPolishSteps + (contracting ? kContractingSteps : work.options().max_iterations);
  call(SNESSetTolerances(solver, 0.0, 0.0, 0.0, steps, PETSC_MAX_INT));
  SNESLineSearch search = nullptr;
  call(SNESGetLineSearch(solver, &search));
  call(SNESLineSearchSetType(search, contracting ? SNESLINESEARCHBASIC : SNESLINESEARCHBT));
  call(SNESLineSearchSetPostCheck(search, keep_inside, &attempt));
  call(SNESSolve(solver, nullptr, x));
  if (attempt.found) point = attempt.best;
  return attempt.found;
}

}  // namespace nuphi::petsc
