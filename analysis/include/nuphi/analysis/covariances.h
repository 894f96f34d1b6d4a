#pragma once

#include <nuphi/analysis/linear_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <Eigen/SparseCore>
#include <complex>
#include <optional>
#include <stop_token>
#include <vector>

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

/// Covariances per frequency: the Fourier transform of the covariance functions,
///   C_αβ(ω) = ∫ ⟨δs_α(t + u) δs_β(t)⟩ e^{−iωu} du
/// One matrix a frequency, Hermitian.
struct CovarianceSpectra {
  Eigen::VectorXd frequencies;               ///< [Hz]
  Eigen::MatrixXd autocovariances;           ///< a(ω) of one neuron [Hz], shape=(n_frequencies, n)
  Eigen::MatrixXd noise_strength;            ///< D(ω) [Hz], shape=(n_frequencies, n)
  std::vector<Eigen::MatrixXcd> averages;    ///< C̄ of the population-averaged activities [Hz]
  std::vector<Eigen::MatrixXcd> pairwise;    ///< mean over pairs of different neurons [Hz]; NaN on
                                             ///< the diagonal for N = 1
  std::optional<bool> rate_dynamics_stable;  ///< that of the state
};

/// Population-averaged covariances per frequency; at frequency 0 those of population_covariances():
///   C̄ = P diag(D/N) Pᴴ,  P = (1 − M(iω))⁻¹,   c_αα = (N_α C̄_αα − a_α)/(N_α − 1)
///   a_α = D_α (1 − 1/N_α) + Σ_β |P_αβ|² D_β/N_β
/// with a(ω) = ν S(ω)/ν of the renewal process of the inter-spike intervals, or ν. For populations
/// of one neuron each, `averages` are the pairwise covariances.
/// @param network      the network
/// @param state        a stationary state of it
/// @param frequencies  f [Hz], ≥ 0, shape=(n_frequencies,)
/// @param noise        autocovariance of a single neuron
/// @param options      of the linear response
/// @param stop         looked at before every frequency: the result holds those before
/// @throws ModelError when a population has no size or a projection no delay; std::invalid_argument
/// for a frequency that is negative or not finite, or a state of another network.
[[nodiscard]] CovarianceSpectra covariance_spectra(const Network& network,
                                                   const StationaryState& state,
                                                   const Eigen::VectorXd& frequencies,
                                                   NoiseModel noise = NoiseModel::kRenewal,
                                                   const ResponseOptions& options = {},
                                                   const std::stop_token& stop = {});

/// How spectral_bound() searches.
struct SpectralBoundOptions {
  double tolerance = 1e-10;  ///< on ‖Wv − λv‖/‖v‖ relative to |λ|, > 0; iterative road only
  int dense_limit = 200;  ///< up to this size matrices are solved densely, every eigenvalue found
  int max_krylov = 640;   ///< largest Krylov space, > 3; it starts at 40 and doubles while the
                          ///< method does not converge
};

/// Eigenvalue with the largest real part. Below 1 the linear rate dynamics, and with them
/// covariances, exist.
struct SpectralBound {
  std::complex<double> eigenvalue;  ///< the one with Im ≥ 0 of a pair; NaN when not converged
  double residual = 0;     ///< ‖Wv − λv‖/‖v‖; 0 on the dense road, which has no vector
  bool converged = false;  ///< found, densely or to the tolerance
};

/// Dense eigenvalues for small matrices, implicitly restarted Arnoldi iteration (Spectra) for large
/// ones, where no dense eigenproblem is formed. An Arnoldi iteration can miss an eigenvalue its
/// start hardly contains; it is started from a fixed pseudo-random vector, so that results repeat.
/// @throws std::invalid_argument for a matrix that is not square or options out of range. A matrix
/// with an entry that is not finite gives converged = false.
[[nodiscard]] SpectralBound spectral_bound(const Eigen::SparseMatrix<double>& matrix,
                                           const SpectralBoundOptions& options = {});
/// The same of a dense matrix.
[[nodiscard]] SpectralBound spectral_bound(const Eigen::MatrixXd& matrix,
                                           const SpectralBoundOptions& options = {});

/// @}
}  // namespace nuphi
