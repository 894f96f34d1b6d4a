// Writes tests/data/modulated_neurons.csv: the linear response of LIF neurons with exponential
// synapses to a modulated mean and variance of their input, by simulation; for exact_response().
//
//   g++ -O3 -march=native -std=c++20 tools/reference/modulated_neurons.cc -o modulated_neurons &&
//   ./modulated_neurons > tests/data/modulated_neurons.csv
//
//   τ_m dV = (−V + μ + Σ a_k cos ω_k t + I) dt,   τ_s dI = −I dt + σ √(1 + Σ b_k cos ω'_k t) √τ_m dW
// The current is stepped exactly but for the change of its amplitude within a step, the membrane as
// if the current were straight in between; with steps of a 25th of τ_s, of 0.1 ms at most, that errs by less than 1e-3
// of the rate, as do paths that touch the threshold within a step. The current goes on during the
// refractory time. All twelve modulations at once, of whole hertz, none the sum or difference of two
// others, so that what is of second order in them falls elsewhere; each changes the rate by about 6 %.
// Normal numbers are sums of four uniform ones: of the current, which adds up 25 of them within τ_s,
// the fourth cumulant is −0.01. Standard errors from stretches of 1 s. Deterministic; some minutes.
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <utility>
#include <vector>

namespace {

constexpr int kNeurons = 512;
constexpr int kFrequencies = 6;
constexpr double kChange = 0.06;  // of the rate, by each modulation
constexpr std::array<double, kFrequencies> kOfMean = {4, 10, 34, 83, 140, 297};
constexpr std::array<double, kFrequencies> kOfVariance = {3, 12, 36, 76, 142, 315};

using Complex = std::complex<double>;

struct Case {
  double mu, sigma, tau_m, t_ref, V_th, V_reset, tau_s;  // mV, ms
  double spikes;                                         // to wait for
};

struct Lanes {
  alignas(64) std::array<std::uint64_t, kNeurons> random;
  alignas(64) std::array<double, kNeurons> V, I, moved;
  alignas(64) std::array<double, kNeurons> wait;  // steps until the release
};

/// About normal: mean 0, variance 1.
inline double normal(std::uint64_t bits) {
  const double sum = static_cast<double>(static_cast<std::int32_t>(bits & 0xffff)) +
                     static_cast<double>(static_cast<std::int32_t>(bits >> 16 & 0xffff)) +
                     static_cast<double>(static_cast<std::int32_t>(bits >> 32 & 0xffff)) +
                     static_cast<double>(static_cast<std::int32_t>(bits >> 48));
  return (sum - 2 * 65535.0) * (1 / (65536.0 * 0.57735026918962576));
}

struct Step {
  double leak, begin, end, decay, kick;
};

/// All neurons by one step. @return whether one is at the threshold
bool advance(Lanes& n, const Step& s, double drive, double kick, double V_th) {
  int crossed = 0;
  for (int i = 0; i < kNeurons; ++i) {
    std::uint64_t r = n.random[i];
    r ^= r << 13;
    r ^= r >> 7;
    r ^= r << 17;
    n.random[i] = r;
    const double current = s.decay * n.I[i] + kick * normal(r);
    const double moved = s.leak * n.V[i] + drive + s.begin * n.I[i] + s.end * current;
    n.I[i] = current;
    n.moved[i] = n.wait[i] > 0 ? n.V[i] : moved;
    n.wait[i] = n.wait[i] > 0 ? n.wait[i] - 1 : 0;
    crossed += n.moved[i] >= V_th ? 1 : 0;
  }
  return crossed > 0;
}

/// What is first guessed for the responses, so that each modulation changes the rate by kChange.
struct Amplitudes {
  std::array<double, kFrequencies> mean, variance;
};

struct Sums {
  std::array<Complex, 2 * kFrequencies> phases{};
  double spikes = 0;
};

class Simulation {
 public:
  Simulation(const Case& c, const Amplitudes& a, std::uint64_t seed) : c_(c), a_(a) {
    per_second_ = static_cast<int>(std::ceil(1000 / std::min(c.tau_s / 25, 0.1)));
    dt_ = 1000.0 / per_second_;
    step_.leak = std::exp(-dt_ / c.tau_m);
    step_.end = 1 - (1 - step_.leak) * c.tau_m / dt_;
    step_.begin = (1 - step_.leak) - step_.end;
    step_.decay = std::exp(-dt_ / c.tau_s);
    step_.kick =
        c.sigma * std::sqrt(c.tau_m / (2 * c.tau_s)) * std::sqrt(1 - step_.decay * step_.decay);
    std::uint64_t x = seed;
    for (int i = 0; i < kNeurons; ++i) {
      for (int k = 0; k < 4; ++k) {  // splitmix64
        x += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = x;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        n_.random[i] = z ^ (z >> 31);
      }
      n_.V[i] = c.V_reset + (c.V_th - c.V_reset) * i / kNeurons;
      n_.I[i] = n_.wait[i] = 0;
    }
  }

  Sums second() {
    Sums sums;
    for (int s = 0; s < per_second_; ++s) {
      const double middle = 1e-3 * dt_ * (s + 0.5);
      double mean = c_.mu, variance = 1;
      for (int k = 0; k < kFrequencies; ++k) {
        mean += a_.mean[k] * std::cos(2 * std::numbers::pi * kOfMean[k] * middle);
        variance += a_.variance[k] * std::cos(2 * std::numbers::pi * kOfVariance[k] * middle);
      }
      const double kick = step_.kick * std::sqrt(variance);
      if (advance(n_, step_, (1 - step_.leak) * mean, kick, c_.V_th)) spikes(s, sums);
      std::swap(n_.V, n_.moved);
    }
    return sums;
  }

 private:
  void spikes(int s, Sums& sums) {
    for (int i = 0; i < kNeurons; ++i) {
      if (n_.moved[i] < c_.V_th) continue;
      const double part = (c_.V_th - n_.V[i]) / (n_.moved[i] - n_.V[i]);
      const double time = 1e-3 * dt_ * (s + part);
      n_.moved[i] = c_.V_reset;
      n_.wait[i] = std::floor(c_.t_ref / dt_ - (1 - part) + 0.5);
      sums.spikes += 1;
      for (int k = 0; k < kFrequencies; ++k) {
        sums.phases[k] += std::polar(1.0, -2 * std::numbers::pi * kOfMean[k] * time);
        sums.phases[kFrequencies + k] +=
            std::polar(1.0, -2 * std::numbers::pi * kOfVariance[k] * time);
      }
    }
  }

  Case c_;
  Amplitudes a_;
  int per_second_;
  double dt_;
  Step step_{};
  Lanes n_{};
};

struct Result {
  double rate = 0;                                   // Hz
  std::array<Complex, 2 * kFrequencies> relative{};  // modulation of the rate over the rate
  std::array<double, 2 * kFrequencies> error{};      // standard error of each part
};

Result run(const Case& c, const Amplitudes& a, double spikes, std::uint64_t seed) {
  Simulation simulation(c, a, seed);
  (void)simulation.second();
  std::vector<Sums> all;
  double total = 0;
  while (total < spikes || all.size() < 10) {
    all.push_back(simulation.second());
    total += all.back().spikes;
  }
  const auto seconds = static_cast<double>(all.size());
  Result r;
  r.rate = total / seconds / kNeurons;
  for (int k = 0; k < 2 * kFrequencies; ++k) {
    Complex sum = 0;
    double squares = 0;
    for (const Sums& s : all) {
      const Complex part = 2.0 * s.phases[k] / (r.rate * kNeurons);
      sum += part;
      squares += std::norm(part);
    }
    r.relative[k] = sum / seconds;
    r.error[k] = std::sqrt((squares / seconds - std::norm(r.relative[k])) / 2 / (seconds - 1));
  }
  return r;
}

/// Amplitudes from a short run with small ones, and those again from another.
Amplitudes amplitudes(const Case& c) {
  Amplitudes a{};
  a.mean.fill(0.08 * c.sigma);
  a.variance.fill(0.08);
  for (const double spikes : {30000.0, 100000.0}) {
    const Result r = run(c, a, spikes, 7);
    for (int k = 0; k < kFrequencies; ++k) {
      const auto scaled = [&](double amplitude, double change, double most) {
        return std::min(most, amplitude * std::min(4.0, kChange / std::max(change, 1e-4)));
      };
      a.mean[k] = scaled(a.mean[k], std::abs(r.relative[k]), 0.4 * c.sigma);
      a.variance[k] = scaled(a.variance[k], std::abs(r.relative[kFrequencies + k]), 0.15);
    }
  }
  return a;
}

}  // namespace

int main() {
  std::printf(
      "# Linear response of LIF neurons with exponential synapses, by simulation, relative to the "
      "rate: of the mean as it\n"
      "# reaches the membrane, d ln(nu)/d mu [1/mV], and of the variance of the noise before the "
      "synapse, d ln(nu)/d ln(sigma^2).\n"
      "# se: standard error of the real and of the imaginary part. Time convention exp(+i omega "
      "t). Written by\n"
      "# tools/reference/modulated_neurons.cc.\n"
      "mu_mV,sigma_mV,tau_m_ms,t_ref_ms,V_th_mV,V_reset_mV,tau_syn_ms,rate_Hz,of,frequency_Hz,re,"
      "im,se\n");
  const std::array<Case, 6> cases = {
      Case{7, 5.5, 10, 2, 15, 0, 0.5, 1.5e6}, {15, 5, 20, 2, 20, 10, 2, 1.5e6},
      {15, 5, 20, 2, 20, 10, 5, 1.5e6},       {22, 4, 20, 2, 20, 10, 2, 3e6},
      {12, 8, 20, 2, 20, 10, 1, 1.5e6},       {17, 5, 20, 2, 20, 10, 20, 1.5e6}};
  std::uint64_t seed = 1;
  for (const Case& c : cases) {
    const Amplitudes a = amplitudes(c);
    const Result r = run(c, a, c.spikes, seed++);
    for (int k = 0; k < 2 * kFrequencies; ++k) {
      const bool mean = k < kFrequencies;
      const double size = mean ? a.mean[k] : a.variance[k - kFrequencies];
      std::printf("%g,%g,%g,%g,%g,%g,%g,%.5f,%s,%g,%.6g,%.6g,%.3g\n", c.mu, c.sigma, c.tau_m,
                  c.t_ref, c.V_th, c.V_reset, c.tau_s, r.rate, mean ? "mean" : "variance",
                  mean ? kOfMean[k] : kOfVariance[k - kFrequencies], r.relative[k].real() / size,
                  r.relative[k].imag() / size, r.error[k] / size);
    }
    std::fflush(stdout);
  }
}
