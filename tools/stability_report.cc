// Writes docs/theory/stability_figures.md: what exact refractoriness and the response to the
// variance change, and where the theory's irregularity is not the network's.
//   stability_report stability_figures.md
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/models/canonical.h>

#include <array>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/bos2016_network.h"
#include "generated_file.h"
#include "support/csv.h"

namespace {
using namespace nuphi;
using Eigen::Index, Eigen::VectorXd;
using nuphi::tools::table_header, nuphi::tools::table_row;

Network brunel(double g, double eta) {
  Brunel2000Parameters p;
  p.g = g;
  p.eta = eta;
  return brunel2000(p);
}

/// "2: +231.9/s at 660.6 Hz"
std::string verdict(const Network& network, const ResponseOptions& response) {
  StabilityOptions options;
  options.response = response;
  const StabilityReport report = stability(network, solve_stationary(network).state, options);
  const std::string count =
      report.unstable_modes ? std::to_string(*report.unstable_modes) : "undecided";
  if (report.modes.empty()) return count;
  const Mode& first = report.modes.front();
  return fmt::format("{}: {:+.1f}/s at {:.1f} Hz", count, first.growth_rate(), first.frequency());
}

std::string brunel_table() {
  std::string text = table_header({"g", "η", "all of it", "rate_only", "variance response off"});
  const std::array<std::pair<double, double>, 8> states{
      {{3, 1}, {3, 2}, {3, 4}, {4.5, 2}, {5, 2}, {6, 2}, {6, 3}, {6, 4}}};
  for (const auto& [g, eta] : states) {
    const Network network = brunel(g, eta);
    ResponseOptions rate_only, no_variance;
    rate_only.refractoriness = Refractoriness::kRateOnly;
    no_variance.variance_response = false;
    text += table_row({fmt::format("{:g}", g), fmt::format("{:g}", eta), verdict(network, {}),
                       verdict(network, rate_only), verdict(network, no_variance)});
  }
  return text;
}

/// Highest local maximum of a spectrum between two frequencies: "82 Hz, 1.23e-3".
std::string peak(const VectorXd& power, Index low, Index high) {
  Index best = -1;
  for (Index k = low; k < high; ++k)
    if (power[k] > power[k - 1] && power[k] > power[k + 1] && (best < 0 || power[k] > power[best]))
      best = k;
  return best < 0 ? "none" : fmt::format("{} Hz, {:.3g}", best + 1, power[best]);
}

std::string microcircuit_table() {
  const Network network = test::bos2016();
  const ResponseOptions published = test::published().response;
  ResponseOptions exact_only = published;
  exact_only.refractoriness = Refractoriness::kExact;
  return table_header({"as published", "exact refractoriness", "and the variance response"}) +
         table_row(
             {verdict(network, published), verdict(network, exact_only), verdict(network, {})});
}

std::string spectra_table() {
  const Network network = test::bos2016();
  const StationaryState state = solve_stationary(network).state;
  const VectorXd frequencies = VectorXd::LinSpaced(400, 1, 400);  // row k is k + 1 Hz
  SpectraOptions published = test::published(), exact_only = published, all;
  exact_only.response.refractoriness = Refractoriness::kExact;
  const std::array spectra_of{spectra(network, state, frequencies, published),
                              spectra(network, state, frequencies, exact_only),
                              spectra(network, state, frequencies, all)};
  const std::array names{"23E", "23I", "4E", "4I", "5E", "5I", "6E", "6I"};
  std::string text = table_header(
      {"population", "band", "as published", "exact refractoriness", "and the variance response"});
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (const auto& [band, low, high] :
         {std::tuple{"30–150 Hz", 30, 150}, std::tuple{"150–399 Hz", 150, 399}}) {
      std::vector<std::string> cells{names[i], band};
      for (const Spectra& s : spectra_of)
        cells.push_back(peak(s.power.col(static_cast<Index>(i)), low, high));
      text += table_row(cells);
    }
  }
  return text;
}

std::string simulation_table() {
  const test::CsvTable table("simulation_brunel2000.csv");
  std::string text = table_header(
      {"g", "η", "rate, simulated (Hz)", "theory", "CV, simulated", "theory", "unstable modes"});
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "population") != "E") continue;
    const Network network = brunel(table.number(row, "g"), table.number(row, "eta"));
    const StationaryState state = solve_stationary(network).state;
    const StabilityReport report = stability(network, state);
    text += table_row(
        {table.text(row, "g"), table.text(row, "eta"),
         fmt::format("{:.2f}", table.number(row, "rate")), fmt::format("{:.2f}", state.rates[0]),
         fmt::format("{:.3f}", table.number(row, "cv")), fmt::format("{:.3f}", state.cv[0]),
         report.unstable_modes ? std::to_string(*report.unstable_modes) : "undecided"});
  }
  return text;
}

std::string report() {
  return "# Stability and spectra: figures\n"
         "Written by tools/stability_report.cc; [stability.md](stability.md) says what they "
         "mean.\n\n"
         "## Brunel (2000), model A: unstable modes and the rightmost one listed\n"
         "J 0.1 mV, τ_m 20 ms, t_ref 2 ms, delay 1.5 ms; `nuphi stability "
         "examples/models/brunel2000.yaml --set g=… --set eta=…`, with `--refractoriness "
         "rate_only` "
         "in the fourth column and `--no-variance-response` in the fifth.\n\n" +
         brunel_table() +
         "\n## The same for the microcircuit of Bos, Diesmann & Helias (2016)\n"
         "As published: the refractory time in the rate alone and no response to the "
         "variance.\n\n" +
         microcircuit_table() +
         "\n## Microcircuit of Bos, Diesmann & Helias (2016): highest peak of the power spectra "
         "(Hz)\n"
         "\n" +
         spectra_table() +
         "\n## Brunel (2000): simulated and computed irregularity, excitatory population\n"
         "Event-driven simulations of 10 000 + 2500 neurons.\n\n" +
         simulation_table();
}

}  // namespace

int main(int argc, char** argv) { return tools::GeneratedFiles(argc, argv).finish({report()}); }
