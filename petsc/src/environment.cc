#include <nuphi/petsc/environment.h>

#include <mpi.h>
#include <slepcsys.h>

#include <cstdlib>

#include "petsc_call.h"

namespace nuphi::petsc {

Environment::Environment() {
  // Signals are the program's own business.
  call(PetscOptionsSetValue(nullptr, "-no_signal_handler", "true"));
  call(SlepcInitialize(nullptr, nullptr, nullptr, nullptr));
  call(PetscPushErrorHandler(PetscReturnErrorHandler, nullptr));
}

Environment::~Environment() { SlepcFinalize(); }

int rank() {
  int rank = 0;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank;
}

int ranks() {
  int size = 1;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  return size;
}

int from_root(int value) {
  MPI_Bcast(&value, 1, MPI_INT, 0, PETSC_COMM_WORLD);
  return value;
}

void abort(int exit_code) {
  MPI_Abort(PETSC_COMM_WORLD, exit_code);
  std::abort();
}

}  // namespace nuphi::petsc
