#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "commands.h"
#include "covariances_report.h"
#include "ending.h"
#include "files.h"
#include "frequencies.h"
#include "printable.h"
#include "signals.h"
#include "stop_on_interrupt.h"

namespace nuphi::runner {
namespace {

constexpr Eigen::Index kLargestForCovariances = 5000;  // their matrices are dense

bool all_single(const Network& network) {
  return std::all_of(network.populations.begin(), network.populations.end(),
                     [](const Population& p) { return p.size == 1; });
}

NoiseModel noise_of(const std::string& name) {
  if (name == "renewal") return NoiseModel::kRenewal;
  if (name == "poisson") return NoiseModel::kPoisson;
  throw UsageError(fmt::format("--noise \"{}\": allowed are renewal, poisson", name));
}

void find_bound(CovarianceReport& report) {
  const MeanField field = mean_field(report.model.network);
  report.bound = spectral_bound(sparse_effective_connectivity(field, report.state));
  if (field.size() <= kLargestForCovariances)
    report.connectivity = effective_connectivity(field, report.state);
}

/// What forbids covariances; empty when nothing does.
std::string obstacle(const CovarianceReport& report) {
  if (!report.bound.converged) {
    return "the effective connectivity has no spectral bound: it is not finite, or the Arnoldi "
           "iteration did not settle";
  }
  if (!(report.bound.eigenvalue.real() < 1)) {
    return fmt::format(
        "the spectral bound {:.6g} is not below 1: fluctuations grow, there are no covariances",
        report.bound.eigenvalue.real());
  }
  const auto n = static_cast<Eigen::Index>(report.model.network.populations.size());
  if (n > kLargestForCovariances) {
    return fmt::format(
        "covariances of {} entries are not formed: their matrices are dense (at "
        "most {})",
        n, kLargestForCovariances);
  }
  const StationaryState& state = report.state;
  if (report.noise == "renewal" && (state.cv.array().isNaN() && state.rates.array() > 0).any()) {
    return "the CV is not known with this correction, and renewal noise needs it: use --noise "
           "poisson";
  }
  return "";
}

void find_covariances(CovarianceReport& report, const Eigen::VectorXd& frequencies) {
  const Network& network = report.model.network;
  const NoiseModel noise = noise_of(report.noise);
  report.covariances = population_covariances(network, report.state, noise);
  if (frequencies.size() > 0)
    report.spectra =
        covariance_spectra(network, report.state, frequencies, noise, {}, stop_requested());
  if (report.covariances->noise_strength.minCoeff() < 0) {
    report.verdict.notes.push_back(
        {"negative-noise",
         "a noise strength is negative: no linear model has these autocovariances",
         {}});
  }
}

/// The stationary state without covariances.
std::string so_far(const Model& model, const StationaryResult& result, Format format) {
  if (format == Format::kJson)
    return dump(state_so_far(model, result.state, "nuphi-covariances/1"));
  const std::string text = "partial: interrupted before the covariances were there\n";
  return format == Format::kCsv ? "# " + text + csv_metadata(model, result.summary)
                                : text + state_table(model, result.state);
}

}  // namespace

int run_covariances(const CovariancesArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv});
  (void)noise_of(arguments.noise);
  const Eigen::VectorXd frequencies =
      arguments.frequencies.empty() ? Eigen::VectorXd() : frequencies_of(arguments.frequencies);
  CovarianceReport report;
  report.model = load(arguments.model);
  report.noise = arguments.noise;
  report.frequencies = arguments.frequencies;
  OutputFile file(arguments.output);
  SolveOptions solve = report.model.solve;
  solve.find = Find::kOne;
  if (!arguments.initial.empty())
    solve.initial_rates = read_initial_rates(arguments.initial, report.model.network);
  const StationaryResult result = solve_stationary(report.model.network, solve, stop_on_signals());
  if (!result.converged()) return no_state(result.summary, "to expand about");
  keep_so_far(arguments.output, so_far(report.model, result, format));
  report.summary = result.summary;
  report.state = result.state;
  report.verdict = verdict_of(report.model.network, report.state);
  report.of_neurons = all_single(report.model.network);
  find_bound(report);
  const std::string why_not = obstacle(report);
  if (why_not.empty()) {
    // With its delays the network may be unstable although the bound is below 1.
    if (std::optional<Note> note = unstable_state_note(report.verdict.delays, "covariances"))
      report.verdict.notes.push_back(std::move(*note));
    find_covariances(report, frequencies);
  } else {
    report.verdict.notes.push_back({"no-covariances", why_not, {}});
    if (format != Format::kTable) print_error(fmt::format("note: {}\n", why_not));
  }
  const bool partial = report.spectra && report.spectra->frequencies.size() < frequencies.size();
  begin_ending();
  if (format == Format::kCsv) {
    return finish(file, frequencies.size() > 0 ? spectra_csv(report) : to_csv(report), partial);
  }
  if (format != Format::kJson) return finish(file, to_text(report), partial);
  Json json = to_json(report);
  if (partial) json["partial"] = true;
  return finish(file, dump(json), partial);
}

}  // namespace nuphi::runner
