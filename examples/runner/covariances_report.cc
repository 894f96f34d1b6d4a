#include "covariances_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "files.h"
#include "points_csv.h"
#include "response_names.h"
#include "table.h"

namespace nuphi::runner {

// --- JSON

namespace {

constexpr Eigen::Index kLargestShown = 8;  // of a matrix on a terminal

Json matrices(const char* unit, const std::vector<Eigen::MatrixXcd>& list) {
  Json re = Json::array();
  Json im = Json::array();
  for (const Eigen::MatrixXcd& matrix : list) {
    Json both = complex_rows(unit, matrix);
    re.push_back(std::move(both["re"]));
    im.push_back(std::move(both["im"]));
  }
  return {{"unit", unit}, {"re", std::move(re)}, {"im", std::move(im)}};
}

Json spectra_json(const CovarianceReport& report) {
  const CovarianceSpectra& spectra = *report.spectra;
  Json json = {{"frequency", quantities("Hz", spectra.frequencies)},
               {"autocovariance", real_rows("Hz", spectra.autocovariances)},
               {"noise_strength", real_rows("Hz", spectra.noise_strength)}};
  if (report.of_neurons) {
    json["pairwise_covariance"] = matrices("Hz", spectra.averages);
  } else {
    json["population_covariance"] = matrices("Hz", spectra.averages);
    json["pairwise_covariance"] = matrices("Hz", spectra.pairwise);
  }
  return json;
}

}  // namespace

Json to_json(const CovarianceReport& report) {
  Json json = result_header(report.model);
  json["format"] = "nuphi-covariances/1";
  json["settings"] = {{"noise", report.noise}, {"frequencies", report.frequencies}};
  add_response(json["settings"], report.model.network.response);
  json["summary"] = summary_json(report.summary);
  json["resolution"] = report.of_neurons ? "neurons" : "populations";
  json["rate"] = quantities("Hz", report.state.rates);
  json["cv"] = quantities("1", report.state.cv);
  json["spectral_bound"] = quantity("1", report.bound.eigenvalue.real());
  json["leading_eigenvalue"] = {{"unit", "1"},
                                {"re", number(report.bound.eigenvalue.real())},
                                {"im", number(report.bound.eigenvalue.imag())}};
  json["linear_dynamics_stable"] =
      report.bound.converged ? Json(report.bound.eigenvalue.real() < 1) : Json(nullptr);
  json["effective_connectivity"] =
      report.connectivity.size() > 0 ? real_rows("1", report.connectivity) : Json(nullptr);
  for (const char* key : {"autocovariance", "noise_strength", "population_covariance",
                          "pairwise_covariance", "correlation", "spectra"})
    json[key] = nullptr;
  if (report.covariances) {
    const PopulationCovariances& found = *report.covariances;
    json["autocovariance"] = quantities("Hz", found.autocovariances);
    json["noise_strength"] = quantities("Hz", found.noise_strength);
    if (!report.of_neurons) json["population_covariance"] = real_rows("Hz", found.averages);
    json["pairwise_covariance"] = real_rows("Hz", report.between());
    json["correlation"] = real_rows("1", found.correlations);
  }
  if (report.spectra) json["spectra"] = spectra_json(report);
  if (!report.verdict.delays.delays_given) json["unstable_modes"] = nullptr;
  add_verdict(json, report.verdict);
  return json;
}

// --- CSV

namespace {

std::string csv_head(const CovarianceReport& report) {
  std::string text = csv_metadata(report.model, report.summary);
  text += fmt::format("# autocovariances: {}; spectral bound {}\n", report.noise,
                      round_trip(report.bound.eigenvalue.real()));
  for (const Note& note : report.verdict.notes) text += "# " + note.message + "\n";
  return text;
}

std::string pair(const CovarianceReport& report, Eigen::Index i, Eigen::Index j) {
  return csv_field(report.name(i)) + "," + csv_field(report.name(j));
}

}  // namespace

std::string to_csv(const CovarianceReport& report) {
  std::string text = csv_head(report) +
                     "target,source,effective_connectivity,population_covariance,"
                     "pairwise_covariance,correlation\n";
  const Eigen::MatrixXd& W = report.connectivity;
  const auto entry = [&](const Eigen::MatrixXd& matrix, Eigen::Index i, Eigen::Index j) {
    return round_trip(matrix(i, j));
  };
  for (Eigen::Index i = 0; i < W.rows(); ++i) {
    for (Eigen::Index j = 0; j < W.cols(); ++j) {
      text += pair(report, i, j) + "," + entry(W, i, j);
      if (!report.covariances) {
        text += ",nan,nan,nan\n";
        continue;
      }
      text += fmt::format(
          ",{},{},{}\n", report.of_neurons ? "nan" : entry(report.covariances->averages, i, j),
          entry(report.between(), i, j), entry(report.covariances->correlations, i, j));
    }
  }
  return text;
}

std::string spectra_csv(const CovarianceReport& report) {
  std::string text = csv_head(report) +
                     "frequency,target,source,population_covariance_re,population_covariance_im,"
                     "pairwise_covariance_re,pairwise_covariance_im\n";
  if (!report.spectra) return text;
  const CovarianceSpectra& spectra = *report.spectra;
  for (std::size_t k = 0; k < spectra.averages.size(); ++k) {
    const Eigen::MatrixXcd& averages = spectra.averages[k];
    const Eigen::MatrixXcd& between = report.of_neurons ? averages : spectra.pairwise[k];
    const std::string frequency = round_trip(spectra.frequencies[static_cast<Eigen::Index>(k)]);
    for (Eigen::Index i = 0; i < averages.rows(); ++i) {
      for (Eigen::Index j = 0; j < averages.cols(); ++j) {
        text += fmt::format("{},{},", frequency, pair(report, i, j));
        text += report.of_neurons ? "nan,nan"
                                  : fmt::format("{},{}", round_trip(averages(i, j).real()),
                                                round_trip(averages(i, j).imag()));
        text += fmt::format(",{},{}\n", round_trip(between(i, j).real()),
                            round_trip(between(i, j).imag()));
      }
    }
  }
  return text;
}

// --- terminal

namespace {

std::string population_table(const CovarianceReport& report) {
  Table table({"population", "rate (Hz)", "CV", "autocovariance (Hz)", "noise (Hz)",
               "mean correlation within"});
  for (Eigen::Index i = 0; i < report.state.rates.size(); ++i) {
    table.add({report.name(i), display(report.state.rates[i]), display(report.state.cv[i]),
               display(report.covariances->autocovariances[i]),
               display(report.covariances->noise_strength[i]),
               display(report.covariances->correlations(i, i))});
  }
  return "\n" + table.text();
}

std::string matrix_table(const CovarianceReport& report) {
  const Eigen::MatrixXd& c = report.between();
  const Eigen::Index shown = std::min(kLargestShown, c.rows());
  std::vector<std::string> header = {report.of_neurons ? "covariance (Hz)"
                                                       : "mean covariance of a pair (Hz)"};
  for (Eigen::Index j = 0; j < shown; ++j) header.push_back(report.name(j));
  if (shown < c.rows()) header.emplace_back("…");
  Table table(header);
  for (Eigen::Index i = 0; i < shown; ++i) {
    std::vector<std::string> row = {report.name(i)};
    for (Eigen::Index j = 0; j < shown; ++j) row.push_back(display(c(i, j)));
    if (shown < c.rows()) row.emplace_back("…");
    table.add(std::move(row));
  }
  return "\n" + table.text();
}

/// Mean and spread of the correlation coefficients of different neurons.
std::string neuron_summary(const CovarianceReport& report) {
  const Eigen::MatrixXd& C = report.between();
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (Eigen::Index j = 0; j < C.cols(); ++j) {
    for (Eigen::Index i = 0; i < C.rows(); ++i) {
      const double r = C(i, j) / std::sqrt(C(i, i) * C(j, j));
      if (i == j || !std::isfinite(r)) continue;
      sum += r;
      squares += r * r;
      ++count;
    }
  }
  if (count == 0) return "";
  const double mean = sum / count;
  return fmt::format("\ncorrelation coefficients of {} neurons: mean {}, s.d. {}\n", C.rows(),
                     display(mean),
                     display(std::sqrt(std::max(squares / count - mean * mean, 0.0))));
}

}  // namespace

std::string to_text(const CovarianceReport& report) {
  const std::complex<double> leading = report.bound.eigenvalue;
  std::string text = fmt::format("{}: spectral bound {} of the effective connectivity",
                                 report.model.network.name, display(leading.real()));
  if (leading.imag() != 0)
    text += fmt::format(" (eigenvalue {} ± {}i)", display(leading.real()), display(leading.imag()));
  text += "\n" + phrase(report.verdict) + "\n";
  if (report.covariances) {
    if (!report.of_neurons) text += population_table(report);
    text += matrix_table(report);
    if (report.of_neurons) text += neuron_summary(report);
  }
  if (report.spectra)
    text += fmt::format("\ncovariances at {} frequencies are part of the files: --output\n",
                        report.spectra->averages.size());
  return text + notes_text(report.verdict.notes);
}

}  // namespace nuphi::runner
