#pragma once

#include <nuphi/core/export.h>

namespace nuphi {
namespace NUPHI_PUBLIC petsc {

/// MPI, PETSc and SLEPc for the life of the object: make one at the start of main, on every rank.
/// All of nuphi::petsc works on the world communicator; functions marked collective are to be
/// called by every rank. Options of PETSc are taken from the environment variable PETSC_OPTIONS.
class Environment {
 public:
  Environment();  ///< @throws std::runtime_error when PETSc does not start
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
};

[[nodiscard]] int rank();   ///< of this process, from 0
[[nodiscard]] int ranks();  ///< number of processes
/// Collective: the number that rank 0 has.
[[nodiscard]] int from_root(int value);
/// Ends all processes at once: for a fault that one of them alone meets.
[[noreturn]] void abort(int exit_code);

}  // namespace petsc
}  // namespace nuphi
