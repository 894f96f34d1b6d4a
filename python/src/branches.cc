#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/models/delays.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/solver/continuation.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

#include "family.h"
#include "interrupt.h"
#include "model.h"

namespace nuphi::python {
namespace {

using py::arg;

struct Interval {
  std::string name;
  double from = 0;
  double to = 0;
};

/// A branch with what its network with delays does.
struct FoundBranch {
  StationaryBranch found;
  HopfSearch hopf{};
};

struct Found {
  std::vector<FoundBranch> branches;
  std::vector<FoldCurve> folds;  ///< in the plane of two parameters, of the first branch
  std::vector<HopfCurve> hopf;
};

/// Why there are no Hopf points to look for; empty where there may be.
std::string why_no_modes(const Network& network) {
  for (const Projection& projection : network.projections) {
    if (!projection.delay) return "a connection has no delay";
    if (!is_causal(*projection.delay)) return "a gaussian delay has no stability";
  }
  if (network.projections.empty()) return "the network has no connections";
  return unknown_modes(network);
}

std::vector<ParameterState> states_of(const Branch& branch) {
  std::vector<ParameterState> states;
  for (const BranchPoint& point : branch.points) states.push_back({point.parameter, point.x});
  return states;
}

Found find(const PyModel& m, const Interval& p, const std::optional<Interval>& q,
           const ContinuationOptions& options, const BranchSearch& search, bool hopf,
           const Eigen::VectorXd& initial, const std::stop_token& stop) {
  SolveOptions solve = m.model.solve;
  solve.find = Find::kOne;
  if (initial.size() > 0) solve.initial_rates = initial;
  const ModelFamily line_family = family_of(m, {p.name});
  const auto network = [&](double value) {
    return line_family.network(Eigen::VectorXd::Constant(1, value));
  };
  Found result;
  for (StationaryBranch& branch :
       continue_all_stationary([&](double value) { return mean_field(network(value)); }, options,
                               search, solve, stopped_by<ContinuationControl>(stop))) {
    result.branches.push_back({.found = std::move(branch)});
    if (hopf && !stop.stop_requested())
      result.branches.back().hopf =
          search_hopf_points(network, states_of(result.branches.back().found.branch), {},
                             [&] { return stop.stop_requested(); });
  }
  if (!q || stop.stop_requested()) return result;
  const double lower = std::min(q->from, q->to), upper = std::max(q->from, q->to);
  const FoundBranch& first = result.branches.front();
  const double at = m.parameter(q->name).value;
  const ModelFamily plane_family = family_of(m, {p.name, q->name});
  const auto plane = [&](double a, double b) {
    return plane_family.network(Eigen::Vector2d(a, b));
  };
  RateFamily family([&](double a, double b) { return mean_field(plane(a, b)); },
                    {options.lower, lower}, {options.upper, upper}, {p.from, at});
  result.folds = continue_folds(family, first.found.branch.special_points, at,
                                {.steps = options, .second_lower = lower, .second_upper = upper},
                                stopped_by<FoldCurveControl>(stop));
  if (first.hopf.points.empty() || stop.stop_requested()) return result;
  HopfCurveOptions curve;
  curve.lower = {options.lower, lower};
  curve.upper = {options.upper, upper};
  curve.max_step = options.max_step;
  curve.initial_step = std::min(curve.initial_step, curve.max_step);
  curve.count_modes = true;
  result.hopf =
      continue_hopf_points(plane, first.hopf.points, at, curve, stopped_by<HopfCurveControl>(stop));
  return result;
}

/// "start", "reached" (left at `to`), "turned" (left where it began), "closed", "max_points",
/// "stalled", "interrupted": as `nuphi continue` names them.
std::string end_name(const Interval& p, BranchEnd end) {
  if (end == BranchEnd::kNoStart) return "stalled";
  if (end != BranchEnd::kUpper && end != BranchEnd::kLower) return std::string(to_string(end));
  return (end == BranchEnd::kUpper) == (p.from < p.to) ? "reached" : "turned";
}

py::list special_points(const FoundBranch& branch) {
  py::list list;
  for (const SpecialPoint& s : branch.found.branch.special_points) {
    list.append(py::dict(arg("type") = std::string(to_string(s.kind)),
                         arg("value") = s.point.parameter, arg("rates") = to_numpy(s.point.x),
                         arg("multiplicity") = s.null_space.cols()));
  }
  for (const HopfPoint& h : branch.hopf.points) {
    list.append(py::dict(arg("type") = "hopf", arg("value") = h.parameter,
                         arg("rates") = to_numpy(h.rates), arg("frequency") = h.frequency));
  }
  return list;
}

py::dict branch_dict(const FoundBranch& branch, const Interval& p, Eigen::Index n) {
  const std::vector<BranchPoint>& points = branch.found.branch.points;
  const auto count = static_cast<Eigen::Index>(points.size());
  Eigen::VectorXd value(count);
  Eigen::MatrixXd rates(count, n);
  py::list stable;
  for (Eigen::Index k = 0; k < count; ++k) {
    const BranchPoint& point = points[static_cast<std::size_t>(k)];
    value[k] = point.parameter;
    rates.row(k) = point.x.transpose();
    stable.append(optional(point.stable));
  }
  return py::dict(
      arg("value") = to_numpy(std::move(value)), arg("rates") = to_numpy(std::move(rates)),
      arg("stable") = stable, arg("unstable_modes") = branch.hopf.unstable_modes,
      arg("special") = special_points(branch),
      arg("front") = end_name(p, branch.found.branch.front),
      arg("back") = end_name(p, branch.found.branch.back),
      arg("start") = branch.found.start.summary.message, arg("fault") = branch.found.fault);
}

template <class Point, class Third>
py::dict curve_dict(const char* type, const std::vector<Point>& points, const Third& third) {
  const auto count = static_cast<Eigen::Index>(points.size());
  Eigen::VectorXd first(count), second(count), other(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const Point& point = points[static_cast<std::size_t>(k)];
    first[k] = point.parameter;
    second[k] = point.second_parameter;
    other[k] = third(point);
  }
  return py::dict(arg("type") = type, arg("value") = to_numpy(std::move(first)),
                  arg("second_value") = to_numpy(std::move(second)),
                  arg("frequency") = to_numpy(std::move(other)));
}

py::list curves(const Found& found) {
  py::list list;
  for (const FoldCurve& curve : found.folds) {
    py::dict d = curve_dict("fold", curve.points, [](const FoldCurvePoint&) { return 0.0; });
    py::list cusps;
    for (const FoldCurvePoint& c : curve.cusps)
      cusps.append(py::make_tuple(c.parameter, c.second_parameter));
    d["cusps"] = cusps;
    list.append(d);
  }
  for (const HopfCurve& curve : found.hopf) {
    py::dict d =
        curve_dict("hopf", curve.points, [](const HopfCurvePoint& c) { return c.frequency; });
    d["cusps"] = py::list();
    list.append(d);
  }
  return list;
}

py::dict continued(const PyModel& m, const std::string& name, double from, double to,
                   const py::object& second, const Eigen::VectorXd& initial, bool all,
                   bool switching, bool hopf, double max_step, int max_points) {
  const Interval p{name, from, to};
  std::optional<Interval> q;
  if (!second.is_none()) {
    const auto given = second.cast<py::tuple>();
    q = Interval{given[0].cast<std::string>(), given[1].cast<double>(), given[2].cast<double>()};
  }
  ContinuationOptions options;
  options.lower = std::min(from, to);
  options.upper = std::max(from, to);
  options.direction = from < to ? BranchDirection::kIncreasing : BranchDirection::kDecreasing;
  options.max_step = max_step;
  options.initial_step = std::min(options.initial_step, max_step);
  options.min_step = std::min(options.min_step, max_step);
  options.max_points = max_points;
  options.tolerance = m.model.solve.tolerance;
  const std::string no_hopf = hopf ? why_no_modes(m.model.network) : "they were not asked for";
  const Found found = interruptible([&](const std::stop_token& stop) {
    return find(m, p, q, options, {.all = all, .switching = switching}, no_hopf.empty(), initial,
                stop);
  });
  const auto n = static_cast<Eigen::Index>(m.model.network.populations.size());
  py::list branches;
  for (const FoundBranch& branch : found.branches) branches.append(branch_dict(branch, p, n));
  return py::dict(arg("branches") = branches, arg("curves") = curves(found),
                  arg("no_hopf") = no_hopf);
}

}  // namespace

void bind_branches(py::module_& m) { m.def("continue_branches", &continued); }

}  // namespace nuphi::python
