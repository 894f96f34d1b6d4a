#pragma once

#include <nuphi/core/units.h>
#include <nuphi/models/mean_field.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string_view>

#include "networks.h"

namespace nuphi::test {

using namespace units;

/// The regimes of the random ensemble. Each has a fixed point: Φ is continuous and bounded.
enum class Regime {
  kBalanced,       ///< moderate weights, external noise, inhibition and excitation
  kStrong,         ///< recurrent gains up to 1e5
  kSilent,         ///< driven far below threshold
  kSaturated,      ///< excitation up to 1/t_ref
  kNoNoise,        ///< no external noise, σ from recurrence only
  kDeterministic,  ///< σ = 0 throughout
  kFaint,          ///< σ down to 1e-9 of the distance from reset to threshold
  kAtThreshold,    ///< σ = 0 and drive exactly at threshold
  kNoInput,        ///< no external input at all
  kBlocks,         ///< disconnected blocks and isolated populations
  kSingle,         ///< one population
  kNoRefractory,   ///< t_ref = 0, gains below one
  kColoured,       ///< exponential synapses, shifted boundaries
  kMixed,          ///< populations of all these kinds side by side, up to three decades apart
};
inline constexpr std::array<std::string_view, 14> kRegimeNames = {
    "balanced",     "strong",   "silent", "saturated", "no noise",      "deterministic", "faint",
    "at threshold", "no input", "blocks", "single",    "no refractory", "coloured",      "mixed"};
inline constexpr int kRegimes = static_cast<int>(kRegimeNames.size());

/// Uniform and log-uniform numbers that do not depend on the standard library's distributions.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11U) * 0x1p-53;
  }
  double decades(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }
  bool chance(double probability) { return uniform(0, 1) < probability; }

 private:
  std::mt19937_64 engine_;
};

inline LifParameters random_neuron(Dice& dice, Regime regime) {
  LifParameters p;
  p.tau_m = dice.decades(5 * ms, 50 * ms);
  p.t_ref = dice.chance(0.5) ? 2 * ms : dice.decades(0.2 * ms, 10 * ms);
  p.V_th = dice.uniform(10, 25) * mV;
  p.V_reset = p.V_th - dice.decades(1, 20) * mV;
  if (regime == Regime::kColoured) p.tau_syn = dice.decades(0.1 * ms, 5 * ms);
  if (regime == Regime::kNoRefractory) p.t_ref = 0;
  return p;
}

/// Network `index` of the ensemble with the given seed.
inline MeanField random_field(std::uint64_t index, Regime regime, std::uint64_t seed = 0) {
  Dice dice(0x5eed0000 + index * 1000003 + static_cast<std::uint64_t>(regime) +
            seed * 0x9e3779b97f4a7c15);
  const Eigen::Index n =
      regime == Regime::kSingle ? 1 : static_cast<Eigen::Index>(dice.decades(1.5, 60.99));
  std::vector<LifParameters> neurons;
  for (Eigen::Index i = 0; i < n; ++i) neurons.push_back(random_neuron(dice, regime));

  // Weights of one network within a decade or three, signs by source or (seldom) by synapse group.
  const bool strong = regime == Regime::kStrong || regime == Regime::kNoNoise ||
                      regime == Regime::kFaint || dice.chance(0.15);
  const double scale = dice.decades(0.01, strong ? 10 : 0.5) * mV;
  const double spread = dice.decades(1.01, 30);
  const double indegree = dice.decades(10, strong ? 3000 : 1000);
  const double inhibitory = regime == Regime::kSaturated ? 0.1 : dice.uniform(0.2, 0.8);
  const double inhibition = dice.decades(1, 10);
  const double density = dice.chance(0.4) ? 1 : dice.decades(0.05, 1);
  const bool dale = dice.chance(0.8);
  Eigen::MatrixXd K = Eigen::MatrixXd::Zero(n, n), W = Eigen::MatrixXd::Zero(n, n);
  const Eigen::Index block = regime == Regime::kBlocks ? std::max<Eigen::Index>(1, n / 4) : n;
  for (Eigen::Index j = 0; j < n; ++j) {
    bool negative = dice.chance(inhibitory);
    for (Eigen::Index i = 0; i < n; ++i) {
      if (!dale) negative = dice.chance(inhibitory);
      if (i / block != j / block || !dice.chance(density)) continue;
      K(i, j) = indegree * dice.decades(1 / spread, spread);
      W(i, j) = scale * dice.decades(1 / spread, spread) * (negative ? -inhibition : 1);
    }
  }

  Eigen::VectorXd mean(n), variance(n);
  const double drive = dice.decades(1, 60) * mV;
  const double noise = dice.decades(0.3, 30) * mV;
  for (Eigen::Index i = 0; i < n; ++i) {
    const LifParameters& p = neurons[static_cast<std::size_t>(i)];
    mean[i] = dice.chance(0.8) ? dice.uniform(-0.3, 1) * drive + 0.5 * p.V_th
                               : dice.uniform(-2, 3) * drive;
    variance[i] = std::pow(noise * dice.decades(0.3, 3), 2);
    switch (regime) {
      case Regime::kSilent:
        mean[i] = -dice.decades(1, 1000) * mV;
        break;
      case Regime::kSaturated:
        mean[i] += dice.decades(1, 300) * mV;
        break;
      case Regime::kNoNoise:
      case Regime::kDeterministic:
        variance[i] = 0;
        break;
      case Regime::kFaint:
        variance[i] = std::pow(dice.decades(1e-9, 1e-2) * (p.V_th - p.V_reset), 2);
        break;
      case Regime::kAtThreshold:
        variance[i] = 0;
        if (dice.chance(0.7)) mean[i] = p.V_th;
        break;
      case Regime::kNoInput:
        mean[i] = variance[i] = 0;
        break;
      case Regime::kMixed:
        if (dice.chance(0.2)) mean[i] = -dice.decades(1, 1000) * mV;
        if (dice.chance(0.2)) mean[i] = dice.decades(30, 1000) * mV;
        if (dice.chance(0.1)) mean[i] = 0;
        if (dice.chance(0.3)) variance[i] *= std::pow(dice.decades(1e-6, 1), 2);
        if (dice.chance(0.2)) variance[i] = 0;
        break;
      default:
        break;
    }
  }
  MeanField field = dense_field(neurons, K, W, mean, variance);
  if (regime == Regime::kColoured && dice.chance(0.3)) {
    field.nodes = lif_nodes(neurons, Correction::kShiftRefractory);
  }
  Eigen::MatrixXd &coupled = field.coupling.dense(MeanField::kMean),
                  &coupled_variance = field.coupling.dense(MeanField::kVariance);
  if (regime == Regime::kDeterministic || (regime == Regime::kAtThreshold && dice.chance(0.7))) {
    coupled_variance.setZero();
  }
  if (regime == Regime::kFaint) {
    // Many weak synapses: the mean survives, the variance does not.
    const double factor = std::pow(dice.decades(1e-9, 1e-2), 2);
    coupled_variance *= factor;
  }
  if (regime == Regime::kNoRefractory) {
    // ν(V_th − V_reset)τ_m ≤ μ − V_reset + …: a fixed point is certain while the excitatory gains
    // sum to less than one.
    for (Eigen::Index i = 0; i < n; ++i) {
      const LifParameters& p = neurons[static_cast<std::size_t>(i)];
      const double gain = coupled.row(i).cwiseMax(0.0).sum() / (p.tau_m * (p.V_th - p.V_reset));
      const double allowed = dice.uniform(0.1, 0.95);
      if (gain > allowed) {
        const double factor = allowed / gain;
        for (Eigen::Index j = 0; j < n; ++j) {
          if (coupled(i, j) <= 0) continue;
          coupled(i, j) *= factor;
          coupled_variance(i, j) *= factor * factor;
        }
      }
    }
  }
  return field;
}

inline Regime regime_of(std::uint64_t index) { return static_cast<Regime>(index % kRegimes); }
inline MeanField random_field(std::uint64_t index, std::uint64_t seed = 0) {
  return random_field(index, regime_of(index), seed);
}

}  // namespace nuphi::test
