// Writes tests/data/poisson_jumps.csv: exactly simulated rates of a LIF neuron whose noise comes in
// jumps.
//
//   g++ -O3 -std=c++20 tools/reference/poisson_jumps.cc -o poisson_jumps && ./poisson_jumps >
//   tests/data/poisson_jumps.csv
//
// Event by event: between two jumps the potential decays to its constant drive, which is what the
// mean input of the jumps leaves of μ; where that lies above threshold the crossing is calculated.
// No step, no systematic error. Excitatory and inhibitory jumps make up the shares of σ². The
// standard error is that of a renewal process, CV/√spikes. Deterministic, about 15 minutes.
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace {

constexpr double kTau = 20e-3, kRefractory = 2e-3, kThreshold = 20e-3, kReset = 10e-3;
constexpr double kMostEvents = 2e9, kMostSpikes = 20000;

struct Case {
  double mu = 0, sigma = 0;  // [mV]
  double excitatory = 0;     // size of the jumps [mV], 0: none
  double inhibitory = 0;     // [mV], ≤ 0
  double share = 1;          // of σ² that is excitatory
};

constexpr Case kCases[] = {
    // far below threshold
    {12, 3, 0.1, 0, 1},
    {12, 3, 0.2, 0, 1},
    {12, 3, 0.5, 0, 1},
    {12, 3, 1, 0, 1},
    {12, 3, 0, -0.1, 0},
    {12, 3, 0, -0.2, 0},
    {12, 3, 0, -0.5, 0},
    {12, 3, 0.1, -0.1, 0.5},
    // below
    {15, 3, 0.1, 0, 1},
    {15, 3, 0.5, 0, 1},
    {15, 3, 2, 0, 1},
    {15, 3, 0.1, -0.5, 0.138},
    {15, 3, 0.3, -1.5, 0.138},
    // near threshold, where the two effects cancel
    {16.3, 4, 1, 0, 1},
    {16.3, 4, 2, 0, 1},
    {16.3, 4, 4, 0, 1},
    {17, 4, 0.25, -0.25, 0.5},
    {17, 4, 1, -1, 0.5},
    {17, 4, 0.1, -0.5, 0.138},
    {17, 4, 0.4, -2, 0.138},
    // above
    {25, 3, 0.5, 0, 1},
    {25, 3, 2, 0, 1},
    {25, 3, 0.2, -1, 0.138},
    {25, 3, 1, -1, 0.5},
    {25, 3, 0.2, 0, 1},
};

struct Result {
  double rate = 0, standard_error = 0;
};

Result simulate(const Case& c, unsigned seed) {
  const double sigma = c.sigma * 1e-3, up = c.excitatory * 1e-3, down = c.inhibitory * 1e-3;
  const double per_variance = sigma * sigma / kTau;
  const double up_rate = up > 0 ? c.share * per_variance / (up * up) : 0;
  const double down_rate = down < 0 ? (1 - c.share) * per_variance / (down * down) : 0;
  const double rate = up_rate + down_rate, chance_up = up_rate / rate;
  const double drive = c.mu * 1e-3 - kTau * (up_rate * up + down_rate * down);
  std::uint64_t state = seed * 0x2545f4914f6cdd1dULL;
  const auto uniform = [&] {  // splitmix64
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return (static_cast<double>((z ^ (z >> 31U)) >> 11U) + 0.5) * 0x1p-53;
  };
  double v = kReset, t = 0, last = 0, sum = 0, squares = 0,
         spikes = -20;  // the first are forgotten
  for (double events = 0; events < kMostEvents && spikes < kMostSpikes; ++events) {
    const double exponent = std::log(uniform());  // the wait is −exponent/rate
    const double before = drive + (v - drive) * std::exp(exponent / (rate * kTau));
    double spike = -1;
    if (drive > kThreshold && before >= kThreshold) {
      spike = t + kTau * std::log((drive - v) / (drive - kThreshold));
    } else {
      t -= exponent / rate;
      v = before + (uniform() < chance_up ? up : down);
      if (v >= kThreshold) spike = t;
    }
    if (spike < 0) continue;
    t = spike + kRefractory;  // Poisson input has no memory: the next wait starts here
    const double interval = t - last;
    last = t;
    v = kReset;
    if (++spikes <= 0) continue;
    sum += interval;
    squares += interval * interval;
  }
  const double mean = sum / spikes;
  const double cv = std::sqrt(squares / spikes - mean * mean) / mean;
  return {1 / mean, cv / std::sqrt(spikes) / mean};
}

}  // namespace

int main() {
  std::printf(
      "# Rates of a LIF neuron whose noise comes in Poisson jumps, simulated event by event; SI "
      "units.\n"
      "# tau_m 20 ms, t_ref 2 ms, V_th 20 mV, V_reset 10 mV; `share` of sigma^2 comes in jumps of "
      "size `excitatory`, the rest in `inhibitory` ones.\n"
      "# rate_se: standard error. tools/reference/poisson_jumps.cc\n"
      "mu,sigma,excitatory,inhibitory,share,rate,rate_se\n");
  unsigned seed = 1;
  for (const Case& c : kCases) {
    const Result r = simulate(c, seed++);
    std::printf("%.17g,%.17g,%.17g,%.17g,%.17g,%.6g,%.3g\n", c.mu * 1e-3, c.sigma * 1e-3,
                c.excitatory * 1e-3, c.inhibitory * 1e-3, c.share, r.rate, r.standard_error);
    std::fflush(stdout);
  }
}
