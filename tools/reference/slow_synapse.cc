// Writes tests/data/slow_synapse.csv: simulated rates of a LIF neuron with slow synapses.
//
//   g++ -O3 -std=c++20 tools/reference/slow_synapse.cc -o slow_synapse && ./slow_synapse >
//   tests/data/slow_synapse.csv
//
// τ_m dV = (−V + I)dt, τ_s dI = −(I − μ)dt + σ√τ_m dW, I goes on during the refractory time. (V, I)
// has Gaussian increments, drawn exactly on a grid of 0.1 ms; V is smooth, and the crossing of the
// threshold is interpolated. The standard error comes from 100 blocks. Deterministic.
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

namespace {

struct Neuron {
  double tau_m = 20e-3, t_ref = 2e-3, v_th = 20e-3, v_reset = 10e-3;
};

struct Estimate {
  double rate = 0;
  double standard_error = 0;
};

Estimate simulate(double mu, double sigma, double tau_s, const Neuron& n, double duration,
                  unsigned seed) {
  constexpr double kStep = 1e-4;
  constexpr int kBlocks = 100;
  const double em = std::exp(-kStep / n.tau_m), es = std::exp(-kStep / tau_s);
  const double variance = sigma * sigma * n.tau_m / (2 * tau_s);
  // V(t + h) = em V + gain (I − μ) + μ(1 − em) + noise, for the current's deviation from μ. Equal
  // time constants would divide by zero and are not used.
  const double gain = (es - em) * tau_s / (tau_s - n.tau_m);
  // Covariance of the noise by integrating its response to dW.
  double vv = 0, vi = 0;
  const double sd_i = std::sqrt(variance * (1 - es * es));
  constexpr int kSub = 4000;
  for (int k = 0; k < kSub; ++k) {
    const double s = (k + 0.5) / kSub * kStep;
    const double response =
        (std::exp(-s / tau_s) - std::exp(-s / n.tau_m)) * tau_s / (tau_s - n.tau_m);
    vv += response * response * kStep / kSub;
    vi += response * std::exp(-s / tau_s) * kStep / kSub;
  }
  const double noise = 2 * variance / tau_s;
  vv *= noise;
  vi *= noise;
  const double on_i = vi / sd_i, alone = std::sqrt(std::fmax(0, vv - on_i * on_i));

  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  double i = std::sqrt(variance) * normal(random), v = n.v_reset, silent = 0;
  std::array<double, kBlocks> spikes{};
  const auto steps = static_cast<long>(duration / kBlocks / kStep);
  for (int block = -1; block < kBlocks; ++block) {  // the first is forgotten
    for (long k = 0; k < steps; ++k) {
      const double a = normal(random), b = normal(random);
      const double before = v, current = i;
      i = es * i + sd_i * a;
      if (silent >= kStep) {
        silent -= kStep;
        continue;
      }
      if (silent > 0) {  // released inside the step
        const double left = kStep - silent;
        silent = 0;
        v = n.v_reset + (mu + 0.5 * (i + current) - n.v_reset) * -std::expm1(-left / n.tau_m);
        continue;
      }
      v = em * v + gain * current + mu * (1 - em) + on_i * a + alone * b;
      if (v < n.v_th) continue;
      const double fraction = (n.v_th - before) / (v - before);
      silent = n.t_ref - (1 - fraction) * kStep;
      v = n.v_reset;
      if (block >= 0) ++spikes[static_cast<std::size_t>(block)];
    }
  }
  Estimate e;
  double square = 0;
  for (const double count : spikes)
    e.rate += count / (static_cast<double>(steps) * kStep * kBlocks);
  for (const double count : spikes) {
    const double deviation = count / (static_cast<double>(steps) * kStep) - e.rate;
    square += deviation * deviation;
  }
  e.standard_error = std::sqrt(square / (kBlocks - 1.0) / kBlocks);
  return e;
}

}  // namespace

int main() {
  const Neuron n;
  std::printf(
      "# Simulated rate of a LIF neuron whose input noise is filtered by slow synapses, SI units.\n"
      "# Written by tools/reference/slow_synapse.cc. s = sigma sqrt(tau_m/(2 tau_syn)) is 3 mV "
      "throughout.\n"
      "mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,rate,rate_se\n");
  unsigned seed = 1;
  for (const double tau_s : {5e-3, 10e-3, 19.9e-3, 40e-3, 100e-3, 200e-3}) {
    for (const double mu : {14e-3, 19e-3, 26e-3}) {
      const double sigma = 3e-3 * std::sqrt(2 * tau_s / n.tau_m);
      const Estimate e = simulate(mu, sigma, tau_s, n, 4e5 * tau_s, seed++);
      std::printf("%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g,%.8g,%.3g\n", mu, sigma, n.v_th,
                  n.v_reset, n.tau_m, n.t_ref, tau_s, e.rate, e.standard_error);
      std::fflush(stdout);
    }
  }
  // A case of the finer simulation in tests/data/simulation_b.csv, to be compared by eye:
  // 0.4682(18) Hz.
  const Estimate e = simulate(10.13e-3, 6e-3, 5e-3, n, 4e4, 99);
  std::fprintf(stderr, "check: %.4f +- %.4f Hz\n", e.rate, e.standard_error);
}
