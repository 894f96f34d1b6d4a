#include <nuphi/core/version.h>
#include <nuphi/petsc/environment.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "../exit_code.h"
#include "../logging.h"
#include "../signals.h"
#include "distributed_solve.h"

namespace {

using nuphi::runner::SolveArguments;

int parse(int argc, char** argv, SolveArguments& arguments) {
  CLI::App app(
      "nuphi-mpi: stationary rates of a network whose rows are spread over the processes of mpirun "
      "or srun.");
  app.set_version_flag("--version", std::string("nuphi-mpi ") + nuphi::version());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 success, 2 usage, 3 bad model, 4 not converged, 5 input/output, 130 "
      "interrupted.");
  CLI::App* solve = app.add_subcommand("solve", "stationary rates of a network: ν = Φ(ν)");
  solve->add_option("model", arguments.model.model, "model file (YAML, schema nuphi/1)")
      ->required();
  solve
      ->add_option("--set", arguments.model.set,
                   "override a parameter: name=value with its unit, e.g. \"J=0.2 mV\"")
      ->take_all()
      ->allow_extra_args(false);
  solve->add_option("-o,--output", arguments.output,
                    "result file, .json or .csv; - is JSON on standard output");
  solve->add_option("--method", arguments.method,
                    "auto, newton or relaxation (default: the model's, else auto)");
  solve->add_option("--initial", arguments.initial,
                    "start from a CSV population,rate in Hz instead of zero rates");
  solve->add_flag("-v,--verbose", arguments.verbose,
                  "print the solver's full report on standard error");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? nuphi::runner::kSuccess : nuphi::runner::kUsage;
  }
  return -1;
}

}  // namespace

int main(int argc, char** argv) {
  int code = nuphi::runner::kInputOutput;
  try {
    nuphi::runner::guard_standard_streams();
    nuphi::runner::watch_signals(true);
    const nuphi::petsc::Environment environment;
    nuphi::runner::start_logging(argv[0], false);
    // What one rank alone meets from here on would leave the others waiting.
    bool failed = true;
    code = nuphi::runner::exit_code_of([&] {
      const int result = nuphi::runner::run_distributed(argc, argv, parse);
      failed = false;
      return result;
    });
    if (failed) nuphi::petsc::abort(code);
  } catch (const std::exception&) {
    return nuphi::runner::exit_code_of([]() -> int { throw; });
  }
  return code;
}
