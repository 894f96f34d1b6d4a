// Time of covariances, spectral bounds, stability, spatial modes, rate distributions and delay
// transforms.
#include <benchmark/benchmark.h>
#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/analysis/spatial.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/models/delays.h>
#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Core>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "analysis/many_populations.h"
#include "analysis/random_connectivity.h"

namespace {

using namespace nuphi;
using namespace nuphi::units;

void pairwise(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  const Eigen::MatrixXd W = test::random_connectivity(n, 100, 0.02, 5, 1);
  const Eigen::VectorXd rates = Eigen::VectorXd::Constant(n, 8),
                        cv = Eigen::VectorXd::Constant(n, 0.9);
  for (auto _ : state) benchmark::DoNotOptimize(pairwise_covariances(W, rates, cv));
}
BENCHMARK(pairwise)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

/// Dense matrices as nuphi calculates with them (nuphi/solver/linear_algebra.h), on both sides of 100 rows;
/// argument 1: complex.
void eigenvalues(benchmark::State& state) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  std::srand(1);
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n, n);
  const Eigen::MatrixXcd Z = Eigen::MatrixXcd::Random(n, n);
  for (auto _ : state) {
    if (state.range(1) == 0) {
      benchmark::DoNotOptimize(dense::eigenvalues(A));
    } else {
      benchmark::DoNotOptimize(dense::eigenvalues(Z));
    }
  }
}
BENCHMARK(eigenvalues)->ArgsProduct({{90, 254, 1000}, {0, 1}})->Unit(benchmark::kMillisecond);

void inverse(benchmark::State& state) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  std::srand(1);
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n, n);
  for (auto _ : state) benchmark::DoNotOptimize(dense::inverse(A));
}
BENCHMARK(inverse)->Arg(90)->Arg(254)->Arg(1000)->Unit(benchmark::kMillisecond);

/// 10 000 neurons with 100 inputs each; argument: the outlier of excitation leads (0), or the edge
/// of the bulk (1).
void bound(benchmark::State& state) {
  const auto W = test::random_connectivity(10000, 100, 0.02, state.range(0) == 0 ? 2 : 6, 1);
  for (auto _ : state) {
    const SpectralBound result = spectral_bound(W);
    if (!result.converged) state.SkipWithError("not converged");
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK(bound)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// 198 wave numbers of an E–I ring; argument 1: unequal times, no closed form.
void ring(benchmark::State& state) {
  SpatialRateModel model;
  model.weights.resize(2, 2);
  model.weights << 2.735, -3.419, 2.735, -3.419;
  model.tau = Eigen::Vector2d(2 * ms, state.range(0) == 0 ? 2 * ms : 3 * ms);
  model.profiles =
      per_source<SpatialProfile>({{Profile::kBoxcar, 0.2e-3}, {Profile::kBoxcar, 0.07e-3}});
  model.delays.assign(4, {DelayDistribution::kConstant, 1.5 * ms});
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(198, 1000, 99500);
  for (auto _ : state) benchmark::DoNotOptimize(spatial_stability(model, k));
}
BENCHMARK(ring)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void distribution(benchmark::State& state) {
  Network network = potjans_diesmann2014();
  for (Projection& p : network.projections)
    p.indegree_distribution = IndegreeDistribution::kPoisson;
  for (auto _ : state) benchmark::DoNotOptimize(solve_rate_distribution(network));
}
BENCHMARK(distribution)->Unit(benchmark::kMillisecond);

/// Argument: DelayDistribution, in its order.
void delay(benchmark::State& state) {
  const Delay d{static_cast<DelayDistribution>(state.range(0)), 1.5 * ms, 0.75 * ms, 1 * ms,
                2 * ms};
  double omega = 0;
  for (auto _ : state) benchmark::DoNotOptimize(delay_transform(d, {0, omega += 1}));
}
BENCHMARK(delay)->DenseRange(0, 6);

/// Argument 0: Brunel 2000, 1: microcircuit. The count of unstable modes alone.
void mode_count(benchmark::State& state) {
  const Network network = state.range(0) == 0 ? brunel2000() : potjans_diesmann2014();
  const Eigen::VectorXd rates = solve_stationary(network).state.rates;
  for (auto _ : state) benchmark::DoNotOptimize(unstable_mode_count(network, rates));
}
BENCHMARK(mode_count)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// Count, rightmost modes and critical delays up to 20 times the delays.
void full_stability(benchmark::State& state) {
  const Network network = state.range(0) == 0 ? brunel2000() : potjans_diesmann2014();
  const StationaryState at = solve_stationary(network).state;
  for (auto _ : state) benchmark::DoNotOptimize(stability(network, at));
}
BENCHMARK(full_stability)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// The count for n populations with one delay and filter.
void count_of_populations(benchmark::State& state) {
  const Network network = test::many_populations(static_cast<int>(state.range(0)), 5, 2);
  const StationaryState at = solve_stationary(network).state;
  int modes = 0;
  for (auto _ : state)
    modes = stability(network, at, {.only_count = true}).unstable_modes.value_or(-1);
  state.counters["modes"] = modes;
}
BENCHMARK(count_of_populations)
    ->Arg(2)
    ->Arg(8)
    ->Arg(40)
    ->Arg(100)
    ->Arg(254)
    ->Unit(benchmark::kMillisecond);

/// Two populations far above threshold that fire the more regularly the less noise they have.
/// Argument 0: σ of the external noise [µV]; 1: the count alone (0), or the list of modes too (1).
void regular_neurons(benchmark::State& state) {
  Neuron neuron;
  neuron.tau_m = 20 * ms;
  neuron.t_ref = 2 * ms;
  neuron.V_th = 20 * mV;
  neuron.V_reset = 10 * mV;
  const double J = 0.25e-3 * mV, sigma = static_cast<double>(state.range(0)) * 1e-6;
  Network network;
  network.populations = {{"E", PopulationKind::kExcitatory, 8000, neuron},
                         {"I", PopulationKind::kInhibitory, 2000, neuron}};
  network.inputs = {{0, NoiseInput{.mean = 30 * mV, .sigma = sigma}},
                    {1, NoiseInput{.mean = 32 * mV, .sigma = sigma}}};
  for (int target = 0; target < 2; ++target) {
    network.projections.push_back({.source = 0,
                                   .target = target,
                                   .indegree = 16000,
                                   .weight = J,
                                   .delay = Delay{.mean = 1.5 * ms}});
    network.projections.push_back({.source = 1,
                                   .target = target,
                                   .indegree = 4000,
                                   .weight = -5 * J,
                                   .delay = Delay{.mean = 2 * ms}});
  }
  const StationaryState at = solve_stationary(network).state;
  StabilityOptions options;
  options.only_count = state.range(1) == 0;
  options.max_delay_scale = 0;
  int modes = 0;
  for (auto _ : state) modes = stability(network, at, options).unstable_modes.value_or(-1);
  state.counters["modes"] = modes;
  state.counters["cv"] = at.cv.minCoeff();
}
BENCHMARK(regular_neurons)
    ->ArgsProduct({{3000, 1000, 300, 100}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

/// The curve of fast oscillations of Brunel 2000 over g and eta, 130 points.
void hopf_curve(benchmark::State& state) {
  const NetworkPlane plane = [](double g, double eta) { return brunel2000({.g = g, .eta = eta}); };
  const HopfPoint start{5.3394910501803649605, Eigen::VectorXd::Constant(2, 74.9617635834),
                        184.435901237532};
  HopfCurveOptions options;
  options.lower = {3, 0.5};
  options.upper = {8, 6};
  for (auto _ : state) benchmark::DoNotOptimize(continue_hopf(plane, start, 4.0, options));
}
BENCHMARK(hopf_curve)->Unit(benchmark::kMillisecond);

/// Argument 0: populations (2: Brunel 2000, 8: microcircuit, else pairs of Brunel's with unequal
/// shares). The Hopf search along nine states of a branch over the external rate, 0.2 % apart as in
/// `nuphi continue`; argument 1: the same states counted one by one. `a_point` is the processor
/// time of a state after the first.
void hopf_search(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  const NetworkFamily family = [n](double p) {
    if (n == 2) return brunel2000({.eta = p});
    if (n == 8) return potjans_diesmann2014({.external_rate = 4 * Hz * p});
    return test::many_populations(n, 5, p);
  };
  std::vector<ParameterState> branch;
  for (int k = 0; k < 9; ++k) {
    const double p = 2 * (1 + 0.002 * k);
    branch.push_back({p, solve_stationary(family(p)).state.rates});
  }
  const auto seconds = [&](const std::vector<ParameterState>& states) {
    const std::clock_t start = std::clock();
    if (state.range(1) == 0) {
      benchmark::DoNotOptimize(search_hopf_points(family, states));
    } else {
      for (const ParameterState& s : states)
        benchmark::DoNotOptimize(unstable_mode_count(family(s.parameter), s.rates));
    }
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  // Two states tell what the first costs, and what it costs to be ready for those that follow.
  const std::vector<ParameterState> first(branch.begin(), branch.begin() + 2);
  for (auto _ : state) {
    const double two = seconds(first), all = seconds(branch);
    state.counters["first_two"] = two;
    state.counters["a_point"] = (all - two) / static_cast<double>(branch.size() - 2);
  }
}
BENCHMARK(hopf_search)
    ->ArgsProduct({{2, 8, 12, 40, 100, 254}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
