#include <nuphi/solver/continuation.h>
#include <nuphi/solver/rate_family.h>
#include <nuphi/solver/sensitivity.h>
#include <nuphi/solver/stationary.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include "interrupt.h"
#include "model.h"

namespace nuphi::python {
namespace {

SolveOptions options_of(const PyModel& m, const py::kwargs& given) {
  SolveOptions options = m.model.solve;
  options.find = Find::kOne;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    const auto object = py::reinterpret_borrow<py::object>(value);
    if (name == "method") {
      const auto method = method_from_string(object.cast<std::string>());
      if (!method) throw py::value_error("method: " + object.cast<std::string>() + " is unknown");
      options.method = *method;
    } else if (name == "tolerance") {
      options.tolerance = number(object, "Hz");
    } else if (name == "max_iterations") {
      options.max_iterations = object.cast<int>();
    } else if (name == "starts") {
      options.starts = object.cast<int>();
    } else if (name == "seed") {
      options.seed = object.cast<std::uint64_t>();
    } else if (name == "initial") {
      options.initial_rates = vector(object, "Hz");
    } else {
      throw py::type_error("solve: there is no option " + name);
    }
  }
  return options;
}

StationaryResult solve(const PyModel& m, const py::kwargs& given) {
  const SolveOptions options = options_of(m, given);
  Interrupt interrupt;
  const py::gil_scoped_release release;
  return solve_stationary(m.model.network, options,
                          {.stop = interrupt.token(), .progress = [&](const Iteration&) {
                             interrupt.poll();
                           }});
}

StationarySet fixed_points(const PyModel& m, const py::kwargs& given) {
  SolveOptions options = options_of(m, given);
  options.find = Find::kAll;
  Interrupt interrupt;
  const py::gil_scoped_release release;
  return find_stationary_states(m.model.network, options,
                                {.stop = interrupt.token(), .progress = [&](const Iteration&) {
                                   interrupt.poll();
                                 }});
}

/// The network over one parameter or entry, in SI.
MeanFieldFamily family_of(const PyModel& m, const std::string& name) {
  const bool is_parameter = std::any_of(m.model.parameters.begin(), m.model.parameters.end(),
                                        [&](const Parameter& p) { return p.name == name; });
  if (is_parameter && m.entries.empty() && m.overrides.empty()) {
    return [&m, name](double p) {
      return mean_field(
          m.file->resolve(std::map<std::string, double, std::less<>>{{name, p}}).network);
    };
  }
  return [&m, name](double p) {
    const py::gil_scoped_acquire acquire;
    py::dict values;
    values[py::str(name)] = p;
    return mean_field(m.with(values).model.network);
  };
}

py::dict continued(const PyModel& m, const std::string& name, double from, double to,
                   int max_points) {
  ContinuationOptions options;
  options.lower = std::min(from, to);
  options.upper = std::max(from, to);
  options.direction = from < to ? BranchDirection::kIncreasing : BranchDirection::kDecreasing;
  options.max_points = max_points;
  Interrupt interrupt;
  StationaryBranch result;
  {
    const MeanFieldFamily family = family_of(m, name);
    SolveOptions solve = m.model.solve;
    solve.find = Find::kOne;
    const py::gil_scoped_release release;
    result = continue_stationary(
        family, options, solve,
        {.stop = interrupt.token(), .progress = [&](const BranchPoint&) { interrupt.poll(); }});
  }
  const auto count = static_cast<Eigen::Index>(result.branch.points.size());
  const auto n = static_cast<Eigen::Index>(m.model.network.populations.size());
  Eigen::VectorXd value(count);
  Eigen::MatrixXd rates(count, n);
  py::list stable, special;
  for (Eigen::Index k = 0; k < count; ++k) {
    const BranchPoint& point = result.branch.points[static_cast<std::size_t>(k)];
    value[k] = point.parameter;
    rates.row(k) = point.x.transpose();
    stable.append(optional(point.stable));
  }
  for (const SpecialPoint& s : result.branch.special_points) {
    special.append(py::dict(py::arg("type") = std::string(to_string(s.kind)),
                            py::arg("value") = s.point.parameter,
                            py::arg("rates") = to_numpy(s.point.x), py::arg("after") = s.after));
  }
  return py::dict(py::arg("value") = to_numpy(std::move(value)),
                  py::arg("rates") = to_numpy(std::move(rates)), py::arg("stable") = stable,
                  py::arg("special") = special,
                  py::arg("front") = std::string(to_string(result.branch.front)),
                  py::arg("back") = std::string(to_string(result.branch.back)));
}

py::list sensitivity(const PyModel& m, const Eigen::VectorXd& rates,
                     const std::vector<std::string>& names) {
  std::vector<ParameterSensitivity> list;
  if (m.file && m.entries.empty()) {
    list = parameter_sensitivities(*m.file, m.overrides, names, rates);
  } else {
    std::vector<NetworkEntry> entries;
    for (const std::string& name : names) entries.push_back(*find_entry(m.model.network, name));
    list = entry_sensitivities(m.model.network, rates, entries);
  }
  py::list result;
  for (ParameterSensitivity& s : list) {
    result.append(py::make_tuple(s.name, s.unit, s.value, to_numpy(std::move(s.drate)),
                                 to_numpy(std::move(s.elasticity))));
  }
  return result;
}

}  // namespace

void bind_rates(py::module_& m) {
  py::class_<Summary>(m, "Summary")
      .def_property_readonly("termination",
                             [](const Summary& s) { return std::string(to_string(s.termination)); })
      .def_property_readonly(
          "method_requested",
          [](const Summary& s) { return std::string(to_string(s.method_requested)); })
      .def_property_readonly("method_used",
                             [](const Summary& s) { return std::string(to_string(s.method_used)); })
      .def_property_readonly("iterations", [](const Summary& s) { return s.iterations.size(); })
      .def_readonly("message", &Summary::message)
      .def_readonly("residual", &Summary::residual)
      .def_readonly("evaluations", &Summary::evaluations)
      .def_readonly("seconds", &Summary::seconds)
      .def("brief_report", &Summary::brief_report)
      .def("full_report", &Summary::full_report);
  py::class_<StationaryState>(m, "State")
      .def_readonly("rates", &StationaryState::rates)
      .def_readonly("log_rates", &StationaryState::log_rates)
      .def_readonly("mean_input", &StationaryState::mean_input)
      .def_readonly("std_input", &StationaryState::std_input)
      .def_readonly("cv", &StationaryState::cv)
      .def_readonly("drate_dmu", &StationaryState::drate_dmu)
      .def_readonly("drate_dsigma", &StationaryState::drate_dsigma)
      .def_readonly("residual", &StationaryState::residual)
      .def_readonly("error_estimate", &StationaryState::error_estimate)
      .def_readonly("rate_dynamics_stable", &StationaryState::rate_dynamics_stable)
      .def_readonly("leading_eigenvalue", &StationaryState::leading_eigenvalue)
      .def_readonly("unstable_directions", &StationaryState::unstable_directions);
  py::class_<StationaryResult>(m, "Result")
      .def_readonly("state", &StationaryResult::state)
      .def_readonly("summary", &StationaryResult::summary)
      .def_property_readonly("converged", &StationaryResult::converged);
  py::class_<StationarySet>(m, "StateSet")
      .def_readonly("states", &StationarySet::states)
      .def_readonly("summary", &StationarySet::summary);
  m.def("solve", &solve);
  m.def("fixed_points", &fixed_points);
  m.def("evaluate", [](const PyModel& p, const Eigen::VectorXd& rates) {
    return evaluate_state(mean_field(p.model.network), rates);
  });
  m.def("continue_branch", &continued);
  m.def("sensitivity", &sensitivity);
}

}  // namespace nuphi::python
