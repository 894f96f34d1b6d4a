#include <fmt/format.h>

#include <cmath>

#include "continue_observed.h"
#include "files.h"
#include "points_csv.h"

namespace nuphi::runner {
namespace {

/// The columns asked for beside the usual ones.
std::vector<std::string> observed_columns(const ContinuationReport& report) {
  std::vector<std::string> columns;
  for (const std::string& name : report.observed) {
    for (std::string& column : csv_columns(find_observable(name, name), report.model.network))
      columns.push_back(std::move(column));
  }
  return columns;
}

std::string csv_header(const ContinuationReport& report) {
  std::string text = "point,value,rate_dynamics_stable,leading_eigenvalue";
  for (const Population& population : report.model.network.populations)
    text += "," + csv_field("rate_" + population.name);
  if (report.several) text += ",branch,unstable_modes";
  for (const std::string& column : observed_columns(report)) text += "," + column;
  return text + "\n";
}

std::string csv_row(const ContinuationReport& report, std::size_t branch, std::size_t index,
                    const DiagramState& point) {
  const char* stable = !point.rate_dynamics_stable   ? ""
                       : *point.rate_dynamics_stable ? "true"
                                                     : "false";
  std::string text = fmt::format("{},{},{},{}", index, round_trip(point.parameter), stable,
                                 round_trip(point.leading_eigenvalue.value_or(std::nan(""))));
  for (const double rate : point.rates) text += "," + round_trip(rate);
  if (report.several) {
    text += fmt::format(",{},{}", branch + 1,
                        point.unstable_modes ? std::to_string(*point.unstable_modes) : "");
  }
  for_observables(report, point, {}, report.diagram.branches[branch].modes_counted,
                  [&](const Observable& observable, const ObservedState& state) {
                    for (const std::string& cell : csv_cells(observable, state)) text += "," + cell;
                  });
  return text + "\n";
}

}  // namespace

std::string to_csv(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  const std::vector<DiagramBranch>& branches = report.diagram.branches;
  std::string text = csv_metadata(report.model, report.first().start.summary);
  text += fmt::format("# {} from {} to {} {}: {}\n", p.name, round_trip(p.from), round_trip(p.to),
                      p.dimension, report.termination());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    for (const DiagramPoint& point : branches[k].special_points) {
      text += fmt::format("# branch {}: {} at {}\n", k + 1, to_string(point.kind),
                          round_trip(point.state.parameter));
    }
  }
  text += csv_header(report);
  std::size_t index = 0;
  for (std::size_t k = 0; k < branches.size(); ++k) {
    for (const DiagramState& point : branches[k].points) text += csv_row(report, k, index++, point);
  }
  return text;
}

}  // namespace nuphi::runner
