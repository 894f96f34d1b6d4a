// Writes tests/data/effective_shift.csv: how far an absorbing threshold seems to recede for noise
// of two time constants, the quantity that effective_filter() stands for.
//
//   g++ -O3 -std=c++20 tools/reference/effective_shift.cc -o effective_shift && ./effective_shift >
//   tests/data/effective_shift.csv
//
// Near the threshold the membrane is a particle with dx = Σ v_k dt + √(2D_0) dW, each v_k an
// Ornstein–Uhlenbeck process of time constant τ_k that diffuses with D_k, Σ D_k = 1. x + Σ τ_k v_k
// is a martingale, so that its mean at absorption at x = 0, the particle coming from afar, is the
// distance by which the threshold of white noise is to be shifted (Milne's problem). One time
// constant gives |ζ(1/2)| √τ = 1.46035 √τ. Steps of τ/40 with exact increments of (x, v), a wall
// far away; particles that went through the threshold and back within a step are missed: errors of
// a per mille. Deterministic.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <random>

namespace {

/// One part of the noise; tau = 0 for white noise.
struct Part {
  double tau, diffusion;
  double decay = 0, drift = 0, noise_v = 0, noise_xv = 0, noise_x = 0;  // of one step

  void prepare(double step) {
    if (tau == 0) {
      noise_x = std::sqrt(2 * diffusion * step);
      return;
    }
    decay = std::exp(-step / tau);
    drift = tau * (1 - decay);
    const double q = 2 * diffusion / (tau * tau);  // dv = −v/τ dt + √q dW
    const double vv = q * tau / 2 * (1 - decay * decay);
    const double xv = q * tau * tau / 2 * (1 - decay) * (1 - decay);
    const double xx =
        q * tau * tau * (step - 2 * tau * (1 - decay) + tau / 2 * (1 - decay * decay));
    noise_v = std::sqrt(vv);
    noise_xv = xv / noise_v;
    noise_x = std::sqrt(std::max(0.0, xx - noise_xv * noise_xv));
  }
  [[nodiscard]] double equilibrium() const { return tau == 0 ? 0 : std::sqrt(diffusion / tau); }
};

struct Case {
  double share_1, tau_1, tau_2;
  unsigned seed;
};

struct Estimate {
  double shift, standard_error;
};

Estimate simulate(std::array<Part, 2> parts, int particles, unsigned seed) {
  double longest = 0, shortest = INFINITY;
  for (const Part& p : parts) {
    if (p.diffusion == 0 || p.tau == 0) continue;
    longest = std::max(longest, p.tau);
    shortest = std::min(shortest, p.tau);
  }
  const double step = shortest / 40;
  const double start = -8 * std::sqrt(longest), wall = 1.5 * start;
  for (Part& p : parts) p.prepare(step);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> unit(0, 1);
  const double white = parts[0].tau == 0 ? parts[0].diffusion : 0;
  double sum = 0, square = 0;
  for (int k = 0; k < particles; ++k) {
    double x = start;
    std::array<double, 2> v{parts[0].equilibrium() * normal(random),
                            parts[1].equilibrium() * normal(random)};
    while (true) {
      const double before = x;
      for (std::size_t j = 0; j < 2; ++j) {
        const Part& p = parts[j];
        if (p.diffusion == 0) continue;
        const double a = p.tau == 0 ? 0 : normal(random), b = normal(random);
        x += p.drift * v[j] + p.noise_xv * a + p.noise_x * b;
        v[j] = p.decay * v[j] + p.noise_v * a;
      }
      // Whatever goes on between the crossing and the end of the step, the mean of the martingale
      // stays.
      if (x >= 0 || (white > 0 && unit(random) < std::exp(-before * x / (white * step)))) {
        double m = x;
        for (std::size_t j = 0; j < 2; ++j) m += parts[j].tau * v[j];
        sum += m;
        square += m * m;
        break;
      }
      if (x < wall) {
        x = 2 * wall - x;
        v = {-v[0], -v[1]};
      }
    }
  }
  const double mean = sum / particles;
  return {mean, std::sqrt((square / particles - mean * mean) / particles)};
}

}  // namespace

int main() {
  std::printf(
      "# Shift of an absorbing threshold for noise of two time constants, in units of "
      "sqrt(D) sqrt(time); 1.46035 sqrt(tau) for one.\n"
      "# Written by tools/reference/effective_shift.cc. share_1: part of the variance that comes "
      "with tau_1.\n"
      "share_1,tau_1,tau_2,shift,shift_se\n");
  const std::array<Case, 5> cases{
      {{0, 1, 1, 1}, {0.5, 1, 2, 2}, {0.5, 1, 4, 3}, {0.5, 0, 1, 5}, {0.5, 1, 16, 5}}};
  for (const auto& [share, tau_1, tau_2, seed] : cases) {
    const int particles = tau_2 > 8 ? 10000 : 40000;  // the last takes minutes
    const Estimate e = simulate({Part{tau_1, share}, Part{tau_2, 1 - share}}, particles, seed);
    std::printf("%g,%g,%g,%.6f,%.6f\n", share, tau_1, tau_2, e.shift, e.standard_error);
    std::fflush(stdout);
  }
}
