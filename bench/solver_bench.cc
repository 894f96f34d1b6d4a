// Speed of solve_stationary() from a MeanField, state, CV and eigenvalues included.
#include <nuphi/models/canonical.h>
#include <nuphi/rates/stationary.h>

#include <benchmark/benchmark.h>

#include <cstdlib>

#include "rates/networks.h"
#include "rates/reference_networks.h"

namespace {

void solve(benchmark::State& state, const nuphi::MeanField& field, nuphi::Method method) {
  nuphi::SolveOptions options;
  options.method = method;
  nuphi::StationaryResult result;
  double seconds = 0;
  for (auto _ : state) {
    result = nuphi::solve_stationary(field, options);
    benchmark::DoNotOptimize(result.state.rates.data());
    seconds += result.summary.seconds;
  }
  if (!result.converged()) state.SkipWithError(result.summary.message.c_str());
  state.counters["evaluations"] = result.summary.evaluations;
  state.counters["factorizations"] = result.summary.factorizations;
  state.counters["solve_us"] =
      benchmark::Counter(1e6 * seconds / static_cast<double>(state.iterations()));
}

void brunel2000(benchmark::State& state) {
  solve(state, nuphi::test::brunel2000_field(5, 2), nuphi::Method::kAuto);
}
BENCHMARK(brunel2000)->Unit(benchmark::kMicrosecond);

void microcircuit(benchmark::State& state) {
  solve(state, nuphi::mean_field(nuphi::potjans_diesmann2014()), nuphi::Method::kAuto);
}
BENCHMARK(microcircuit)->Unit(benchmark::kMicrosecond);

void microcircuit_newton(benchmark::State& state) {
  solve(state, nuphi::mean_field(nuphi::potjans_diesmann2014()), nuphi::Method::kNewton);
}
BENCHMARK(microcircuit_newton)->Unit(benchmark::kMicrosecond);

// 254 populations, where the reference data is at hand: NUPHI_REFERENCE names the folder, beside
// the project by default. All of solve_stationary(), the eigenvalues (about half of it) included;
// solve_us is the time to the rates alone.
void multi_area(benchmark::State& state, nuphi::Method method) {
  const char* folder = std::getenv("NUPHI_REFERENCE");
  const std::filesystem::path path =
      std::filesystem::path(folder != nullptr ? folder : "../shared/reference") /
      "networks/multi_area_ground.json";
  if (!std::filesystem::exists(path)) {
    state.SkipWithError("no reference data: set NUPHI_REFERENCE");
    return;
  }
  const nuphi::MeanField field =
      nuphi::test::multi_area_field(nuphi::test::read_json(path).at("inputs"));
  solve(state, field, method);
}
BENCHMARK_CAPTURE(multi_area, auto, nuphi::Method::kAuto) -> Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(multi_area, relaxation, nuphi::Method::kRelaxation)
    ->Unit(benchmark::kMillisecond);

}  // namespace
