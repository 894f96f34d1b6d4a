// How solve_stationary() scales: a table over the number of populations, each row from a process of
// its own, so that its peak of memory is its own too.
//   bench_size [kind = all] [largest = 1000000]
// Kinds: random (100 inputs each, to 100 000), ring and sheet (kernels by Fourier transform, two
// populations at each place).
#include <nuphi/rates/stationary.h>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "rates/large_networks.h"

namespace {

constexpr long kLargestRandom = 100000;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Nothing but factors 2, 3 and 5: quick Fourier transforms.
bool is_smooth(long side) {
  for (const long p : {2, 3, 5}) {
    while (side % p == 0) side /= p;
  }
  return side == 1;
}

nuphi::MeanField field_of(const std::string& kind, long n) {
  if (kind == "random") return nuphi::test::random_large_field(n);
  if (kind == "ring") return nuphi::test::kernel_field({n / 2, 1});
  long side = 1;
  while (side * side < n / 2 || !is_smooth(side)) ++side;
  return nuphi::test::kernel_field({side, side});
}

void row(const std::string& kind, long n) {
  const double begin = now();
  const nuphi::MeanField field = field_of(kind, n);
  const double built = now();
  const nuphi::StationaryResult result = nuphi::solve_stationary(field);
  const double done = now();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto& s = result.summary;
  fmt::print(
      "{:<7} {:>8} {:>9.3f} {:>9.3f} {:>6} {:>6} {:>7} {:>8.1e} {:>8.1e} {:>9} {:>9.1f}  {}\n",
      kind, field.size(), built - begin, done - built, s.iterations.size(), s.evaluations,
      s.krylov_iterations, result.state.residual, result.state.error_estimate.maxCoeff(),
      !result.state.rate_dynamics_stable   ? "undecided"
      : *result.state.rate_dynamics_stable ? "stable"
                                           : "unstable",
      static_cast<double>(usage.ru_maxrss) / 1024, nuphi::to_string(s.termination));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "all";
  const long largest = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1000000;
  fmt::print("{:<7} {:>8} {:>9} {:>9} {:>6} {:>6} {:>7} {:>8} {:>8} {:>9} {:>9}\n", "kind", "n",
             "build s", "solve s", "steps", "evals", "Krylov", "residual", "error Hz", "stability",
             "peak MiB");
  for (const char* each : {"random", "ring", "sheet"}) {
    if (kind != "all" && kind != each) continue;
    for (long n = 100; n <= largest; n *= 10) {
      if (std::string(each) == "random" && n > kLargestRandom) break;
      std::fflush(stdout);
      const pid_t child = fork();
      if (child < 0) return 1;
      if (child == 0) {
        row(each, n);
        std::fflush(stdout);
        _exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (status != 0) fmt::print("{:<7} {:>8} failed\n", each, n);
    }
  }
  return 0;
}
