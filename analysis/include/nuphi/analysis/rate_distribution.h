#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/summary.h>

#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// The neurons of one population: each has its own frozen input (μ, σ²), jointly Gaussian over the
/// population.
struct QuenchedPopulation {
  LifParameters neuron;                        ///< the same for all of them
  Correction correction = Correction::kShift;  ///< how colour enters their rate
  double mean_rate = 0;                        ///< ⟨ν⟩ [Hz]
  double rate_sd = 0;                          ///< s.d. of the rates over neurons [Hz]
  double mean_input = 0;                       ///< ⟨μ⟩ [V]
  double mean_input_sd = 0;                    ///< Δ_μ, over neurons [V]
  double variance = 0;                         ///< ⟨σ²⟩ [V²]
  double variance_sd = 0;                      ///< Δ_σ², over neurons [V²]
  double correlation = 0;                      ///< of μ and σ² over neurons, in [−1, 1]
};

/// What solve_rate_distribution() returns.
struct RateDistribution {
  std::vector<QuenchedPopulation> populations;  ///< one a population of the network, in its order
  Summary summary;  ///< of the solve for mean and root-mean-square rates
  /// Mean and root-mean-square rates meet their equations.
  [[nodiscard]] bool converged() const { return summary.termination == Termination::kConverged; }
};

/// How solve_rate_distribution() solves, and how finely it averages.
struct RateDistributionOptions {
  Method method = Method::kAuto;  ///< kAuto: the state that relaxation from zero rates reaches
  /// On mean and root-mean-square rates, |x − F(x)| ≤ tolerance·max(1 Hz, x), > 0.
  double tolerance = 1e-9;
  int max_iterations = 1000;  ///< > 0
  int nodes = 40;             ///< of the quadrature over the frozen μ, in [1, 100]
  int variance_nodes = 7;  ///< over the part of the frozen σ² that μ does not fix, in [1, 100]; 1
                           ///< leaves that part out
};

/// Self-consistent distribution of stationary rates in a network whose neurons differ in number,
/// weight and rate of their inputs (Amit & Brunel 1997; Roxin et al. 2011).
///   ν(z) = Φ(⟨μ⟩ + Δ_μ z₁, ⟨σ²⟩ + Δ_σ²(ρ z₁ + √(1−ρ²) z₂)),   z₁, z₂ standard normal
///   ⟨ν_i⟩ = E[Φ_i],  ⟨ν_i²⟩ = E[Φ_i²],  ⟨μ⟩ and ⟨σ²⟩ as for equal neurons with rate ⟨ν⟩
///   Δ_μ,i² = τ_m,i² Σ_j K_ij J_ij² [(1 + w_ij²)⟨ν_j²⟩ − β_ij],
/// with β = ⟨ν_j⟩² for a fixed in-degree, (K_ij/N_j)⟨ν_j²⟩ for a binomial one, 0 for a Poisson one
/// (multapses), and likewise for σ² (J → J²) and the covariance of both, with the moments of normal
/// weights of relative s.d. w. External Poisson input: fixed number of sources of one rate, spread
/// by `weight_cv` only. Assumes enough synapses for Gaussian sums, and in-degree and rate of a
/// source neuron independent (random networks).
/// @throws ModelError for an unsound network (a binomial in-degree needs the size of its source
///   population); std::invalid_argument for options out of range.
[[nodiscard]] RateDistribution solve_rate_distribution(const Network& network,
                                                       const RateDistributionOptions& options = {},
                                                       const SolveControl& control = {});

/// Share of the neurons with a rate below `rate`, in [0, 1].
/// @param population  one of RateDistribution::populations
/// @param rate        any [Hz]
/// @param nodes       of the quadrature over the part of σ² that μ does not fix
[[nodiscard]] double rate_cdf(const QuenchedPopulation& population, double rate, int nodes = 7);

/// The rate [Hz] below which the share p of the neurons lies, 0 < p < 1; NaN outside. To 1e-10
/// relative.
[[nodiscard]] double rate_quantile(const QuenchedPopulation& population, double p, int nodes = 7);

/// @}
}  // namespace nuphi
