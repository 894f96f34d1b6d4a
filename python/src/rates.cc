#include <nuphi/models/network_entries.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include "family.h"
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
  auto control = stopped_by<SolveControl>(interrupt.token());
  control.progress = [&](const Iteration&) { interrupt.poll(); };
  const py::gil_scoped_release release;
  return solve_stationary(m.model.network, options, control);
}

StationarySet fixed_points(const PyModel& m, const py::kwargs& given) {
  SolveOptions options = options_of(m, given);
  options.find = Find::kAll;
  return interruptible([&](std::stop_token stop) {
    return find_stationary_states(m.model.network, options,
                                  stopped_by<SolveControl>(std::move(stop)));
  });
}

std::vector<ParameterSensitivity> sensitivities(const PyModel& m, const Eigen::VectorXd& rates,
                                                const std::vector<std::string>& names) {
  for (const std::string& name : names) static_cast<void>(m.parameter(name));  // throws if unknown
  if (m.file) return parameter_sensitivities(*m.file, m.overrides, names, rates);
  std::vector<NetworkEntry> entries;
  for (const std::string& name : names) {
    const std::optional<NetworkEntry> entry = find_entry(m.model.network, name);
    if (!entry) return parameter_sensitivities(*m.as_file(), m.overrides, names, rates);
    entries.push_back(*entry);
  }
  return entry_sensitivities(m.model.network, rates, entries);
}

py::list sensitivity(const PyModel& m, const Eigen::VectorXd& rates,
                     const std::vector<std::string>& names) {
  std::vector<ParameterSensitivity> list;
  {
    const py::gil_scoped_release release;
    list = sensitivities(m, rates, names);
  }
  py::list result;
  for (ParameterSensitivity& s : list) {
    result.append(py::make_tuple(s.name, s.unit, s.value, to_numpy(std::move(s.drate)),
                                 to_numpy(std::move(s.elasticity))));
  }
  return result;
}

py::list notes(const PyModel& m, const StationaryState& state) {
  py::list list;
  for (const Note& note : validity_notes(m.model.network, state))
    list.append(py::make_tuple(note.code, note.message, note.populations));
  return list;
}

/// A state as a dictionary of its fields, from which state_from() makes it again.
py::dict fields_of(const StationaryState& s) {
  using py::arg;
  return py::dict(arg("rates") = s.rates, arg("log_rates") = s.log_rates,
                  arg("mean_input") = s.mean_input, arg("std_input") = s.std_input,
                  arg("cv") = s.cv, arg("drate_dmu") = s.drate_dmu,
                  arg("drate_dsigma") = s.drate_dsigma, arg("residual") = s.residual,
                  arg("error_estimate") = s.error_estimate,
                  arg("rate_dynamics_stable") = s.rate_dynamics_stable,
                  arg("leading_eigenvalue") = s.leading_eigenvalue, arg("index") = s.index,
                  arg("unstable_directions") = s.unstable_directions);
}

StationaryState state_from(const py::dict& d) {
  StationaryState s;
  const auto read = [&](const char* name, auto& to) {
    to = d[name].cast<std::remove_reference_t<decltype(to)>>();
  };
  read("rates", s.rates);
  read("log_rates", s.log_rates);
  read("mean_input", s.mean_input);
  read("std_input", s.std_input);
  read("cv", s.cv);
  read("drate_dmu", s.drate_dmu);
  read("drate_dsigma", s.drate_dsigma);
  read("residual", s.residual);
  read("error_estimate", s.error_estimate);
  read("rate_dynamics_stable", s.rate_dynamics_stable);
  read("leading_eigenvalue", s.leading_eigenvalue);
  read("index", s.index);
  read("unstable_directions", s.unstable_directions);
  return s;
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
      .def_readonly("index", &StationaryState::index)
      .def_readonly("unstable_directions", &StationaryState::unstable_directions)
      .def("fields", &fields_of)
      .def(py::pickle(&fields_of, &state_from));
  py::class_<StationaryResult>(m, "Result")
      .def_readonly("state", &StationaryResult::state)
      .def_readonly("summary", &StationaryResult::summary)
      .def_property_readonly("converged", &StationaryResult::converged);
  py::class_<StationarySet>(m, "StateSet")
      .def_readonly("states", &StationarySet::states)
      .def_readonly("index_sum", &StationarySet::index_sum)
      .def_readonly("missing_states", &StationarySet::missing_states)
      .def_readonly("summary", &StationarySet::summary);
  m.def("solve", &solve);
  m.def("fixed_points", &fixed_points);
  m.def("evaluate", [](const PyModel& p, const Eigen::VectorXd& rates) {
    return evaluate_state(mean_field(p.model.network), rates);
  });
  m.def("state_from", &state_from);
  m.def("notes", &notes);
  m.def("coupling_radius", [](const PyModel& p, const StationaryState& state) {
    return coupling_radius(p.model.network, state).value;
  });
  m.def("sensitivity", &sensitivity);
}

}  // namespace nuphi::python
