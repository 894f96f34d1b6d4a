#pragma once

#include <nuphi/models/network.h>
#include <nuphi/rates/stationary.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "result_io.h"
#include "verdict.h"

/// What can be observed of a stationary state: one table, from which `solve`, `continue` and the
/// other commands write states. A new observable is a line of it.
namespace nuphi::runner {

/// A state as far as it is known: arrays that are not known are empty.
struct ObservedState {
  const Network& network;
  const StationaryState& state;
  const Verdict& verdict;
};

/// Does not apply (not written), not known (null), or a value; an array has one entry a population.
using Observation =
    std::variant<std::monostate, std::nullptr_t, bool, int, double, Eigen::VectorXd>;

struct Observable {
  std::string_view name;  ///< key of result files
  const char* unit;       ///< SI, "1"; null for booleans and counts, which are written bare
  bool per_population;    ///< an array, one entry a population
  Observation (*value)(const ObservedState&);
  /// Why entries that are NaN are not known (null); empty: they are NaN.
  std::string (*why_unknown)(const ObservedState&) = nullptr;
};

/// All of them, in the order in which states are written.
std::span<const Observable> observables();
/// @throws UsageError for another name, with those there are
const Observable& find_observable(std::string_view name, std::string_view option);

/// Adds the observable under its name, unless it does not apply.
void observe(Json& json, const Observable& observable, const ObservedState& state);

/// Columns of a CSV: `cv_E`, `cv_I`, …, or `residual`.
std::vector<std::string> csv_columns(const Observable& observable, const Network& network);
/// As many cells; empty where it does not apply or is not known.
std::vector<std::string> csv_cells(const Observable& observable, const ObservedState& state);

/// Why CVs are missing; empty where they are known of all.
std::string why_no_cv(const ObservedState& state);

}  // namespace nuphi::runner
