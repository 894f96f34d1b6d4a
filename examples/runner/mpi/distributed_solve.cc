#include "distributed_solve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nuphi/petsc/environment.h>
#include <nuphi/petsc/solve.h>

#include <memory>
#include <optional>

#include "../exit_code.h"
#include "../files.h"
#include "../logging.h"
#include "../signals.h"
#include "../solve_report.h"

namespace nuphi::runner {
namespace {

constexpr int kGoOn = -1;

/// What rank 0 alone knows.
struct Job {
  SolveArguments arguments;
  std::optional<Model> model;
  SolveOptions options;
  std::optional<MeanField> field;
  std::unique_ptr<OutputFile> file;
};

SolveOptions checked_options(const Job& job) {
  SolveOptions options = solve_options(job.arguments, *job.model);
  if (options.find == Find::kAll) {
    fmt::print(stderr, "note: the model asks for all fixed points, nuphi-mpi looks for one\n");
    options.find = Find::kOne;
  }
  const auto faults = petsc::validate(options, job.field->size());
  if (!faults.empty()) throw UsageError(fmt::format("{}", fmt::join(faults, "; ")));
  return options;
}

int prepare(int argc, char** argv, Parse parse, Job& job) {
  const int parsed = parse(argc, argv, job.arguments);
  if (parsed != kGoOn) return parsed;
  (void)format_of(job.arguments.output, kSolveFormats);
  job.model = load(job.arguments.model);
  job.field = mean_field(job.model->network);
  (void)petsc::rows_of(*job.field, 0, 0);  // refuses what cannot be spread
  job.options = checked_options(job);
  job.file = std::make_unique<OutputFile>(job.arguments.output);
  return kGoOn;
}

int report(Job& job, const StationaryResult& result) {
  StationarySet set;
  StationaryState best;
  set.summary = result.summary;
  if (result.converged()) {
    set.states.push_back(result.state);
  } else {
    best = result.state;
  }
  return report_solve(job.arguments, *job.model, job.options, set, best, *job.file);
}

}  // namespace

int run_distributed(int argc, char** argv, Parse parse) {
  const bool root = petsc::rank() == 0;
  Job job;
  const int ready = petsc::from_root(
      root ? exit_code_of([&] { return prepare(argc, argv, parse, job); }) : kGoOn);
  if (ready != kGoOn) return ready;
  const petsc::DistributedField field = petsc::scatter(root ? &*job.field : nullptr);
  job.field.reset();

  std::stop_source stop;
  SolveControl control;
  control.stop = stop.get_token();
  control.progress = [&stop](const Iteration&) {
    if (interrupted()) stop.request_stop();
  };
  StationaryResult result =
      petsc::solve_stationary(field, petsc::share(job.options, field), control);
  result.state = petsc::gather(result.state);
  return petsc::from_root(root ? exit_code_of([&] { return report(job, result); }) : kSuccess);
}

}  // namespace nuphi::runner
