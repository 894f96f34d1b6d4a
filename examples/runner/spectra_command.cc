#include <fmt/format.h>
#include <nuphi/analysis/spectra.h>

#include <cmath>
#include <cstdlib>

#include "commands.h"
#include "files.h"
#include "frequencies.h"
#include "points_csv.h"
#include "response_names.h"
#include "result_io.h"
#include "table.h"

namespace nuphi::runner {
namespace {

Json sensitivity_json(double frequency, const ModeSensitivity& mode) {
  return {{"frequency", quantity("Hz", frequency)},
          {"eigenvalue",
           {{"re", number(mode.eigenvalue.real())}, {"im", number(mode.eigenvalue.imag())}}},
          {"sensitivity", complex_rows("1", mode.sensitivity)},
          {"amplitude", real_rows("1", mode.amplitude)},
          {"frequency_shift", real_rows("1", mode.frequency)}};
}

/// Where an eigenvalue comes nearest to 1: the most resonant frequency.
Eigen::Index most_resonant(const Spectra& found) {
  Eigen::Index row = 0;
  Eigen::Index column = 0;
  (found.eigenvalues.array() - 1.0).abs().minCoeff(&row, &column);
  return row;
}

Json to_json(const Model& model, const SpectraArguments& arguments, const StationaryState& state,
             const Spectra& found) {
  Json json = result_header(model);
  json["format"] = "nuphi-spectra/1";
  json["settings"] = {{"refractoriness", arguments.refractoriness},
                      {"variance_response", !arguments.no_variance_response},
                      {"synaptic_filter", !arguments.no_synaptic_filter},
                      {"noise", arguments.noise}};
  json["rate"] = quantities("Hz", state.rates);
  json["frequency"] = quantities("Hz", found.frequencies);
  json["response_mu"] = complex_rows("Hz/V", found.response_mu);
  json["response_variance"] = complex_rows("Hz/V^2", found.response_variance);
  json["power"] = real_rows("Hz", found.power);
  json["eigenvalues"] = complex_rows("1", found.eigenvalues);
  Json coherence = Json::array();
  for (Eigen::Index k = 0; k < found.frequencies.size(); ++k)
    coherence.push_back(real_rows("1", found.coherence(k))["values"]);
  json["coherence"] = {{"unit", "1"}, {"values", std::move(coherence)}};
  const Eigen::Index k = most_resonant(found);
  json["sensitivity"] = sensitivity_json(
      found.frequencies[k],
      mode_sensitivities(found.effective_connectivity[static_cast<std::size_t>(k)]).front());
  return json;
}

std::string to_csv(const Model& model, const Summary& summary, const Spectra& found) {
  std::string text = csv_metadata(model, summary) +
                     "frequency,population,power,response_mu_re,response_mu_im,response_variance_"
                     "re,response_variance_im\n";
  for (Eigen::Index k = 0; k < found.frequencies.size(); ++k) {
    for (Eigen::Index i = 0; i < found.power.cols(); ++i) {
      text += fmt::format("{},{}", round_trip(found.frequencies[k]),
                          csv_field(model.network.populations[static_cast<std::size_t>(i)].name));
      for (const double value :
           {found.power(k, i), found.response_mu(k, i).real(), found.response_mu(k, i).imag(),
            found.response_variance(k, i).real(), found.response_variance(k, i).imag()}) {
        text += "," + round_trip(value);
      }
      text += "\n";
    }
  }
  return text;
}

std::string to_text(const Model& model, const Spectra& found) {
  const Eigen::Index resonant = most_resonant(found);
  std::string text =
      fmt::format("{}: an eigenvalue of the effective connectivity comes nearest to 1 at {} Hz\n\n",
                  model.network.name, display(found.frequencies[resonant]));
  Table table({"population", "peak of the power (Hz)", "at (Hz)"});
  for (Eigen::Index i = 0; i < found.power.cols(); ++i) {
    Eigen::Index peak = 0;
    const double power = found.power.col(i).maxCoeff(&peak);
    table.add({model.network.populations[static_cast<std::size_t>(i)].name, display(power),
               display(found.frequencies[peak])});
  }
  return text + table.text();
}

SpectraOptions options_of(const SpectraArguments& arguments) {
  SpectraOptions options;
  options.response.refractoriness = refractoriness_of(arguments.refractoriness);
  options.response.variance_response = !arguments.no_variance_response;
  options.response.synaptic_filter = !arguments.no_synaptic_filter;
  if (arguments.noise == "renewal") {
    options.noise = NoiseSource::kRenewal;
  } else if (arguments.noise != "poisson") {
    throw UsageError(fmt::format("--noise \"{}\": allowed are poisson, renewal", arguments.noise));
  }
  return options;
}

}  // namespace

int run_spectra(const SpectraArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv});
  const SpectraOptions options = options_of(arguments);
  const Eigen::VectorXd frequencies = frequencies_of(arguments.frequencies);
  const Model model = load(arguments.model);
  OutputFile file(arguments.output.empty() ? "-" : arguments.output);
  SolveOptions solve = model.solve;
  solve.find = Find::kOne;
  const StationaryResult result = solve_stationary(model.network, solve);
  if (!result.converged()) {
    fmt::print(stderr, "error: no stationary state to expand about: {}\n", result.summary.message);
    return kNotConverged;
  }
  const Spectra found = spectra(model.network, result.state, frequencies, options);
  switch (format) {
    case Format::kJson:
      file.write(dump(to_json(model, arguments, result.state, found)));
      break;
    case Format::kCsv:
      file.write(to_csv(model, result.summary, found));
      break;
    default:
      file.write(to_text(model, found));
      break;
  }
  file.commit();
  return kSuccess;
}

}  // namespace nuphi::runner
