#pragma once

#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <optional>
#include <stop_token>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

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

/// @}
}  // namespace nuphi
