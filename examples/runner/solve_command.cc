#include <fmt/format.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/symmetry.h>

#include "commands.h"
#include "files.h"
#include "solve_report.h"
#include "stop_on_interrupt.h"

namespace nuphi::runner {
namespace {

StateClasses solve(const Model& model, const SolveOptions& options, bool up_to_symmetry,
                   StationaryState& best) {
  const MeanField field = mean_field(model.network);
  const SolveControl control = stop_on_signals();
  if (up_to_symmetry) return find_states_up_to_symmetry(field, options, control);
  StateClasses found;
  StationarySet& set = found.set;
  if (options.find == Find::kAll) {
    set = find_stationary_states(field, options, control);
    return found;
  }
  StationaryResult result = solve_stationary(field, options, control);
  set.summary = std::move(result.summary);
  if (set.summary.termination == Termination::kConverged) {
    set.states.push_back(std::move(result.state));
  } else {
    best = std::move(result.state);
  }
  return found;
}

/// Ends with Newton's method on the exact function from each state. A state from where it does not
/// get there is what is reported then.
void polish(Model& model, const SolveOptions& options, StationarySet& set, StationaryState& best) {
  model.network.correction = Correction::kExact;
  const MeanField field = mean_field(model.network);
  SolveOptions newton = options;
  newton.find = Find::kOne;
  newton.method = Method::kNewton;
  for (StationaryState& state : set.states) {
    newton.initial_rates = state.rates;
    StationaryResult result = solve_stationary(field, newton, stop_on_signals());
    if (!result.converged()) {
      set.summary = std::move(result.summary);
      best = std::move(result.state);
      set.states.clear();
      return;
    }
    state = std::move(result.state);
    if (set.states.size() == 1) set.summary = std::move(result.summary);
  }
}

}  // namespace

int run_solve(const SolveArguments& arguments) {
  (void)format_of(arguments.output, kSolveFormats);
  if (!arguments.polish.empty() && arguments.polish != "exact")
    throw UsageError(fmt::format("--polish \"{}\": allowed is exact", arguments.polish));
  Model model = load(arguments.model);
  const SolveOptions options = solve_options(arguments, model);
  if (arguments.up_to_symmetry && options.find != Find::kAll)
    throw UsageError("--up-to-symmetry is about all fixed points: give --all too");
  OutputFile file(arguments.output);
  StationaryState best;
  StateClasses found = solve(model, options, arguments.up_to_symmetry, best);
  if (!arguments.polish.empty()) polish(model, options, found.set, best);
  return report_solve(arguments, model, options, found, best, file);
}

}  // namespace nuphi::runner
