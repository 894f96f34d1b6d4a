// Time of the dynamic response, and of population spectra.
//
// response_scalar and response_batch give δν/δμ, δν/δσ², ln f and the interval's transform: one
// frequency at a call, and 300 at a call with the best instruction set of the processor. A regime
// is a working point; frequencies are 0.5 to 600 Hz unless its name says otherwise. Counter
// ns_per_value. population_spectra: 8 populations × 300 frequencies from a network's state.
#include <benchmark/benchmark.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <cmath>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace nuphi;
using namespace nuphi::units;

constexpr std::size_t kFrequencies = 300;
constexpr LifParameters kNeuron{
    .tau_m = 10 * ms, .t_ref = 2 * ms, .V_th = 15 * mV, .V_reset = 0, .tau_syn = 0.5 * ms};

struct Regime {
  const char* name;
  double mu, sigma;
  double first = 0.5, last = 600;  ///< [Hz]
};
constexpr Regime kRegimes[] = {
    {"cortical", 8 * mV, 5 * mV},        {"mean_driven", 25 * mV, 2 * mV},
    {"noise_driven", 2 * mV, 8 * mV},    {"weak_noise", 18 * mV, 0.3 * mV},
    {"inhibited", -15 * mV, 3 * mV},     {"wide_noise", 5 * mV, 60 * mV},
    {"near_threshold", 15 * mV, 1 * mV}, {"slow", 8 * mV, 5 * mV, 1e-3, 0.5},
    {"fast", 8 * mV, 5 * mV, 600, 5e4},
};

std::vector<double> frequencies_of(const Regime& regime) {
  std::vector<double> omega;
  for (std::size_t k = 0; k < kFrequencies; ++k) {
    const double share = static_cast<double>(k) / (kFrequencies - 1);
    omega.push_back(2 * std::numbers::pi * (regime.first + share * (regime.last - regime.first)));
  }
  return omega;
}

void per_value(benchmark::State& state) {
  state.counters["ns_per_value"] =
      benchmark::Counter(1e-9 * kFrequencies, benchmark::Counter::kIsIterationInvariantRate |
                                                  benchmark::Counter::kInvert);
}

void response_scalar(benchmark::State& state, const Regime& regime) {
  const std::vector<double> omega = frequencies_of(regime);
  const DynamicResponse response(regime.mu, regime.sigma, kNeuron);
  for (auto _ : state)
    for (const double w : omega) benchmark::DoNotOptimize(response.at_frequency(w));
  per_value(state);
}

void response_batch(benchmark::State& state, const Regime& regime) {
  const std::vector<double> omega = frequencies_of(regime);
  const DynamicResponse response(regime.mu, regime.sigma, kNeuron);
  std::vector<LinearResponse> out(kFrequencies);
  for (auto _ : state) {
    response.at_frequencies(omega, out);
    benchmark::DoNotOptimize(out.data());
  }
  per_value(state);
}

/// With δν/δμ and δν/δσ² of each population and the cross spectra; `all`: eigenvalues and the
/// sensitivity of the mode nearest to 1 at every frequency as well.
void population_spectra(benchmark::State& state, bool all) {
  const Network network = potjans_diesmann2014();
  const StationaryResult result = solve_stationary(network);
  if (!result.converged()) throw std::runtime_error("no stationary state");
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(kFrequencies, 1, 300);
  SpectraOptions options;
  for (auto _ : state) {
    const Spectra found = spectra(network, result.state, frequencies, options);
    benchmark::DoNotOptimize(found.power.data());
    if (!all) continue;
    for (const Eigen::MatrixXcd& matrix : found.effective_connectivity)
      benchmark::DoNotOptimize(mode_sensitivities(matrix));
  }
}
BENCHMARK_CAPTURE(population_spectra, response_and_power, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(population_spectra, all, true)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  for (const Regime& regime : kRegimes) {
    benchmark::RegisterBenchmark((std::string("response_scalar/") + regime.name).c_str(),
                                 response_scalar, regime);
    benchmark::RegisterBenchmark((std::string("response_batch/") + regime.name).c_str(),
                                 response_batch, regime);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
