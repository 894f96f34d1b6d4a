#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/effective_connectivity.h>
#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/spectral_bound.h>
#include <nuphi/analysis/stability.h>
#include <pybind11/eigen.h>
#include <pybind11/stl.h>

#include <numbers>

#include "model.h"

namespace nuphi::python {
namespace {

ResponseOptions response_options(const py::dict& given) {
  ResponseOptions options;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "refractoriness") {
      options.refractoriness = value.cast<Refractoriness>();
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

py::dict stability_of(const PyModel& m, const StationaryState& state, const py::dict& options) {
  StabilityReport report;
  const ResponseOptions response = response_options(options);
  {
    const py::gil_scoped_release release;
    report = stability(m.model.network, state, {.response = response});
  }
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
  return py::dict(py::arg("unstable_modes") = optional(report.unstable_modes),
                  py::arg("stable") = optional(report.stable), py::arg("reason") = report.reason,
                  py::arg("eigenvalues") = to_numpy(std::move(eigenvalues)),
                  py::arg("participation") = to_numpy(std::move(participation)),
                  py::arg("critical_delay_scale") = optional(report.critical_delay_scale),
                  py::arg("critical_delays") = delays);
}

py::array stacked(const std::vector<Eigen::MatrixXcd>& list, Eigen::Index n) {
  const auto count = static_cast<py::ssize_t>(list.size());
  py::array_t<std::complex<double>> result({count, py::ssize_t{n}, py::ssize_t{n}});
  for (py::ssize_t k = 0; k < count; ++k)
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        result.mutable_at(k, i, j) = list[static_cast<std::size_t>(k)](i, j);
  result.attr("flags").attr("writeable") = false;
  return std::move(result);
}

py::dict spectra_of(const PyModel& m, const StationaryState& state,
                    const Eigen::VectorXd& frequencies, bool renewal, const py::dict& options) {
  SpectraOptions spectra_options;
  spectra_options.response = response_options(options);
  spectra_options.noise = renewal ? NoiseSource::kRenewal : NoiseSource::kPoisson;
  Spectra s;
  {
    const py::gil_scoped_release release;
    s = spectra(m.model.network, state, frequencies, spectra_options);
  }
  const Eigen::Index n = state.rates.size();
  const py::array cross = stacked(s.cross, n);
  const py::array connectivity = stacked(s.effective_connectivity, n);
  return py::dict(py::arg("power") = to_numpy(std::move(s.power)), py::arg("cross") = cross,
                  py::arg("effective_connectivity") = connectivity,
                  py::arg("eigenvalues") = to_numpy(std::move(s.eigenvalues)),
                  py::arg("response_mu") = to_numpy(std::move(s.response_mu)),
                  py::arg("response_variance") = to_numpy(std::move(s.response_variance)));
}

py::dict covariances_of(const PyModel& m, const StationaryState& state) {
  PopulationCovariances c = population_covariances(m.model.network, state);
  const MeanField field = mean_field(m.model.network);
  const SpectralBound bound = spectral_bound(effective_connectivity(field, state));
  return py::dict(py::arg("population") = to_numpy(std::move(c.averages)),
                  py::arg("pairwise") = to_numpy(std::move(c.pairwise)),
                  py::arg("correlations") = to_numpy(std::move(c.correlations)),
                  py::arg("autocovariances") = to_numpy(std::move(c.autocovariances)),
                  py::arg("spectral_bound") = bound.eigenvalue.real());
}

}  // namespace

void bind_analysis(py::module_& m) {
  m.def("stability", &stability_of);
  m.def("spectra", &spectra_of);
  m.def("covariances", &covariances_of);
}

}  // namespace nuphi::python
