#pragma once

#include <nuphi/analysis/diagram.h>
#include <nuphi/models/notes.h>
#include <nuphi/models/yaml.h>

#include <optional>
#include <string>
#include <vector>

#include "result_io.h"

namespace nuphi::runner {

/// A parameter over its interval; values in SI.
struct VariedParameter {
  std::string name;
  std::string dimension;  ///< SI unit, "1" when dimensionless
  std::string unit;       ///< for people; empty when dimensionless
  double factor = 1;      ///< of that unit
  double from = 0;
  double to = 0;

  [[nodiscard]] std::string text(double value) const;  ///< in the unit for people
};

/// Everything `nuphi continue` has found, and what it was asked for.
struct ContinuationReport {
  Model model;  ///< at the values of the file and of --set
  VariedParameter parameter;
  std::vector<VariedParameter> second;  ///< empty or one
  std::vector<std::string> special;     ///< kinds to report
  double step = 0;                      ///< largest one, as a difference of the parameter
  int max_points = 0;
  bool several = false;               ///< more than one branch was asked for
  std::vector<std::string> observed;  ///< observables of every point, beside the usual ones
  NetworkFamily network;              ///< at each value of the parameter
  Diagram diagram;                    ///< never without branches once the search is done
  std::vector<Note> notes;            ///< "no-hopf": why Hopf points were not looked for

  [[nodiscard]] bool reports(std::string_view kind) const;
  [[nodiscard]] BranchDirection direction() const;
  [[nodiscard]] const DiagramBranch& first() const { return diagram.branches.front(); }
  /// Of the first branch: "left_at_to", "left_at_from", "closed", "max_points", "stalled",
  /// "interrupted", or how the solve at --from ended.
  [[nodiscard]] std::string termination() const;
  [[nodiscard]] std::string message() const;  ///< the same in a sentence
};

Json to_json(const ContinuationReport& report);
std::string to_csv(const ContinuationReport& report);
std::string to_text(const ContinuationReport& report);

}  // namespace nuphi::runner
