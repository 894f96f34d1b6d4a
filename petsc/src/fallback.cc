#include <nuphi/petsc/environment.h>

#include "gather.h"
#include "work.h"

namespace nuphi::petsc {
namespace {

// Beyond this the solver for one process takes minutes and gigabytes.
constexpr Eigen::Index kLargestAlone = 20000;

}  // namespace

std::optional<Termination> solve_on_root(Work& work, Point& point) {
  const DistributedField& field = work.problem().field();
  if (field.size > kLargestAlone) return std::nullopt;
  work.note("rank 0 solves the whole network alone");
  const DistributedField all = gather(field);
  SolveOptions options = work.options();
  options.find = Find::kOne;  // of which a distributed solve gives one
  gather(options.initial_rates);
  Eigen::VectorXd rates;
  int outcome[2] = {0, 0};
  if (rank() == 0) {
    SolveControl control;
    control.stop = work.control().stop;
    control.logger = work.control().logger;
    const StationaryResult result = nuphi::solve_stationary(whole(all), options, control);
    rates = result.state.rates;
    outcome[0] = static_cast<int>(result.summary.termination);
    outcome[1] = static_cast<int>(result.summary.method_used);
  }
  const auto end = static_cast<Termination>(from_root(outcome[0]));
  work.summary().method_used = static_cast<Method>(from_root(outcome[1]));
  broadcast(rates);
  point.x = rates.segment(field.first, field.rows());
  work.evaluate(point);
  return end;
}

}  // namespace nuphi::petsc
