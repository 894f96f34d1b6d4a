#include <utility>

#include "continue_observed.h"
#include "response_names.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

/// A state on a branch, or where something happens on it.
Json state_json(const ContinuationReport& report, const DiagramState& point,
                const std::vector<const char*>& usual, bool modes_counted) {
  Json json = {{"value", number(point.parameter)}};
  for_observables(report, point, usual, modes_counted,
                  [&](const Observable& observable, const ObservedState& state) {
                    observe(json, observable, state);
                  });
  return json;
}

Json special_point(const ContinuationReport& report, const DiagramPoint& point) {
  Json json = {{"type", to_string(point.kind)}};
  if (point.kind == Bifurcation::kHopf) {
    json.update(state_json(report, point.state, {"rate"}, false));
    json["frequency"] = quantity("Hz", point.frequency);
    return json;
  }
  json.update(state_json(report, point.state, {"rate", "leading_eigenvalue", "residual"}, false));
  json["multiplicity"] = point.multiplicity;
  json["error_estimate"] = quantity(report.parameter.dimension.c_str(), point.error_estimate);
  return json;
}

Json plane_point(const DiagramState& point) {
  return {{"value", number(point.parameter)},
          {"second_value", number(*point.second)},
          {"rate", quantities("Hz", point.rates)}};
}

Json cusp(const DiagramState& point) {
  Json json = {{"type", "cusp"}};
  json.update(plane_point(point));
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

Json curve_point(const DiagramCurve& curve, std::size_t k) {
  const DiagramState& point = curve.points[k];
  Json json = plane_point(point);
  if (curve.kind != Bifurcation::kHopf) return json;
  json["frequency"] = quantity("Hz", curve.frequencies[k]);
  json["unstable_modes"] = point.unstable_modes ? Json(*point.unstable_modes) : Json(nullptr);
  return json;
}

Json curves(const ContinuationReport& report, Bifurcation kind) {
  Json list = Json::array();
  for (const DiagramCurve& curve : report.diagram.curves) {
    if (curve.kind != kind) continue;
    Json points = Json::array();
    for (std::size_t k = 0; k < curve.points.size(); ++k) points.push_back(curve_point(curve, k));
    list.push_back({{"ends", {curve.front, curve.back}}, {"points", std::move(points)}});
  }
  return list;
}

Json branch_points(const ContinuationReport& report, const DiagramBranch& branch) {
  Json list = Json::array();
  for (const DiagramState& point : branch.points) {
    list.push_back(state_json(
        report, point,
        {"rate", "rate_dynamics_stable", "leading_eigenvalue", "residual", "unstable_modes"},
        branch.modes_counted));
  }
  return list;
}

Json special_points(const ContinuationReport& report, const DiagramBranch& branch) {
  Json list = Json::array();
  for (const DiagramPoint& point : branch.special_points)
    list.push_back(special_point(report, point));
  return list;
}

Json branches(const ContinuationReport& report) {
  Json list = Json::array();
  for (const DiagramBranch& branch : report.diagram.branches) {
    list.push_back({{"branch", branch_points(report, branch)},
                    {"special_points", special_points(report, branch)},
                    {"end",
                     {{"front", end_name(branch.front, report.direction())},
                      {"back", end_name(branch.back, report.direction())}}}});
  }
  return list;
}

/// @param first  those of the first branch
Json with_cusps(const ContinuationReport& report, Json first) {
  Json list = std::move(first);
  for (const DiagramCurve& curve : report.diagram.curves) {
    if (!report.reports("cusp")) break;
    for (const DiagramState& point : curve.cusps) list.push_back(cusp(point));
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
                     {"points", report.first().points.size()},
                     {"rejected_steps", report.first().rejected_steps},
                     {"start", summary_json(report.first().start.summary)}};
  Json list = branches(report);
  json["branch"] = list[0]["branch"];
  json["special_points"] = with_cusps(report, list[0]["special_points"]);
  json["branches"] = std::move(list);
  if (!report.second.empty()) {
    json["fold_curves"] = curves(report, Bifurcation::kFold);
    json["hopf_curves"] = curves(report, Bifurcation::kHopf);
  }
  json["notes"] = notes_json(report.notes);
  return json;
}

}  // namespace nuphi::runner
