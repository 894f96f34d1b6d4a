#include <nuphi/rates/inverse.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>

#include "family.h"
#include "interrupt.h"

namespace nuphi::python {
namespace {

std::vector<FitBounds> bounds_of(const ModelFamily& family, const py::dict& given) {
  if (given.empty()) return {};
  std::vector<FitBounds> bounds;
  for (const ModelFamily::Parameter& p : family.parameters) {
    FitBounds b{.lower = p.lower, .upper = p.upper};
    if (given.contains(p.name)) {
      const auto pair = given[py::str(p.name)].cast<py::tuple>();
      if (!pair[0].is_none()) b.lower = number(pair[0], p.unit.c_str());
      if (!pair[1].is_none()) b.upper = number(pair[1], p.unit.c_str());
    }
    bounds.push_back(b);
  }
  return bounds;
}

py::dict parameter_dict(const FittedParameter& p) {
  using py::arg;
  return py::dict(arg("name") = p.name, arg("unit") = p.unit, arg("initial") = p.initial,
                  arg("value") = p.value, arg("lower") = p.bounds.lower,
                  arg("upper") = p.bounds.upper, arg("at_bound") = p.at_bound,
                  arg("identifiable") = p.identifiable, arg("standard_error") = p.standard_error);
}

py::dict to_dict(FitResult fit) {
  using py::arg;
  py::list parameters, null_directions;
  for (const FittedParameter& p : fit.parameters) parameters.append(parameter_dict(p));
  for (const NullDirection& d : fit.null_directions) null_directions.append(d.text);
  return py::dict(
      arg("parameters") = parameters, arg("state") = std::move(fit.state),
      arg("residuals") = to_numpy(std::move(fit.residuals)), arg("cost") = fit.cost,
      arg("targets_met") = fit.targets_met, arg("covariance") = to_numpy(std::move(fit.covariance)),
      arg("singular_values") = to_numpy(std::move(fit.singular_values)), arg("rank") = fit.rank,
      arg("null_directions") = null_directions, arg("summary") = std::move(fit.summary));
}

py::dict fit(const PyModel& m, const Eigen::VectorXd& target, const Eigen::VectorXd& weights,
             bool inverse_variances, const std::vector<std::string>& free, const py::dict& bounds,
             double tolerance, int max_iterations) {
  const ModelFamily family = family_of(m, free);
  for (const auto& [name, pair] : bounds)
    if (std::find(free.begin(), free.end(), name.cast<std::string>()) == free.end())
      throw py::value_error("bounds: \"" + name.cast<std::string>() + "\" is not among the free");
  const std::vector<FitBounds> limits = bounds_of(family, bounds);
  const FitTarget targets{
      .rates = target, .weights = weights, .weights_are_inverse_variances = inverse_variances};
  FitOptions options;
  options.tolerance = tolerance;
  options.max_iterations = max_iterations;
  options.solve = m.model.solve;
  options.solve.find = Find::kOne;
  return to_dict(interruptible([&](std::stop_token stop) {
    return fit_parameters(family, targets, limits, options,
                          stopped_by<SolveControl>(std::move(stop)));
  }));
}

}  // namespace

ModelFamily family_of(const PyModel& m, const std::vector<std::string>& names) {
  for (const std::string& name : names) static_cast<void>(m.parameter(name));  // throws if unknown
  const std::shared_ptr<const ModelFile> file = m.as_file();
  ModelFamily family = model_family(*file, m.overrides, names);
  family.network = [file, network = std::move(family.network)](const Eigen::VectorXd& x) {
    return network(x);  // the file lives as long as this
  };
  family.field = [network = family.network](const Eigen::VectorXd& x) {
    return mean_field(network(x));
  };
  return family;
}

void bind_fit(py::module_& m) { m.def("fit", &fit); }

}  // namespace nuphi::python
