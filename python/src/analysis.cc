#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/stability.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include "interrupt.h"
#include "model.h"

namespace nuphi::python {
namespace {

using py::arg;

ResponseOptions response_options(const py::dict& given) {
  ResponseOptions options;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "refractoriness") {
      options.refractoriness = value.cast<Refractoriness>();
    } else if (name == "colour_response") {
      options.colour = value.cast<ColourResponse>();
    } else if (name == "variance_response") {
      options.variance_response = value.cast<bool>();
    } else if (name == "synaptic_filter") {
      options.synaptic_filter = value.cast<bool>();
    } else {
      throw py::type_error("there is no option " + name);
    }
  }
  return options;
}

py::dict stability_of(const PyModel& m, const StationaryState& state, const py::dict& response,
                      int modes, double max_delay_scale) {
  StabilityOptions options;
  options.response = response_options(response);
  options.modes = modes;
  options.max_delay_scale = max_delay_scale;
  const StabilityReport report = interruptible([&](std::stop_token stop) {
    return stability(m.model.network, state, options,
                     stopped_by<StabilityControl>(std::move(stop)));
  });
  const auto count = static_cast<Eigen::Index>(report.modes.size());
  Eigen::VectorXcd eigenvalues(count);
  Eigen::MatrixXd participation(count, state.rates.size());
  for (Eigen::Index k = 0; k < count; ++k) {
    const Mode& mode = report.modes[static_cast<std::size_t>(k)];
    eigenvalues[k] = mode.eigenvalue;
    participation.row(k) = mode.participation.transpose();
  }
  py::list delays;
  for (const CriticalDelay& d : report.critical_delays)
    delays.append(py::make_tuple(d.scale, d.frequency, d.destabilizing));
  return py::dict(arg("unstable_modes") = optional(report.unstable_modes),
                  arg("stable") = optional(report.stable), arg("reason") = report.reason,
                  arg("eigenvalues") = to_numpy(std::move(eigenvalues)),
                  arg("participation") = to_numpy(std::move(participation)),
                  arg("critical_delay_scale") = optional(report.critical_delay_scale),
                  arg("critical_delays") = delays,
                  arg("termination") = report.interrupted ? "interrupted" : "completed",
                  arg("unlisted_modes") = report.unlisted_modes);
}

py::array stacked(const std::vector<Eigen::MatrixXcd>& list, Eigen::Index n) {
  const auto count = static_cast<py::ssize_t>(list.size());
  py::array_t<std::complex<double>> result({count, py::ssize_t{n}, py::ssize_t{n}});
  for (py::ssize_t k = 0; k < count; ++k)
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        result.mutable_at(k, i, j) = list[static_cast<std::size_t>(k)](i, j);
  result.attr("flags").attr("writeable") = false;
  return result;
}

SensitivityOf sensitivity_named(const std::string& name) {
  if (name == "none") return SensitivityOf::kNone;
  if (name == "nearest") return SensitivityOf::kNearest;
  if (name == "all") return SensitivityOf::kAll;
  throw py::value_error("sensitivity: '" + name + "' is none of none, nearest, all");
}

py::list sensitivities_of(Spectra& s) {
  py::list list;
  for (std::vector<ModeSensitivity>& at_frequency : s.sensitivities) {
    py::list modes;
    for (ModeSensitivity& mode : at_frequency) {
      modes.append(py::make_tuple(mode.eigenvalue, to_numpy(std::move(mode.sensitivity)),
                                  to_numpy(std::move(mode.amplitude)),
                                  to_numpy(std::move(mode.frequency))));
    }
    list.append(modes);
  }
  return list;
}

py::dict spectra_of(const PyModel& m, const StationaryState& state,
                    const Eigen::VectorXd& frequencies, bool renewal,
                    const std::string& sensitivity, const py::dict& response) {
  SpectraOptions options;
  options.response = response_options(response);
  options.noise = renewal ? NoiseSource::kRenewal : NoiseSource::kPoisson;
  options.sensitivity = sensitivity_named(sensitivity);
  Spectra s = interruptible([&](std::stop_token stop) {
    options.stop = std::move(stop);
    return spectra(m.model.network, state, frequencies, options);
  });
  const Eigen::Index n = state.rates.size();
  const py::array cross = stacked(s.cross, n);
  const py::array connectivity = stacked(s.effective_connectivity, n);
  return py::dict(arg("sensitivities") = sensitivities_of(s),
                  arg("frequencies") = to_numpy(std::move(s.frequencies)),
                  arg("power") = to_numpy(std::move(s.power)), arg("cross") = cross,
                  arg("effective_connectivity") = connectivity,
                  arg("eigenvalues") = to_numpy(std::move(s.eigenvalues)),
                  arg("response_mu") = to_numpy(std::move(s.response_mu)),
                  arg("response_variance") = to_numpy(std::move(s.response_variance)));
}

py::dict covariances_of(const PyModel& m, const StationaryState& state, bool renewal) {
  PopulationCovariances c;
  SpectralBound bound;
  {
    const py::gil_scoped_release release;
    c = population_covariances(m.model.network, state,
                               renewal ? NoiseModel::kRenewal : NoiseModel::kPoisson);
    bound = spectral_bound(effective_connectivity(mean_field(m.model.network), state));
  }
  return py::dict(arg("population_average") = to_numpy(std::move(c.averages)),
                  arg("pairwise") = to_numpy(std::move(c.pairwise)),
                  arg("correlations") = to_numpy(std::move(c.correlations)),
                  arg("autocovariances") = to_numpy(std::move(c.autocovariances)),
                  arg("spectral_bound") = bound.eigenvalue.real());
}

py::tuple distributions_of(const PyModel& m, double tolerance, int max_iterations) {
  RateDistribution found = interruptible([&](std::stop_token stop) {
    return solve_rate_distribution(m.model.network,
                                   {.tolerance = tolerance, .max_iterations = max_iterations},
                                   stopped_by<SolveControl>(std::move(stop)));
  });
  return py::make_tuple(std::move(found.populations), std::move(found.summary));
}

using Points = py::array_t<double, py::array::c_style | py::array::forcecast>;

template <double (*function)(const QuenchedPopulation&, double, int)>
py::array_t<double> at_points(const QuenchedPopulation& population, const Points& points) {
  py::array_t<double> result(
      std::vector<py::ssize_t>(points.shape(), points.shape() + points.ndim()));
  double* const out = result.mutable_data();
  const double* const in = points.data();
  const py::ssize_t count = points.size();
  const py::gil_scoped_release release;
  for (py::ssize_t k = 0; k < count; ++k) out[k] = function(population, in[k], 7);
  return result;
}

py::tuple fields_of(const QuenchedPopulation& p) {
  const LifParameters& n = p.neuron;
  return py::make_tuple(n.tau_m, n.t_ref, n.V_th, n.V_reset, n.tau_syn, p.correction, p.mean_rate,
                        p.rate_sd, p.mean_input, p.mean_input_sd, p.variance, p.variance_sd,
                        p.correlation);
}

QuenchedPopulation population_from(const py::tuple& t) {
  const auto number = [&](std::size_t k) { return t[k].cast<double>(); };
  return {.neuron = {.tau_m = number(0),
                     .t_ref = number(1),
                     .V_th = number(2),
                     .V_reset = number(3),
                     .tau_syn = number(4)},
          .correction = t[5].cast<Correction>(),
          .mean_rate = number(6),
          .rate_sd = number(7),
          .mean_input = number(8),
          .mean_input_sd = number(9),
          .variance = number(10),
          .variance_sd = number(11),
          .correlation = number(12)};
}

void bind_distributions(py::module_& m) {
  using P = QuenchedPopulation;
  py::class_<P>(m, "QuenchedPopulation")
      .def_readonly("mean_rate", &P::mean_rate)
      .def_readonly("rate_sd", &P::rate_sd)
      .def_readonly("mean_input", &P::mean_input)
      .def_readonly("mean_input_sd", &P::mean_input_sd)
      .def_readonly("variance", &P::variance)
      .def_readonly("variance_sd", &P::variance_sd)
      .def_readonly("correlation", &P::correlation)
      .def(py::pickle(&fields_of, &population_from))
      .def("cdf", &at_points<&rate_cdf>)
      .def("quantile", &at_points<&rate_quantile>);
  m.def("distributions", &distributions_of);
}

}  // namespace

void bind_analysis(py::module_& m) {
  m.def("stability", &stability_of);
  m.def("spectra", &spectra_of);
  m.def("covariances", &covariances_of);
  bind_distributions(m);
}

}  // namespace nuphi::python
