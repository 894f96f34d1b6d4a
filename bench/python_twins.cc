// The jobs of bench/python_cost.py in C++: processor time of each, the best of several runs.
#include <fmt/format.h>
#include <nuphi/core/siegert.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <vector>

namespace {

constexpr int kRuns = 7;

double now() {
  std::timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Seconds of one call.
template <class Job>
double best(int calls, const Job& job) {
  double shortest = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    const double start = now();
    for (int k = 0; k < calls; ++k) job();
    shortest = std::min(shortest, (now() - start) / calls);
  }
  return shortest;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: python_twins MICROCIRCUIT.yaml\n");
    return 2;
  }
  constexpr std::size_t kNeurons = 1'000'000;
  std::vector<double> mu(kNeurons), sigma(kNeurons, 5e-3), rate(kNeurons);
  for (std::size_t k = 0; k < kNeurons; ++k)
    mu[k] = 10e-3 + 20e-3 * static_cast<double>(k) / static_cast<double>(kNeurons - 1);
  const double points =
      best(1, [&] { nuphi::siegert_batch(mu, sigma, nuphi::LifParameters{}, {.rate = rate}); });
  fmt::print("points {:.6g}\n", points);

  const nuphi::Network network = nuphi::load_network(argv[1]);
  double sink = 0;
  const double solve = best(50, [&] { sink += nuphi::solve_stationary(network).state.rates[0]; });
  fmt::print("microcircuit {:.6g}\n", solve);
  const nuphi::SolveOptions warm{.initial_rates = nuphi::solve_stationary(network).state.rates};
  const double again =
      best(200, [&] { sink += nuphi::solve_stationary(network, warm).state.rates[0]; });
  fmt::print("warm {:.6g}\n", again);
  return sink > 0 ? 0 : 1;
}
