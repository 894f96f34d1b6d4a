#pragma once

#include <nuphi/analysis/effective_connectivity.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <optional>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Time-integrated covariances of the spike trains of n neurons.
struct PairwiseCovariances {
  Eigen::MatrixXd covariances;  ///< C, shape=(n, n) [Hz]
  /// D, size n [Hz]; an entry may come out negative where W is strong.
  Eigen::VectorXd noise_strength;
};

/// C_ij = ∫ ⟨δs_i(t) δs_j(t + u)⟩ du of linearly interacting spike trains (Helias et al. 2013;
/// Layer et al. 2023, eqs. 9, 11):
///   C = A diag(D) Aᵀ,  A = (1 − W)^{−1},  D = (A∘A)^{−1} (CV² ν)
/// D is the strength of the white noise that gives every neuron the autocovariance CV_i² ν_i of a
/// renewal process: C_ii is exactly that.
/// @param connectivity  W, shape=(n, n), row = target: effective_connectivity() of a network
///   resolved to neurons; the linear dynamics, and with them the meaning of C, need
///   spectral_bound(W) < 1, which is not checked here
/// @param rates, cv  ν [Hz] and CV of the neurons, size n
/// @return NaN or infinite entries where 1 − W or A∘A is singular.
/// @throws std::invalid_argument when sizes disagree. Cost: about 4 n³ operations, 3 n² doubles.
[[nodiscard]] PairwiseCovariances pairwise_covariances(const Eigen::MatrixXd& connectivity,
                                                       const Eigen::VectorXd& rates,
                                                       const Eigen::VectorXd& cv);

/// Autocovariance of a single neuron.
enum class NoiseModel {
  kRenewal,  ///< a = CV² ν
  kPoisson,  ///< a = ν
};

/// Covariances of populations of sizes N, averaged over neurons.
struct PopulationCovariances {
  Eigen::VectorXd autocovariances;  ///< a, of one neuron, size n [Hz]
  Eigen::VectorXd noise_strength;   ///< D, of the noise of one neuron including what it receives
                                    ///< from single others, size n [Hz]
  Eigen::MatrixXd averages;      ///< C̄, of the population-averaged activities, shape=(n, n) [Hz]
  Eigen::MatrixXd pairwise;      ///< c, mean over pairs of different neurons [Hz]; NaN for N = 1
  Eigen::MatrixXd correlations;  ///< c_αβ / √(a_α a_β), of spike counts in long windows
  /// That of the state, where there is one; covariances of an unstable state mean nothing.
  std::optional<bool> rate_dynamics_stable;
};

/// Population-averaged covariances (Tetzlaff et al. 2012; Helias, Tetzlaff & Diesmann 2014):
///   C̄ = P diag(D/N) Pᵀ,  P = (1 − M)^{−1},
///   c_αβ = C̄_αβ (α ≠ β),  c_αα = (N_α C̄_αα − a_α)/(N_α − 1)
/// D is the noise that gives single neurons the autocovariance a, as in pairwise_covariances():
///   a_α = D_α (1 − 1/N_α) + Σ_β P_αβ² D_β/N_β,  so D → a for large N
/// @param connectivity  M, shape=(n, n): effective_connectivity() of the populations,
///   M_αβ = K_αβ w_αβ with w the response of a rate to one synapse
/// @param rates, cv  ν [Hz] and CV of the populations, size n
/// @param sizes  N, numbers of neurons, > 0
/// @param noise  autocovariance of a single neuron
///
/// Assumes random connections and independent external input of every neuron. The spread of the
/// weights about their mean amplifies the noise of single neurons; D is what there is after that,
/// because a is given.
/// @throws std::invalid_argument when sizes disagree or a size is not positive.
[[nodiscard]] PopulationCovariances population_covariances(const Eigen::MatrixXd& connectivity,
                                                           const Eigen::VectorXd& rates,
                                                           const Eigen::VectorXd& cv,
                                                           const Eigen::VectorXd& sizes,
                                                           NoiseModel noise = NoiseModel::kRenewal);

/// The same of a network at a stationary state.
/// @throws ModelError, code "missing-size", when a population has no size; std::invalid_argument
/// for a state of another network.
[[nodiscard]] PopulationCovariances population_covariances(const Network& network,
                                                           const StationaryState& state,
                                                           NoiseModel noise = NoiseModel::kRenewal);

/// @}
}  // namespace nuphi
