#include "continue_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "files.h"
#include "points_csv.h"
#include "response_names.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

// Hopf points are those of the network with its delays: their test function is not part of the
// solver.
constexpr std::size_t kMostColumns = 8;  // of rates in a table for people

bool increasing(const ContinuationReport& report) {
  return report.parameter.from < report.parameter.to;
}

}  // namespace

std::string VariedParameter::text(double value) const {
  return fmt::format("{:.10g}{}{}", value / factor, unit.empty() ? "" : " ", unit);
}

bool ContinuationReport::reports(std::string_view kind) const {
  return std::find(special.begin(), special.end(), kind) != special.end();
}

std::string end_name(const ContinuationReport& report, BranchEnd end) {
  if (end == BranchEnd::kUpper) return increasing(report) ? "reached" : "turned";
  if (end == BranchEnd::kLower) return increasing(report) ? "turned" : "reached";
  if (end == BranchEnd::kNoStart) return "stalled";
  return std::string(to_string(end));
}

std::string ContinuationReport::termination() const {
  if (!first().start.converged()) return std::string(to_string(first().start.summary.termination));
  const std::string end = end_name(*this, first().branch.back);
  return end == "reached" ? "left_at_to" : end == "turned" ? "left_at_from" : end;
}

std::string ContinuationReport::message() const {
  const std::string how = termination();
  const Branch& branch = first().branch;
  const std::size_t points = branch.points.size();
  if (!first().start.converged()) {
    return fmt::format("no stationary state at {} = {} to start from: {}", parameter.name,
                       parameter.text(parameter.from), first().start.summary.message);
  }
  const std::string last =
      points > 0 ? parameter.text(branch.points.back().parameter) : std::string("the start");
  if (how == "left_at_to") return fmt::format("{} points, up to {}", points, last);
  if (how == "left_at_from") {
    return fmt::format(
        "{} points; the branch turned and left the interval where it began, at {}; it did not "
        "reach {}",
        points, last, parameter.text(parameter.to));
  }
  if (how == "closed") {
    return fmt::format("{} points; the branch is closed and did not reach {}", points,
                       parameter.text(parameter.to));
  }
  if (how == "max_points")
    return fmt::format("{} points, as many as asked for, up to {}", points, last);
  if (how == "interrupted") return fmt::format("{} points up to {}, interrupted", points, last);
  return fmt::format("{} points; no step succeeded beyond {}{}{}", points, last,
                     first().fault.empty() ? "" : ": ", first().fault);
}

// --- JSON
// --------------------------------------------------------------------------------------------

namespace {

Json branch_point(const BranchPoint& point) {
  Json json = {{"value", number(point.parameter)}, {"rate", quantities("Hz", point.x)}};
  json["rate_dynamics_stable"] = point.stable ? Json(*point.stable) : Json(nullptr);
  json["leading_eigenvalue"] =
      point.leading_eigenvalue ? quantity("1", *point.leading_eigenvalue) : Json(nullptr);
  json["residual"] = quantity("Hz", point.residual);
  return json;
}

Json special_point(const ContinuationReport& report, const SpecialPoint& special) {
  return {{"type", to_string(special.kind)},
          {"value", number(special.point.parameter)},
          {"rate", quantities("Hz", special.point.x)},
          {"multiplicity", special.null_space.cols()},
          {"error_estimate", quantity(report.parameter.dimension.c_str(), special.error_estimate)}};
}

Json hopf_point(const HopfPoint& point) {
  return {{"type", "hopf"},
          {"value", number(point.parameter)},
          {"rate", quantities("Hz", point.rates)},
          {"frequency", quantity("Hz", point.frequency)}};
}

Json fold_point(const FoldCurvePoint& point) {
  return {{"value", number(point.parameter)},
          {"second_value", number(point.second_parameter)},
          {"rate", quantities("Hz", point.x)}};
}

Json cusp(const FoldCurvePoint& point) {
  Json json = {{"type", "cusp"}};
  json.update(fold_point(point));
  return json;
}

Json settings(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  const char* unit = p.dimension.c_str();
  Json json = {{"from", quantity(unit, p.from)},
               {"to", quantity(unit, p.to)},
               {"step", quantity(unit, report.step)},
               {"max_points", report.max_points},
               {"special", report.special}};
  add_response(json, report.model.network.response);
  for (const VariedParameter& q : report.second) {
    json["second_parameter"] = {{"name", q.name},
                                {"from", quantity(q.dimension.c_str(), q.from)},
                                {"to", quantity(q.dimension.c_str(), q.to)}};
  }
  return json;
}

Json fold_curves(const ContinuationReport& report) {
  Json curves = Json::array();
  for (const FoldCurve& curve : report.fold_curves) {
    Json points = Json::array();
    for (const FoldCurvePoint& point : curve.points) points.push_back(fold_point(point));
    curves.push_back(
        {{"ends", {to_string(curve.front), to_string(curve.back)}}, {"points", std::move(points)}});
  }
  return curves;
}

Json hopf_curve_point(const HopfCurvePoint& point) {
  return {{"value", number(point.parameter)},
          {"second_value", number(point.second_parameter)},
          {"frequency", quantity("Hz", point.frequency)},
          {"rate", quantities("Hz", point.rates)},
          {"unstable_modes", point.unstable_modes ? Json(*point.unstable_modes) : Json(nullptr)}};
}

Json hopf_curves(const ContinuationReport& report) {
  Json curves = Json::array();
  for (const HopfCurve& curve : report.hopf_curves) {
    Json points = Json::array();
    for (const HopfCurvePoint& point : curve.points) points.push_back(hopf_curve_point(point));
    curves.push_back(
        {{"ends", {to_string(curve.front), to_string(curve.back)}}, {"points", std::move(points)}});
  }
  return curves;
}

Json branch_points(const FoundBranch& branch) {
  Json list = Json::array();
  for (std::size_t k = 0; k < branch.found.branch.points.size(); ++k) {
    Json json = branch_point(branch.found.branch.points[k]);
    if (k < branch.unstable_modes.size()) {
      const std::optional<int>& modes = branch.unstable_modes[k];
      json["unstable_modes"] = modes ? Json(*modes) : Json(nullptr);
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json special_points(const ContinuationReport& report, const FoundBranch& branch) {
  Json list = Json::array();
  for (const SpecialPoint& special : branch.found.branch.special_points) {
    list.push_back(special_point(report, special));
  }
  for (const HopfPoint& point : branch.hopf) list.push_back(hopf_point(point));
  return list;
}

Json branches(const ContinuationReport& report) {
  Json list = Json::array();
  for (const FoundBranch& branch : report.branches) {
    list.push_back({{"branch", branch_points(branch)},
                    {"special_points", special_points(report, branch)},
                    {"end",
                     {{"front", end_name(report, branch.found.branch.front)},
                      {"back", end_name(report, branch.found.branch.back)}}}});
  }
  return list;
}

Json all_special_points(const ContinuationReport& report) {
  Json list = special_points(report, report.branches.front());
  for (const FoldCurve& curve : report.fold_curves) {
    if (!report.reports("cusp")) break;
    for (const FoldCurvePoint& point : curve.cusps) list.push_back(cusp(point));
  }
  return list;
}

}  // namespace

Json to_json(const ContinuationReport& report) {
  Json json = result_header(report.model);
  json["parameter"] = report.parameter.name;
  json["parameter_unit"] = report.parameter.dimension;
  for (const VariedParameter& q : report.second) {
    json["second_parameter"] = q.name;
    json["second_parameter_unit"] = q.dimension;
  }
  json["settings"] = settings(report);
  json["summary"] = {{"termination", report.termination()},
                     {"message", report.message()},
                     {"points", report.first().branch.points.size()},
                     {"rejected_steps", report.first().branch.rejected_steps},
                     {"start", summary_json(report.first().start.summary)}};
  json["branch"] = branch_points(report.branches.front());
  json["special_points"] = all_special_points(report);
  json["branches"] = branches(report);
  if (!report.second.empty()) {
    json["fold_curves"] = fold_curves(report);
    json["hopf_curves"] = hopf_curves(report);
  }
  json["notes"] = notes_json(report.notes);
  return json;
}

// --- CSV
// ---------------------------------------------------------------------------------------------

std::string to_csv(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  std::string text = csv_metadata(report.model, report.first().start.summary);
  text += fmt::format("# {} from {} to {} {}: {}\n", p.name, round_trip(p.from), round_trip(p.to),
                      p.dimension, report.termination());
  for (std::size_t k = 0; k < report.branches.size(); ++k) {
    for (const SpecialPoint& special : report.branches[k].found.branch.special_points) {
      text += fmt::format("# branch {}: {} at {}\n", k + 1, to_string(special.kind),
                          round_trip(special.point.parameter));
    }
  }
  text += "point,value,rate_dynamics_stable,leading_eigenvalue";
  for (const Population& population : report.model.network.populations) {
    text += "," + csv_field("rate_" + population.name);
  }
  text += report.several ? ",branch,unstable_modes\n" : "\n";
  std::size_t index = 0;
  for (std::size_t k = 0; k < report.branches.size(); ++k) {
    const FoundBranch& branch = report.branches[k];
    for (std::size_t i = 0; i < branch.found.branch.points.size(); ++i) {
      const BranchPoint& point = branch.found.branch.points[i];
      const char* stable = !point.stable ? "" : *point.stable ? "true" : "false";
      text += fmt::format("{},{},{},{}", index++, round_trip(point.parameter), stable,
                          round_trip(point.leading_eigenvalue.value_or(std::nan(""))));
      for (const double rate : point.x) text += "," + round_trip(rate);
      const bool counted = i < branch.unstable_modes.size() && branch.unstable_modes[i];
      const std::string modes = counted ? std::to_string(*branch.unstable_modes[i]) : "";
      text += report.several ? fmt::format(",{},{}\n", k + 1, modes) : "\n";
    }
  }
  return text;
}

// --- terminal
// ----------------------------------------------------------------------------------------

namespace {

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

/// "branch_point ×3" where three eigenvalues pass 1 at once.
std::string kind_text(const SpecialPoint& special) {
  const std::string kind(to_string(special.kind));
  const auto multiplicity = special.null_space.cols();
  return multiplicity > 1 ? fmt::format("{} ×{}", kind, multiplicity) : kind;
}

std::string special_table(const ContinuationReport& report, const FoundBranch& branch,
                          bool with_curves) {
  const bool plane = !report.second.empty();
  std::vector<std::string> header = {"special point", report.parameter.name};
  if (plane) header.push_back(report.second[0].name);
  for (std::string& name : rate_headers(report.model)) header.push_back(std::move(name));
  Table table(header);
  bool any = false;
  for (const SpecialPoint& special : branch.found.branch.special_points) {
    std::vector<std::string> row = {kind_text(special),
                                    report.parameter.text(special.point.parameter)};
    if (plane) row.emplace_back("");
    append_rates(row, special.point.x);
    table.add(std::move(row));
    any = true;
  }
  for (const HopfPoint& point : branch.hopf) {
    std::vector<std::string> row = {fmt::format("hopf, {} Hz", display(point.frequency)),
                                    report.parameter.text(point.parameter)};
    if (plane) row.emplace_back("");
    append_rates(row, point.rates);
    table.add(std::move(row));
    any = true;
  }
  for (const FoldCurve& curve : report.fold_curves) {
    for (const FoldCurvePoint& point : curve.cusps) {
      if (!with_curves || !report.reports("cusp")) continue;
      std::vector<std::string> row = {"cusp", report.parameter.text(point.parameter),
                                      report.second[0].text(point.second_parameter)};
      append_rates(row, point.x);
      table.add(std::move(row));
      any = true;
    }
  }
  return any ? "\n" + table.text() : "\nno special points\n";
}

// What the points from `first` up to `last` have in common.
std::string stability_of(const std::vector<BranchPoint>& points, std::size_t first,
                         std::size_t last) {
  bool stable = true;
  bool unstable = true;
  for (std::size_t k = first; k <= last; ++k) {
    stable = stable && points[k].stable == true;
    unstable = unstable && points[k].stable == false;
  }
  return stable ? "stable" : unstable ? "unstable" : "changes on the way";
}

/// "2", "0 to 2", "undecided" at the points from `first` up to `last`.
std::string modes_of(const FoundBranch& branch, std::size_t first, std::size_t last) {
  std::optional<int> low, high;
  for (std::size_t k = first; k <= last && k < branch.unstable_modes.size(); ++k) {
    const std::optional<int>& modes = branch.unstable_modes[k];
    if (!modes) continue;
    low = std::min(low.value_or(*modes), *modes);
    high = std::max(high.value_or(*modes), *modes);
  }
  if (!low) return "undecided";
  return *low == *high ? std::to_string(*low) : fmt::format("{} to {}", *low, *high);
}

// The branch from special point to special point.
std::string stretches_table(const ContinuationReport& report, const FoundBranch& branch) {
  const std::vector<BranchPoint>& points = branch.found.branch.points;
  std::vector<std::string> header = {"stretch", "from", "to", "points", "under rate dynamics"};
  if (!branch.unstable_modes.empty()) header.emplace_back("unstable modes with delays");
  Table table(header);
  std::size_t first = 0;
  double from = points.front().parameter;
  int count = 0;
  const auto add = [&](std::size_t last, double to) {
    if (last >= first) {
      std::vector<std::string> row = {std::to_string(++count), report.parameter.text(from),
                                      report.parameter.text(to), std::to_string(last - first + 1),
                                      stability_of(points, first, last)};
      if (!branch.unstable_modes.empty()) row.push_back(modes_of(branch, first, last));
      table.add(std::move(row));
    }
    first = last + 1;
    from = to;
  };
  for (const SpecialPoint& special : branch.found.branch.special_points) {
    add(static_cast<std::size_t>(special.after), special.point.parameter);
  }
  if (first < points.size()) add(points.size() - 1, points.back().parameter);
  return "\n" + table.text();
}

/// "branch 2: 31 points from 3 (reached) to 5 (turned)"
std::string ends_text(const ContinuationReport& report, std::size_t k) {
  const Branch& branch = report.branches[k].found.branch;
  if (branch.points.empty()) return fmt::format("\nbranch {}: no points\n", k + 1);
  const auto end = [&](const BranchPoint& point, BranchEnd how) {
    return fmt::format("{} ({})", report.parameter.text(point.parameter), end_name(report, how));
  };
  return fmt::format("\nbranch {}: {} points from {} to {}\n", k + 1, branch.points.size(),
                     end(branch.points.front(), branch.front),
                     end(branch.points.back(), branch.back));
}

/// One line for a curve in the plane of two parameters.
template <class Curve>
std::string curve_text(const ContinuationReport& report, const char* kind, const Curve& curve) {
  if (curve.points.empty()) return fmt::format("\n{} curve: lost at its start\n", kind);
  const auto place = [&](const auto& point) {
    return fmt::format("{} = {}, {} = {}", report.parameter.name,
                       report.parameter.text(point.parameter), report.second[0].name,
                       report.second[0].text(point.second_parameter));
  };
  return fmt::format("\n{} curve: {} points from {} ({}) to {} ({})\n", kind, curve.points.size(),
                     place(curve.points.front()), to_string(curve.front),
                     place(curve.points.back()), to_string(curve.back));
}

std::string frequencies_text(const HopfCurve& curve) {
  const auto slower = [](const HopfCurvePoint& a, const HopfCurvePoint& b) {
    return a.frequency < b.frequency;
  };
  const auto [low, high] = std::minmax_element(curve.points.begin(), curve.points.end(), slower);
  const auto bounding =
      std::count_if(curve.points.begin(), curve.points.end(),
                    [](const HopfCurvePoint& p) { return p.unstable_modes == 0; });
  return fmt::format("  {} to {} Hz; {} of its points bound the stable states\n",
                     display(low->frequency), display(high->frequency), bounding);
}

std::string curves_text(const ContinuationReport& report) {
  std::string text;
  for (const FoldCurve& curve : report.fold_curves) text += curve_text(report, "fold", curve);
  for (const HopfCurve& curve : report.hopf_curves) {
    text += curve_text(report, "hopf", curve);
    if (!curve.points.empty()) text += frequencies_text(curve);
  }
  return text;
}

}  // namespace

std::string to_text(const ContinuationReport& report) {
  const VariedParameter& p = report.parameter;
  std::string text = fmt::format("{}: {} from {} to {}: {}\n", report.model.network.name, p.name,
                                 p.text(p.from), p.text(p.to), report.message());
  for (std::size_t k = 0; k < report.branches.size(); ++k) {
    const FoundBranch& branch = report.branches[k];
    if (report.branches.size() > 1) text += ends_text(report, k);
    if (branch.found.branch.points.empty()) continue;
    text += stretches_table(report, branch) + special_table(report, branch, k == 0);
  }
  text += curves_text(report);
  if (!report.notes.empty()) text += "\n" + notes_text(report.notes);
  return text;
}

}  // namespace nuphi::runner
