#include <nuphi/solver/stationary.h>

#include "commands.h"
#include "files.h"
#include "solve_report.h"
#include "stop_on_interrupt.h"

namespace nuphi::runner {
namespace {

StationarySet solve(const Model& model, const SolveOptions& options, StationaryState& best) {
  const MeanField field = mean_field(model.network);
  const SolveControl control = stop_on_signals();
  if (options.find == Find::kAll) return find_stationary_states(field, options, control);
  StationaryResult result = solve_stationary(field, options, control);
  StationarySet set;
  set.summary = std::move(result.summary);
  if (set.summary.termination == Termination::kConverged) {
    set.states.push_back(std::move(result.state));
  } else {
    best = std::move(result.state);
  }
  return set;
}

}  // namespace

int run_solve(const SolveArguments& arguments) {
  (void)format_of(arguments.output, kSolveFormats);
  const Model model = load(arguments.model);
  const SolveOptions options = solve_options(arguments, model);
  OutputFile file(arguments.output);
  StationaryState best;
  const StationarySet set = solve(model, options, best);
  return report_solve(arguments, model, options, set, best, file);
}

}  // namespace nuphi::runner
