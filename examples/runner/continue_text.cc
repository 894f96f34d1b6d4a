#include <fmt/format.h>

#include <algorithm>

#include "continue_report.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kMostColumns = 8;  // of rates in a table for people

std::vector<std::string> rate_headers(const Model& model) {
  std::vector<std::string> headers;
  const auto& populations = model.network.populations;
  for (std::size_t i = 0; i < std::min(kMostColumns, populations.size()); ++i) {
    headers.push_back(populations[i].name + " (Hz)");
  }
  if (populations.size() > kMostColumns) headers.emplace_back("…");
  return headers;
}

void append_rates(std::vector<std::string>& row, const Eigen::VectorXd& rates) {
  const auto count = std::min<std::size_t>(kMostColumns, static_cast<std::size_t>(rates.size()));
  for (std::size_t i = 0; i < count; ++i) {
    row.push_back(display(rates[static_cast<Eigen::Index>(i)]));
  }
  if (static_cast<std::size_t>(rates.size()) > kMostColumns) row.emplace_back("…");
}

/// "hopf, 184.4 Hz", "branch_point ×3" where three eigenvalues pass 1 at once.
std::string kind_text(const DiagramPoint& point) {
  const std::string kind(to_string(point.kind));
  if (point.kind == Bifurcation::kHopf)
    return fmt::format("{}, {} Hz", kind, display(point.frequency));
  return point.multiplicity > 1 ? fmt::format("{} ×{}", kind, point.multiplicity) : kind;
}

std::string special_table(const ContinuationReport& report, const DiagramBranch& branch,
                          bool with_curves) {
  const bool plane = !report.second.empty();
  std::vector<std::string> header = {"special point", report.parameter.name};
  if (plane) header.push_back(report.second[0].name);
  for (std::string& name : rate_headers(report.model)) header.push_back(std::move(name));
  Table table(header);
  bool any = false;
  const auto add = [&](std::string kind, const DiagramState& at) {
    std::vector<std::string> row = {std::move(kind), report.parameter.text(at.parameter)};
    if (plane) row.push_back(at.second ? report.second[0].text(*at.second) : "");
    append_rates(row, at.rates);
    table.add(std::move(row));
    any = true;
  };
  for (const DiagramPoint& point : branch.special_points) add(kind_text(point), point.state);
  for (const DiagramCurve& curve : report.diagram.curves) {
    if (!with_curves || !report.reports("cusp")) break;
    for (const DiagramState& point : curve.cusps) add("cusp", point);
  }
  return any ? "\n" + table.text() : "\nno special points\n";
}

// What the points from `first` up to `last` have in common.
std::string stability_of(const std::vector<DiagramState>& points, std::size_t first,
                         std::size_t last) {
  bool stable = true;
  bool unstable = true;
  for (std::size_t k = first; k <= last; ++k) {
    stable = stable && points[k].rate_dynamics_stable == true;
    unstable = unstable && points[k].rate_dynamics_stable == false;
  }
  return stable ? "stable" : unstable ? "unstable" : "changes on the way";
}

/// "2", "0 to 2", "undecided" at the points from `first` up to `last`.
std::string modes_of(const DiagramBranch& branch, std::size_t first, std::size_t last) {
  std::optional<int> low, high;
  for (std::size_t k = first; k <= last; ++k) {
    const std::optional<int>& modes = branch.points[k].unstable_modes;
    if (!modes) continue;
    low = std::min(low.value_or(*modes), *modes);
    high = std::max(high.value_or(*modes), *modes);
  }
  if (!low) return "undecided";
  return *low == *high ? std::to_string(*low) : fmt::format("{} to {}", *low, *high);
}

// The branch from special point to special point.
std::string stretches_table(const ContinuationReport& report, const DiagramBranch& branch) {
  const std::vector<DiagramState>& points = branch.points;
  std::vector<std::string> header = {"stretch", "from", "to", "points", "under rate dynamics"};
  if (branch.modes_counted) header.emplace_back("unstable modes with delays");
  Table table(header);
  std::size_t first = 0;
  double from = points.front().parameter;
  int count = 0;
  const auto add = [&](std::size_t last, double to) {
    if (last >= first) {
      std::vector<std::string> row = {std::to_string(++count), report.parameter.text(from),
                                      report.parameter.text(to), std::to_string(last - first + 1),
                                      stability_of(points, first, last)};
      if (branch.modes_counted) row.push_back(modes_of(branch, first, last));
      table.add(std::move(row));
    }
    first = last + 1;
    from = to;
  };
  for (const DiagramPoint& point : branch.special_points) {
    if (point.after >= 0) add(static_cast<std::size_t>(point.after), point.state.parameter);
  }
  if (first < points.size()) add(points.size() - 1, points.back().parameter);
  return "\n" + table.text();
}

/// "branch 2: 31 points from 3 (reached) to 5 (turned)"
std::string ends_text(const ContinuationReport& report, std::size_t k) {
  const DiagramBranch& branch = report.diagram.branches[k];
  if (branch.points.empty()) return fmt::format("\nbranch {}: no points\n", k + 1);
  const auto end = [&](const DiagramState& point, BranchEnd how) {
    return fmt::format("{} ({})", report.parameter.text(point.parameter),
                       end_name(how, report.direction()));
  };
  return fmt::format("\nbranch {}: {} points from {} to {}\n", k + 1, branch.points.size(),
                     end(branch.points.front(), branch.front),
                     end(branch.points.back(), branch.back));
}

/// One line for a curve in the plane of two parameters.
std::string curve_text(const ContinuationReport& report, const DiagramCurve& curve) {
  const std::string_view kind = to_string(curve.kind);
  if (curve.points.empty()) return fmt::format("\n{} curve: lost at its start\n", kind);
  const auto place = [&](const DiagramState& point) {
    return fmt::format("{} = {}, {} = {}", report.parameter.name,
                       report.parameter.text(point.parameter), report.second[0].name,
                       report.second[0].text(*point.second));
  };
  return fmt::format("\n{} curve: {} points from {} ({}) to {} ({})\n", kind, curve.points.size(),
                     place(curve.points.front()), curve.front, place(curve.points.back()),
                     curve.back);
}

std::string frequencies_text(const DiagramCurve& curve) {
  const auto [low, high] = std::minmax_element(curve.frequencies.begin(), curve.frequencies.end());
  const auto bounding = std::count_if(curve.points.begin(), curve.points.end(),
                                      [](const DiagramState& p) { return p.unstable_modes == 0; });
  return fmt::format("  {} to {} Hz; {} of its points bound the stable states\n", display(*low),
                     display(*high), bounding);
}

std::string curves_text(const ContinuationReport& report) {
  std::string text;
  for (const DiagramCurve& curve : report.diagram.curves) {
    text += curve_text(report, curve);
    if (!curve.frequencies.empty()) text += frequencies_text(curve);
  }
  return text;
}

}  // namespace

std::string to_text(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  std::string text = fmt::format("{}: {} from {} to {}: {}\n", report.model.network.name, p.name,
                                 p.text(p.from), p.text(p.to), report.message());
  const std::vector<DiagramBranch>& branches = report.diagram.branches;
  for (std::size_t k = 0; k < branches.size(); ++k) {
    if (branches.size() > 1) text += ends_text(report, k);
    if (branches[k].points.empty()) continue;
    text += stretches_table(report, branches[k]) + special_table(report, branches[k], k == 0);
  }
  text += curves_text(report);
  if (!report.notes.empty()) text += "\n" + notes_text(report.notes);
  return text;
}

}  // namespace nuphi::runner
