#include <nuphi/core/jump_correction.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/special_functions.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuphi {
namespace {

constexpr int kNodes = 100;          // the overshoot to about 1 %
constexpr double kAsymptotic = -50;  // below, addends of g″ cancel to the last digits

/// e^L g(y) and e^L g″(y), g(y) = √π e^{y²}(1 + erf y), without the overflow of e^{y²}.
struct Escape {
  double value = 0;
  double second = 0;
};
Escape escape(double y, double L) {
  const double root = std::sqrt(std::numbers::pi);
  if (y > 0) {
    const double g = std::exp(L + y * y) * root * std::erfc(-y);
    return {g, (2 + 4 * y * y) * g + 4 * y * std::exp(L)};
  }
  const double scale = std::exp(L);
  const double g = root * faddeeva({0, -y}).real();
  if (y < kAsymptotic) return {scale * g, scale * -2 / (y * y * y)};
  return {scale * g, scale * ((2 + 4 * y * y) * g + 4 * y)};
}

/// ln|2ψ(λ)/κ₂λ²|.
double log_exponent(double lambda, double variance, double gaussian,
                    const std::vector<PoissonJumps>& jumps) {
  double re = 0.5 * gaussian * lambda * lambda, im = 0;
  for (const PoissonJumps& j : jumps) {
    const double phase = lambda * j.size, half = std::sin(0.5 * phase);
    re += 2 * half * half * j.rate;
    im += (phase - std::sin(phase)) * j.rate;
  }
  const double scale = 2 / (variance * lambda * lambda);
  return 0.5 * std::log(scale * scale * (re * re + im * im));
}

}  // namespace

double mean_overshoot(double variance, const std::vector<PoissonJumps>& jumps) {
  double gaussian = variance, third = 0, largest = 0;
  for (const PoissonJumps& j : jumps) {
    gaussian -= j.rate * j.size * j.size;
    third += j.rate * j.size * j.size * j.size;
    if (j.rate > 0) largest = std::max(largest, std::abs(j.size));
  }
  if (largest == 0) return 0;
  gaussian = std::max(gaussian, 0.0);
  double integral = 0;
  for (int k = 0; k < kNodes; ++k) {  // λ = (3/J) t/(1 − t), t in (0, 1)
    const double t = (k + 0.5) / kNodes, rest = 1 - t;
    const double lambda = 3 / largest * t / rest, weight = 3 / largest / (rest * rest * kNodes);
    integral += log_exponent(lambda, variance, gaussian, jumps) / (lambda * lambda) * weight;
  }
  return third / (6 * variance) - integral / std::numbers::pi;
}

double jump_correction(double mu, double sigma, const LifParameters& neuron,
                       const std::vector<PoissonJumps>& jumps) {
  const SiegertRate rate = siegert(mu, sigma, neuron, Correction::kNone);
  if (std::isnan(rate.rate)) return rate.rate;
  const double ratio = neuron.tau_syn / neuron.tau_m;
  double third = 0;
  for (const PoissonJumps& j : jumps) third += j.rate * j.size * j.size * j.size;
  if (sigma == 0 || jumps.empty()) return 0;
  // ∫h³ of the response h to a spike, over that of a delta synapse.
  const double filtered = 1 / ((1 + ratio / 2) * (1 + 2 * ratio));
  const double alpha = filtered * neuron.tau_m * third / (sigma * sigma * sigma);
  const double scale = rate.log_rate + std::log(neuron.tau_m);
  const Escape threshold = escape((neuron.V_th - mu) / sigma, scale);
  const Escape reset = escape((neuron.V_reset - mu) / sigma, scale);
  const double overshoot = mean_overshoot(sigma * sigma / neuron.tau_m, jumps) / sigma;
  return alpha / 18 * (threshold.second - reset.second) - overshoot * threshold.value;
}

}  // namespace nuphi
