#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <complex>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Connection probability against distance, normalised to one.
enum class Profile {
  kBoxcar,       ///< constant within `width`: interval [−w, w], in the plane a disc of radius w
  kGaussian,     ///< e^{−x²/(2w²)}
  kExponential,  ///< e^{−|x|/w}
};

/// Where a projection's synapses come from.
struct SpatialProfile {
  Profile shape = Profile::kBoxcar;  ///< fall-off with distance
  double width = 0;                  ///< w [m], ≥ 0; 0 connects at the same place only

  bool operator==(const SpatialProfile&) const = default;
};

/// Fourier transform of a profile at one wave number.
struct ProfileTransform {
  double value = 0;       ///< p̂(k)
  double derivative = 0;  ///< dp̂/dk [m]
};

/// Fourier transform p̂(k) of a profile at wave number k [1/m], with p̂(0) = 1.
///   1 dimension:  boxcar sin(kw)/(kw),  Gaussian e^{−k²w²/2},  exponential 1/(1 + k²w²)
///   2 dimensions: boxcar 2J₁(kw)/(kw),  Gaussian e^{−k²w²/2},  exponential (1 + k²w²)^{−3/2}
/// @throws std::invalid_argument unless dimensions is 1 or 2 and the width is ≥ 0.
[[nodiscard]] ProfileTransform profile_transform(const SpatialProfile& profile, double wavenumber,
                                                 int dimensions = 1);

/// Linear rate model on a ring or plane (Senk et al. 2020), n populations at every place:
///   τ_i du_i/dt = −u_i + Σ_j W_ij ∫ p_ij(x − y) E_d[u_j(y, t − d_ij)] dy
/// Modes e^{ikx+λt} solve det[diag(1 + λτ_i) − W_ij p̂_ij(k) D_ij(λ)] = 0.
struct SpatialRateModel {
  int dimensions = 1;       ///< 1 (ring or line) or 2 (plane)
  Eigen::MatrixXd weights;  ///< W, shape=(n, n), row = target, dimensionless: gain [Hz/V] of the
                            ///< target times A_ij
  Eigen::VectorXd tau;  ///< τ [s], size n, > 0: of the low pass the neurons' response is mapped to
  std::vector<SpatialProfile> profiles;  ///< of projections, row-major as weights, size n²
  std::vector<Delay> delays;             ///< of projections, row-major as weights, size n²; causal

  [[nodiscard]] Eigen::Index size() const { return tau.size(); }  ///< n
};

/// One entry per source population as the n² entries of projections, row-major.
template <class T>
[[nodiscard]] std::vector<T> per_source(const std::vector<T>& sources) {
  std::vector<T> all;
  for (std::size_t i = 0; i < sources.size(); ++i)
    all.insert(all.end(), sources.begin(), sources.end());
  return all;
}

/// Eigenvalue [1/s] of branch b for one time constant and one constant delay,
///   λ = −1/τ + W_b(c (d/τ) e^{d/τ})/d
/// with W_b the Lambert W function (Senk et al. 2020). W_0 has the largest real part.
/// @param c       an eigenvalue of W_ij p̂_ij(k)
/// @param tau     τ [s], > 0
/// @param delay   d [s], ≥ 0; without delay branch 0 is (c − 1)/τ and the others do not exist (NaN)
/// @param branch  b
[[nodiscard]] std::complex<double> rate_mode(std::complex<double> c, double tau, double delay,
                                             int branch = 0) noexcept;

/// A mode e^{ikx+λt} and how it moves.
struct SpatialMode {
  double wavenumber = 0;            ///< k [1/m]
  std::complex<double> eigenvalue;  ///< λ [1/s]
  double growth_slope = 0;          ///< dRe λ/dk [m/s]
  double group_velocity = 0;        ///< dIm λ/dk [m/s]; NaN where eigenvalues meet
};

/// What spatial_modes() finds at one wave number.
struct SpatialSpectrum {
  std::vector<SpatialMode> modes;  ///< by falling growth rate
  /// Every mode with Re λ ≥ min_growth is there (proven by the argument principle).
  bool complete = false;
};

/// Modes at wave number k with growth rate Re λ ≥ min_growth. One τ and one constant delay: closed
/// form, all branches down to min_growth. Otherwise characteristic_roots().
/// @param model       populations, profiles, delays
/// @param wavenumber  k [1/m], ≥ 0
/// @param min_growth  [1/s]; above any singularity of the delays' transforms (−1/mean of an
///   exponential delay, …)
/// @throws std::invalid_argument when the model's sizes disagree, a τ is not positive or a delay is
/// invalid or acausal.
[[nodiscard]] SpatialSpectrum spatial_modes(const SpatialRateModel& model, double wavenumber,
                                            double min_growth);

/// What grows out of the homogeneous stationary state first.
enum class SpatialPattern {
  kUniform,     ///< k = 0, ω = 0: the rates move away as a whole
  kHopf,        ///< k = 0, ω > 0: homogeneous oscillation
  kTuring,      ///< k > 0, ω = 0: stationary pattern
  kTuringHopf,  ///< k > 0, ω > 0: waves
};

/// What spatial_stability() says of the homogeneous state.
struct SpatialStability {
  std::vector<SpatialMode> leading;  ///< the mode of largest growth rate at each wave number given
  /// The one of largest growth rate over all, k refined between the wave numbers given.
  SpatialMode critical;
  /// What the critical mode stands for, whether it grows or not.
  SpatialPattern pattern = SpatialPattern::kUniform;
  bool stable = false;  ///< critical growth rate < 0
  /// At every wave number given the leading mode is proven to be that; or, where it decays too fast
  /// to be counted (see min_growth of spatial_modes()), it is proven that no mode grows.
  bool complete = false;
};

/// The mode that grows fastest over all wave numbers, and what pattern it stands for.
/// @param model        populations, profiles, delays
/// @param wavenumbers  [1/m], rising, ≥ 0, spaced finely enough for one maximum of the growth rate
///   between three neighbours
/// @throws std::invalid_argument as spatial_modes(), or for wave numbers that do not rise.
[[nodiscard]] SpatialStability spatial_stability(const SpatialRateModel& model,
                                                 const Eigen::VectorXd& wavenumbers);

/// First-order low pass N(ω) ≈ h₀/(1 + iωτ).
struct LowPass {
  double gain = 0;            ///< h₀, unit of the transfer function; > 0
  double tau = 0;             ///< τ [s]; < 0 where the response leads (its phase grows with ω)
  double relative_error = 0;  ///< √[(δh₀/h₀)² + (δτ/τ)²] from the covariance of the fit
  bool converged = false;     ///< the fit settled
};

/// Fit of |h₀/(1 + iωτ)| to |N(ω)| by unweighted least squares (Senk et al. 2020); the sign of τ
/// from the phase of N at the last frequency.
/// @param omega  angular frequencies [rad/s], size m ≥ 3
/// @param transfer  N(ω), size m, e.g. δν/δμ with the synaptic filter [Hz/V]
/// @throws std::invalid_argument for sizes that disagree or m < 3.
[[nodiscard]] LowPass fit_low_pass(const Eigen::VectorXd& omega, const Eigen::VectorXcd& transfer);

/// @}
}  // namespace nuphi
