#include <nuphi/analysis/diagram.h>
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

Diagram find(const PyModel& m, const Interval& p, const std::optional<Interval>& q,
             DiagramOptions options, const std::stop_token& stop) {
  std::vector<std::string> names = {p.name};
  if (q) {
    names.push_back(q->name);
    options.second_lower = std::min(q->from, q->to);
    options.second_upper = std::max(q->from, q->to);
  }
  return diagram(family_of(m, names), options, stopped_by<DiagramControl>(stop));
}

py::list special_points(const DiagramBranch& branch) {
  py::list list;
  for (const DiagramPoint& point : branch.special_points) {
    py::dict d(arg("type") = std::string(to_string(point.kind)),
               arg("value") = point.state.parameter, arg("rates") = to_numpy(point.state.rates));
    if (point.kind == Bifurcation::kHopf) {
      d["frequency"] = point.frequency;
    } else {
      d["multiplicity"] = point.multiplicity;
    }
    list.append(d);
  }
  return list;
}

py::dict branch_dict(const DiagramBranch& branch, BranchDirection direction, Eigen::Index n) {
  const auto count = static_cast<Eigen::Index>(branch.points.size());
  Eigen::VectorXd value(count);
  Eigen::MatrixXd rates(count, n);
  py::list stable, unstable_modes;
  for (Eigen::Index k = 0; k < count; ++k) {
    const DiagramState& point = branch.points[static_cast<std::size_t>(k)];
    value[k] = point.parameter;
    rates.row(k) = point.rates.transpose();
    stable.append(optional(point.rate_dynamics_stable));
    if (branch.modes_counted) unstable_modes.append(optional(point.unstable_modes));
  }
  return py::dict(arg("value") = to_numpy(std::move(value)),
                  arg("rates") = to_numpy(std::move(rates)), arg("stable") = stable,
                  arg("unstable_modes") = unstable_modes, arg("special") = special_points(branch),
                  arg("front") = std::string(end_name(branch.front, direction)),
                  arg("back") = std::string(end_name(branch.back, direction)),
                  arg("start") = branch.start.summary.message, arg("fault") = branch.fault);
}

py::list curves(const Diagram& found) {
  py::list list;
  for (const DiagramCurve& curve : found.curves) {
    const auto count = static_cast<Eigen::Index>(curve.points.size());
    Eigen::VectorXd first(count), second(count), frequency = Eigen::VectorXd::Zero(count);
    for (Eigen::Index k = 0; k < count; ++k) {
      const auto at = static_cast<std::size_t>(k);
      first[k] = curve.points[at].parameter;
      second[k] = curve.points[at].second.value();
      if (!curve.frequencies.empty()) frequency[k] = curve.frequencies[at];
    }
    py::list cusps;
    for (const DiagramState& cusp : curve.cusps)
      cusps.append(py::make_tuple(cusp.parameter, cusp.second.value()));
    list.append(py::dict(arg("type") = std::string(to_string(curve.kind)),
                         arg("value") = to_numpy(std::move(first)),
                         arg("second_value") = to_numpy(std::move(second)),
                         arg("frequency") = to_numpy(std::move(frequency)), arg("cusps") = cusps));
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
  DiagramOptions options;
  options.steps = branch_steps(from, to, max_step);
  ContinuationOptions& steps = options.steps;
  steps.max_points = max_points;
  steps.tolerance = m.model.solve.tolerance;
  options.search = {.all = all, .switching = switching};
  options.solve = m.model.solve;
  if (initial.size() > 0) options.solve.initial_rates = initial;
  options.hopf = hopf;
  const Diagram found =
      interruptible([&](const std::stop_token& stop) { return find(m, p, q, options, stop); });
  const auto n = static_cast<Eigen::Index>(m.model.network.populations.size());
  py::list branches;
  for (const DiagramBranch& branch : found.branches)
    branches.append(branch_dict(branch, steps.direction, n));
  return py::dict(arg("branches") = branches, arg("curves") = curves(found),
                  arg("no_hopf") = found.no_hopf);
}

}  // namespace

void bind_branches(py::module_& m) { m.def("continue_branches", &continued); }

}  // namespace nuphi::python
