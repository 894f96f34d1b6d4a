// Writes tests/data/two_time_constants.csv: rates of LIF neurons whose noise passes synapses of two
// time constants, by simulation; for the effective time constant of effective_filter().
//
//   g++ -O3 -std=c++20 tools/reference/two_time_constants.cc -o two_time_constants &&
//   ./two_time_constants > tests/data/two_time_constants.csv
//
//   τ_m dV = (−V + μ + I_1 + I_2) dt,   τ_k dI_k = −I_k dt + σ_k √τ_m dW_k
// The currents are stepped exactly, the membrane as if they were straight in between; with steps of
// a 25th of the shorter time constant that errs by less than 1e-3 of the rate, as do paths that
// touch the threshold within a step. The currents go on during the refractory time. Deterministic;
// about three minutes.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

namespace {

constexpr double kTauM = 20, kRefractory = 2, kThreshold = 20, kReset = 10;  // ms, mV
constexpr int kSpikes = 150000;

struct Case {
  double mu, sigma, share_1, tau_1, tau_2;
};

struct Estimate {
  double rate, standard_error;  // Hz
};

Estimate simulate(const Case& c, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const double step = kRefractory / std::ceil(kRefractory / (std::min(c.tau_1, c.tau_2) / 25));
  const std::array<double, 2> tau = {c.tau_1, c.tau_2};
  const std::array<double, 2> share = {c.share_1, 1 - c.share_1};
  std::array<double, 2> decay{}, spread{}, kick{}, current{};
  for (int k = 0; k < 2; ++k) {
    spread[k] = c.sigma * std::sqrt(share[k] * kTauM / (2 * tau[k]));
    decay[k] = std::exp(-step / tau[k]);
    kick[k] = spread[k] * std::sqrt(1 - decay[k] * decay[k]);
    current[k] = spread[k] * normal(random);
  }
  const double leak = std::exp(-step / kTauM);
  // ∫ e^{−(h−s)/τ_m} (s/h) ds/τ_m: what the current at the end of a step weighs.
  const double end = 1 - (1 - leak) * kTauM / step;
  const double begin = (1 - leak) - end;
  const int pause = static_cast<int>(std::lround(kRefractory / step));
  const auto advance = [&] {
    for (int k = 0; k < 2; ++k) current[k] = decay[k] * current[k] + kick[k] * normal(random);
    return c.mu + current[0] + current[1];
  };
  double v = kReset, input = c.mu + current[0] + current[1];
  double sum = 0, squares = 0, interval = 0;
  for (int spikes = -100; spikes < kSpikes;) {
    const double next = advance();
    const double moved = leak * v + begin * input + end * next;
    input = next;
    if (moved < kThreshold) {
      v = moved;
      interval += step;
      continue;
    }
    const double rest = step * (moved - kThreshold) / (moved - v);  // since the crossing
    interval += step - rest;
    if (spikes++ >= 0) {
      sum += interval;
      squares += interval * interval;
    }
    for (int k = 0; k < pause; ++k) input = advance();
    v = kReset;
    interval = rest + kRefractory;
  }
  const double mean = sum / kSpikes;
  const double variance = squares / kSpikes - mean * mean;
  // Intervals correlate over the longer time constant; that is short against the mean interval.
  return {1e3 / mean, 1e3 / mean * std::sqrt(variance / kSpikes) / mean};
}

}  // namespace

int main() {
  std::printf(
      "# Rates of LIF neurons with noise of two time constants, by simulation: tau_m 20 ms, t_ref "
      "2 "
      "ms, V_th 20 mV, V_reset 10 mV.\n"
      "# Written by tools/reference/two_time_constants.cc. share_1: part of the variance sigma^2 "
      "that comes with tau_1.\n"
      "mu_mV,sigma_mV,share_1,tau_1_ms,tau_2_ms,rate_Hz,rate_se_Hz\n");
  unsigned seed = 1;
  for (const double mu : {15.0, 22.0}) {
    for (const auto& [share, tau_1, tau_2] : {std::array{0.5, 0.5, 2.0},
                                              {0.5, 1.0, 5.0},
                                              {0.2, 0.5, 5.0},
                                              {0.8, 0.5, 5.0},
                                              {0.5, 2.0, 10.0}}) {
      const Case c{mu, 5, share, tau_1, tau_2};
      const Estimate e = simulate(c, seed++);
      std::printf("%g,%g,%g,%g,%g,%.5f,%.5f\n", c.mu, c.sigma, c.share_1, c.tau_1, c.tau_2, e.rate,
                  e.standard_error);
      std::fflush(stdout);
    }
  }
}
