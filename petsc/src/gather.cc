#include <nuphi/petsc/environment.h>
#include <nuphi/petsc/solve.h>

#include <mpi.h>

#include <span>

#include "gather.h"
#include "messages.h"

namespace nuphi::petsc {

void gather(Eigen::VectorXd& values) {
  const auto own = static_cast<long long>(values.size());
  if (rank() != 0) {
    send(std::span(&own, 1), 0);
    send(std::span<const double>(values.data(), values.size()), 0);
    return;
  }
  for (int r = 1; r < ranks(); ++r) {
    long long length = 0;
    receive(std::span(&length, 1), r);
    const Eigen::Index begin = values.size();
    values.conservativeResize(begin + length);
    receive(std::span(values.data() + begin, length), r);
  }
}

void broadcast(Eigen::VectorXd& values) {
  auto length = static_cast<long long>(values.size());
  MPI_Bcast(&length, 1, MPI_LONG_LONG, 0, PETSC_COMM_WORLD);
  values.resize(length);
  constexpr long long kPart = 1LL << 27U;  // MPI counts with int
  for (long long begin = 0; begin < length; begin += kPart) {
    MPI_Bcast(values.data() + begin, static_cast<int>(std::min(kPart, length - begin)), MPI_DOUBLE,
              0, PETSC_COMM_WORLD);
  }
}

StationaryState gather(const StationaryState& state) {
  StationaryState all = state;
  for (Eigen::VectorXd* values :
       {&all.rates, &all.log_rates, &all.mean_input, &all.std_input, &all.cv, &all.drate_dmu,
        &all.drate_dsigma, &all.error_estimate}) {
    gather(*values);
  }
  return rank() == 0 ? all : state;
}

SolveOptions share(const SolveOptions& options, const DistributedField& field) {
  struct Numbers {
    int method;
    double tolerance;
    int max_iterations;
  } numbers{static_cast<int>(options.method), options.tolerance, options.max_iterations};
  MPI_Bcast(&numbers, sizeof numbers, MPI_BYTE, 0, PETSC_COMM_WORLD);
  SolveOptions own = options;
  own.method = static_cast<Method>(numbers.method);
  own.tolerance = numbers.tolerance;
  own.max_iterations = numbers.max_iterations;
  broadcast(own.initial_rates);
  if (own.initial_rates.size() > 0) {
    own.initial_rates = own.initial_rates.segment(field.first, field.rows()).eval();
  }
  return own;
}

}  // namespace nuphi::petsc
