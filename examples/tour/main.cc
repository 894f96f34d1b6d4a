// The library from one neuron to bifurcations, a function each; docs/cpp.md explains it.
#include <fmt/format.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <cstdlib>
#include <string>
#include <vector>

using namespace nuphi::units;

namespace {

void print(const std::string& what, double value) { fmt::print("{},{:.12g}\n", what, value); }

void show_neuron() {
  const nuphi::LifParameters neuron = {
      .tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV};
  const nuphi::SiegertRate at = nuphi::siegert(21 * mV, 7.7 * mV, neuron);
  print("neuron: rate [Hz]", at.rate);
  print("neuron: gain [Hz/mV]", at.drate_dmu * mV);
}

nuphi::StationaryState stationary(const nuphi::Network& network) {
  const nuphi::StationaryResult result = nuphi::solve_stationary(network);
  if (!result.converged()) {
    fmt::print(stderr, "{}\n", result.summary.full_report());
    std::exit(4);
  }
  return result.state;
}

void show_all_states(const nuphi::Network& network) {
  const nuphi::StationarySet found = nuphi::find_stationary_states(network);
  for (const nuphi::StationaryState& state : found.states)
    print("state: rate [Hz]", state.rates[0]);
}

void show_stability(const nuphi::Network& network, const nuphi::StationaryState& state) {
  const nuphi::StabilityReport report = nuphi::stability(network, state);
  if (!report.stable) fmt::print(stderr, "undecided: {}\n", report.reason);
  print("stability: unstable modes", report.unstable_modes.value_or(-1));
  if (report.modes.empty()) return;
  print("stability: growth rate [1/s]", report.modes.front().growth_rate());
  print("stability: frequency [Hz]", report.modes.front().frequency());
}

void show_spectra(const nuphi::Network& network, const nuphi::StationaryState& state) {
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(4, 0, 300);  // [Hz]
  const nuphi::Spectra found = nuphi::spectra(network, state, frequencies);
  for (Eigen::Index k = 0; k < frequencies.size(); ++k)
    print(fmt::format("spectra: power of E at {} Hz [Hz]", frequencies[k]), found.power(k, 0));
}

void show_sensitivity(const nuphi::Network& network, const nuphi::StationaryState& state) {
  for (const nuphi::ParameterSensitivity& p : nuphi::entry_sensitivities(network, state.rates))
    if (p.name == "weight[E<-I]") print("sensitivity: dν_E/dJ_EI [Hz/mV]", p.drate[0] * mV);
}

/// Folds along the external rate, in units of the threshold rate.
void show_branch() {
  const auto field = [](double eta) {
    return nuphi::mean_field(nuphi::brunel2000({.g = 3.5, .eta = eta}));
  };
  nuphi::ContinuationOptions options;
  options.lower = 0.3;
  options.upper = 1.3;
  options.direction = nuphi::BranchDirection::kDecreasing;
  const nuphi::StationaryBranch found = nuphi::continue_stationary(field, options);
  for (const nuphi::SpecialPoint& special : found.branch.special_points)
    print(fmt::format("branch: eta of {}", to_string(special.kind)), special.point.parameter);
}

/// Hopf points of the network with delays along the inhibition.
void show_hopf_points() {
  const auto network = [](double g) { return nuphi::brunel2000({.g = g, .eta = 0.9}); };
  const auto field = [&](double g) { return nuphi::mean_field(network(g)); };
  nuphi::ContinuationOptions options;
  options.lower = 3.7;
  options.upper = 5;
  const nuphi::StationaryBranch found = nuphi::continue_stationary(field, options);
  std::vector<nuphi::ParameterState> states;
  for (const nuphi::BranchPoint& point : found.branch.points)
    states.push_back({point.parameter, point.x});
  for (const nuphi::HopfPoint& hopf : nuphi::find_hopf_points(network, states)) {
    print("hopf: g", hopf.parameter);
    print("hopf: frequency [Hz]", hopf.frequency);
  }
}

}  // namespace

int main() {
  fmt::print("what,value\n");
  show_neuron();
  const nuphi::Network network = nuphi::brunel2000({.g = 5, .eta = 2});
  const nuphi::StationaryState state = stationary(network);
  print("stationary: rate [Hz]", state.rates[0]);
  show_all_states(nuphi::brunel2000({.g = 3.5, .eta = 0.7}));
  show_stability(network, state);
  show_spectra(network, state);
  show_sensitivity(network, state);
  show_branch();
  show_hopf_points();
  return 0;
}
