#pragma once

#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/symmetry.h>

#include <initializer_list>

#include "commands.h"
#include "files.h"

namespace nuphi::runner {

inline constexpr std::initializer_list<Format> kSolveFormats = {Format::kJson, Format::kCsv};

/// The model's options with those of the command line. @throws UsageError, and what reading the
/// initial rates throws.
SolveOptions solve_options(const SolveArguments& arguments, const Model& model);

/// Writes what `solve` found, or the best point when that is nothing. @return the exit code
int report_solve(const SolveArguments& arguments, const Model& model, const SolveOptions& options,
                 const StationarySet& set, const StationaryState& best, OutputFile& file);
/// The same with the classes of states, where they were asked for.
int report_solve(const SolveArguments& arguments, const Model& model, const SolveOptions& options,
                 const StateClasses& found, const StationaryState& best, OutputFile& file);

}  // namespace nuphi::runner
