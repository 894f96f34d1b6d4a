#pragma once

#include <nuphi/analysis/linear_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <complex>
#include <optional>
#include <stop_token>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Finite-size noise that drives the fluctuations of a population of N neurons.
enum class NoiseSource {
  kPoisson,  ///< ν/N at every frequency
  kRenewal,  ///< (ν/N) S(ω)/ν with the spectrum S of the renewal process of the neuron's
             ///< inter-spike intervals
};

/// Modes whose sensitivity is computed at every frequency.
enum class SensitivityOf {
  kNone,     ///< of no mode
  kNearest,  ///< of the eigenvalue nearest to 1
  kAll,      ///< of each, in the order of the trajectories
};

/// What spectra() computes beside the spectra.
struct SpectraOptions {
  ResponseOptions response;                   ///< of the linear response
  NoiseSource noise = NoiseSource::kPoisson;  ///< D of the spectra
  bool eigenvalues = true;   ///< follow the eigenvalues of M; the sensitivities need them
  int most_eigenvalues = 0;  ///< followed: those nearest to 1. 0: all of up to 64 populations, 12
                             ///< of more (all where the sensitivities of all are asked for)
  SensitivityOf sensitivity = SensitivityOf::kNone;  ///< of which eigenvalues
  std::stop_token stop = {};  ///< looked at before every frequency: the result holds those before
};

/// How the eigenvalue m of M(iω) that comes nearest to 1 depends on each connection (Bos et al.
/// 2016):
///   Z_ij = conj(u_i) v_j M_ij / (uᴴv)
/// with u, v left and right eigenvectors. k is the direction from m to 1: a relative change α of
/// connection ij moves m by α Z_ij, the part along k changes the height of the peak, the part
/// across it the frequency.
struct ModeSensitivity {
  std::complex<double> eigenvalue;  ///< m
  Eigen::VectorXcd left;            ///< u
  Eigen::VectorXcd right;           ///< v
  Eigen::MatrixXcd sensitivity;     ///< Z
  Eigen::MatrixXd amplitude;        ///< Re(Z conj k)
  Eigen::MatrixXd frequency;        ///< Re(Z conj(ik))
};

/// Linear-response spectra over frequencies f, ω = 2πf, time convention e^{iωt}. One row a
/// frequency.
struct Spectra {
  Eigen::VectorXd frequencies;         ///< [Hz], shape=(n_frequencies,)
  Eigen::MatrixXcd response_mu;        ///< δν/δμ of each population, no synaptic filter [Hz/V]
  Eigen::MatrixXcd response_variance;  ///< δν/δσ² [Hz/V²]
  Eigen::MatrixXd power;               ///< diagonal of the cross spectra [Hz]
  std::vector<Eigen::MatrixXcd> effective_connectivity;  ///< M(iω), row = target
  std::vector<Eigen::MatrixXcd> cross;  ///< P D Pᴴ, P = (1 − M)⁻¹, D the noise [Hz]
  Eigen::MatrixXcd
      eigenvalues;  ///< of M(iω); a column follows one trajectory through near-crossings. Sorted by
                    ///< falling modulus at the first frequency; empty unless asked for. Where only
                    ///< those nearest to 1 are followed: sorted by distance to 1 there, and a
                    ///< column goes on with another when its own is no longer among them
  std::vector<std::vector<ModeSensitivity>> sensitivities;  ///< one list a frequency, as asked for
  /// That of the state: spectra of an unstable one are of fluctuations that do not stay small. What
  /// the dynamics with delays does is a matter of stability().
  std::optional<bool> rate_dynamics_stable;

  /// |C_ij|² / (C_ii C_jj) at frequency index k.
  [[nodiscard]] Eigen::MatrixXd coherence(Eigen::Index k) const;
};

/// Spectra of the population rates (Bos, Diesmann & Helias 2016, eq. 18): C(ω) = P diag(D) Pᴴ.
/// @throws ModelError when a population has no size or a projection no delay; std::invalid_argument
/// for a negative frequency or a state of another network.
[[nodiscard]] Spectra spectra(const Network& network, const StationaryState& state,
                              const Eigen::VectorXd& frequencies,
                              const SpectraOptions& options = {});

/// For the eigenvalue of M next to `near`.
[[nodiscard]] ModeSensitivity mode_sensitivity(const Eigen::MatrixXcd& effective_connectivity,
                                               std::complex<double> near);

/// For every eigenvalue of M, nearest to 1 first.
[[nodiscard]] std::vector<ModeSensitivity> mode_sensitivities(
    const Eigen::MatrixXcd& effective_connectivity);

/// @}
}  // namespace nuphi
