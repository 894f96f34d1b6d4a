#include <fmt/format.h>
#include <nuphi/analysis/spectra.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <vector>

#include "commands.h"
#include "ending.h"
#include "files.h"
#include "frequencies.h"
#include "points_csv.h"
#include "printable.h"
#include "response_names.h"
#include "result_io.h"
#include "stop_on_interrupt.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

/// One matrix a frequency.
Json complex_matrices(const char* unit, const std::vector<Eigen::MatrixXcd>& matrices) {
  Json re = Json::array();
  Json im = Json::array();
  for (const Eigen::MatrixXcd& matrix : matrices) {
    re.push_back(real_rows(unit, matrix.real())["values"]);
    im.push_back(real_rows(unit, matrix.imag())["values"]);
  }
  return {{"unit", unit}, {"re", std::move(re)}, {"im", std::move(im)}};
}

Json sensitivity_json(double frequency, const ModeSensitivity& mode) {
  return {{"frequency", quantity("Hz", frequency)},
          {"eigenvalue",
           {{"re", number(mode.eigenvalue.real())}, {"im", number(mode.eigenvalue.imag())}}},
          {"sensitivity", complex_rows("1", mode.sensitivity)},
          {"amplitude", real_rows("1", mode.amplitude)},
          {"frequency_shift", real_rows("1", mode.frequency)}};
}

/// Where a trajectory comes nearest to 1: its most resonant frequency.
struct Resonance {
  Eigen::Index trajectory = 0;
  Eigen::Index row = 0;  ///< of the frequency
  double distance = 0;
};

/// One for each trajectory, the nearest first.
std::vector<Resonance> resonances(const Spectra& found) {
  std::vector<Resonance> list;
  for (Eigen::Index m = 0; m < found.eigenvalues.cols(); ++m) {
    Resonance r{.trajectory = m};
    r.distance = (found.eigenvalues.col(m).array() - 1.0).abs().minCoeff(&r.row);
    list.push_back(r);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const Resonance& a, const Resonance& b) { return a.distance < b.distance; });
  return list;
}

/// Of the eigenvalue next to `value`. In a small network one of several equal ones may be meant:
/// all are looked at.
ModeSensitivity sensitivity_near(const Eigen::MatrixXcd& matrix, std::complex<double> value) {
  constexpr Eigen::Index kSmall = 64;
  if (matrix.rows() > kSmall) return mode_sensitivity(matrix, value);
  const std::vector<ModeSensitivity> modes = mode_sensitivities(matrix);
  return *std::min_element(modes.begin(), modes.end(),
                           [&](const ModeSensitivity& a, const ModeSensitivity& b) {
                             return std::abs(a.eigenvalue - value) < std::abs(b.eigenvalue - value);
                           });
}

Json sensitivity_json(const Spectra& found, const Resonance& r) {
  const ModeSensitivity mode =
      sensitivity_near(found.effective_connectivity[static_cast<std::size_t>(r.row)],
                       found.eigenvalues(r.row, r.trajectory));
  Json json = sensitivity_json(found.frequencies[r.row], mode);
  json["trajectory"] = r.trajectory;
  return json;
}

Json to_json(const Model& model, const SpectraArguments& arguments, const StationaryState& state,
             const Verdict& verdict, const Spectra& found) {
  Json json = result_header(model);
  json["format"] = "nuphi-spectra/1";
  json["settings"] = {{"synaptic_filter", !arguments.no_synaptic_filter},
                      {"noise", arguments.noise}};
  add_response(json["settings"], model.network.response);
  add_verdict(json, verdict);
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
  if (arguments.matrices) {
    json["cross_spectra"] = complex_matrices("Hz", found.cross);
    json["effective_connectivity"] = complex_matrices("1", found.effective_connectivity);
  }
  if (arguments.sensitivity == "none") return json;
  const std::vector<Resonance> nearest = resonances(found);
  json["sensitivity"] = sensitivity_json(found, nearest.front());
  if (arguments.sensitivity == "all") {
    Json modes = Json::array();
    for (const Resonance& r : nearest) modes.push_back(sensitivity_json(found, r));
    json["sensitivities"] = std::move(modes);
  }
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

std::string to_text(const Model& model, const Verdict& verdict, const Spectra& found) {
  const std::vector<Resonance> nearest = resonances(found);
  std::string text = fmt::format(
      "{}: {}\nan eigenvalue of the effective connectivity comes nearest to 1 at {} Hz\n\n",
      model.network.name, phrase(verdict), display(found.frequencies[nearest.front().row]));
  Table modes({"mode", "nearest to 1 at (Hz)", "eigenvalue there", "distance"});
  for (const Resonance& r : nearest) {
    const std::complex<double> value = found.eigenvalues(r.row, r.trajectory);
    modes.add({std::to_string(r.trajectory), display(found.frequencies[r.row]),
               fmt::format("{:.3f} {} {:.3f} i", value.real(), value.imag() < 0 ? "−" : "+",
                           std::abs(value.imag())),
               display(r.distance)});
  }
  text += modes.text() + "\n";
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
  const std::string& sensitivity = arguments.sensitivity;
  if (sensitivity != "nearest" && sensitivity != "all" && sensitivity != "none") {
    throw UsageError(
        fmt::format("--sensitivity \"{}\": allowed are nearest, all, none", sensitivity));
  }
  SpectraOptions options;
  if (sensitivity == "all") options.most_eigenvalues = std::numeric_limits<int>::max();
  options.stop = stop_requested();
  options.response.synaptic_filter = !arguments.no_synaptic_filter;
  if (arguments.noise == "renewal") {
    options.noise = NoiseSource::kRenewal;
  } else if (arguments.noise != "poisson") {
    throw UsageError(fmt::format("--noise \"{}\": allowed are poisson, renewal", arguments.noise));
  }
  return options;
}

/// The stationary state, before the first frequency.
std::string so_far(const Model& model, const StationaryResult& result, Format format) {
  if (format == Format::kJson) return dump(state_so_far(model, result.state, "nuphi-spectra/1"));
  const std::string text = "partial: interrupted before the first frequency\n";
  return format == Format::kCsv ? "# " + text + csv_metadata(model, result.summary)
                                : text + state_table(model, result.state);
}

}  // namespace

int run_spectra(const SpectraArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv});
  const SpectraOptions options = options_of(arguments);
  const Eigen::VectorXd frequencies = frequencies_of(arguments.frequencies);
  const Model model = load(arguments.model);
  OutputFile file(arguments.output);
  SolveOptions solve = model.solve;
  solve.find = Find::kOne;
  const StationaryResult result = solve_stationary(model.network, solve, stop_on_signals());
  if (!result.converged()) return no_state(result.summary, "to expand about");
  keep_so_far(arguments.output, so_far(model, result, format));
  const Spectra found = spectra(model.network, result.state, frequencies, options);
  const bool partial = found.frequencies.size() < frequencies.size();
  if (found.frequencies.size() == 0) return finish(file, so_far(model, result, format), partial);
  const auto text = [&](bool so_far) {
    Verdict verdict = verdict_of(model.network, result.state, options.response);
    if (std::optional<Note> note = unstable_state_note(verdict.delays, "spectra"))
      verdict.notes.push_back(std::move(*note));
    print_error(notes_text(verdict.notes));
    if (format == Format::kCsv) return to_csv(model, result.summary, found);
    if (format != Format::kJson) return to_text(model, verdict, found);
    Json json = to_json(model, arguments, result.state, verdict, found);
    if (so_far) json["partial"] = true;
    return dump(json);
  };
  return finish(file, arguments.output, text, partial);
}

}  // namespace nuphi::runner
