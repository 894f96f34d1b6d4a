#pragma once

#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/exact_response_curve.h>
#include <nuphi/core/export.h>
#include <nuphi/models/delays.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/network.h>
#include <nuphi/rates/stationary.h>

#include <Eigen/SparseCore>
#include <complex>
#include <optional>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Linear response as NetworkResponse takes it; what stability, spectra and covariances stand on.
/// Where nothing is given, Network::response decides, and without it what comes first below.
struct ResponseOptions {
  /// kExact; kRateOnly reproduces papers that put t_ref into ν alone.
  std::optional<Refractoriness> refractoriness{};
  /// kMoving; kQuasiStatic reproduces papers that shift boundaries as if σ were constant. kExact
  /// is exact_response(), with the corrections kExact and kUniform: known at z = iω alone, for
  /// spectra and covariances, not for modes.
  std::optional<ColourResponse> colour{};
  /// 1/(1+zτ_s) on the mean, 1/(1+zτ_s/2) on the variance of exponential synapses.
  bool synaptic_filter = true;
  /// true: keep δν/δσ²; false reproduces papers that drop it
  std::optional<bool> variance_response{};
  bool delays_required = true;  ///< a projection without delay is a fault; false: it acts at once
};

/// Why the linear response of a network is not known with its correction; empty where it is.
/// @param network  the network in question
/// @param options  the response that is wanted
/// @throws ModelError for an unsound network
[[nodiscard]] std::string unknown_response(const Network& network,
                                           const ResponseOptions& options = {});
/// Why its modes, for which the response must be known off the imaginary axis, are not; empty where
/// they are. Parameters and faults as in unknown_response().
[[nodiscard]] std::string unknown_modes(const Network& network,
                                        const ResponseOptions& options = {});

/// Linear response of a network about a stationary state: the effective connectivity
///   M_ij(z) = τ_m,i K_ij [J_ij N_μ,i(z) H_μ(z) + J_ij² (1 + w_ij²) N_σ²,i(z) H_σ²(z)] D_ij(z)
///   D(z) = E[e^{−z d}]
/// with the time convention e^{zt}, z = iω on the imaginary axis. det(1 − M(z)) = 0 gives the modes
/// of the network. The filters of an exponential synapse are H_μ = 1/(1 + zτ_s) and
/// H_σ² = 1/(1 + zτ_s/2) (the variance of filtered Poisson input relaxes with τ_s/2; an
/// approximation), each with the τ_s of its own synapses. Where excitation and inhibition differ in
/// τ_s, the boundaries are shifted by the c of the effective one (effective_neurons()), and N_σ² of
/// synapses of c_k holds −(c_k − c)/σ (1 + zτ_m) N_μ as well, so that ω → 0 is the derivative of
/// the rate (effective_filter()).
///
/// With ColourResponse::kExact the neurons' responses are those of exact_response(), interpolated
/// over ω to 1e-3 (ExactResponseCurve); δν/δμ is multiplied by a number and δν/δσ² added one times
/// δν/δμ, so that ω → 0 is the derivative of the rate with kUniform, too (with kExact they are 1
/// and 0 to 1e-8). Solved when a frequency is first asked for.
///
/// The boundaries of neurons whose recurrent variance arrives, in whole or in part, through no
/// filter (τ_s = 0 beside coloured noise, or `synaptic_filter` false) are quasi-static: they would
/// have to jump.
class NetworkResponse {
 public:
  /// @throws ModelError when the network is unsound, or (delays_required) a projection has no
  /// delay, code "missing-delay"; code "unknown-response" where unknown_response() says why.
  NetworkResponse(const Network& network, const StationaryState& state,
                  const ResponseOptions& options = {});

  /// Number of populations, n.
  [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(responses_.size()); }
  /// Neuron responses δν_i/δμ_i(z) [Hz/V] and δν_i/δσ²_i(z) [Hz/V²], without synaptic filter.
  /// shape=(n,)
  /// @throws std::invalid_argument off the imaginary axis with ColourResponse::kExact
  void neuron_response(std::complex<double> z, Eigen::VectorXcd& mu,
                       Eigen::VectorXcd& variance) const;
  /// The same at z = iω for many ω [1/s], ordered for speed: several at once. shape=(n, n_omega)
  void neuron_responses(const Eigen::VectorXd& omega, Eigen::MatrixXcd& mu,
                        Eigen::MatrixXcd& variance) const;
  /// M(z), shape=(n, n), row = target; all delays multiplied by `delay_scale`.
  void effective_connectivity(std::complex<double> z, Eigen::MatrixXcd& matrix,
                              double delay_scale = 1) const;
  /// M(z) from neuron responses that are known.
  void effective_connectivity(std::complex<double> z, const Eigen::Ref<const Eigen::VectorXcd>& mu,
                              const Eigen::Ref<const Eigen::VectorXcd>& variance,
                              Eigen::MatrixXcd& matrix, double delay_scale = 1) const;

  /// Refuses what needs the response off the imaginary axis.
  /// @throws ModelError, code "unknown-response", unless is_known_off_axis()
  void require_off_axis() const;
  /// From now on `delay_scale` means the delays of one connection only.
  /// @return false when there is no such connection; nothing has changed then
  bool scale_delays_of(Eigen::Index target, Eigen::Index source);

  /// Upper bounds of the moduli of a matrix that has the eigenvalues of M(iω'), but for zeros, for
  /// all ω' ≥ ω: a proof that M stays small (docs/theory/mode_count.md). Populations with equal
  /// working points and equal rows of M are taken together. ∞ in the row of a neuron without noise.
  [[nodiscard]] Eigen::MatrixXd tail_bound(double omega, double delay_scale = 1) const;
  /// The same for all z' with Re z' ≥ Re z ≥ 0 and Im z' ≥ Im z.
  [[nodiscard]] Eigen::MatrixXd bound_beyond(std::complex<double> z, double delay_scale = 1) const;

  /// Spectrum S(ω)/ν of each neuron's spike train: that of the renewal process of its inter-spike
  /// intervals, or with ColourResponse::kExact the exact one. shape=(n,)
  [[nodiscard]] Eigen::VectorXd spike_train_spectrum(double omega) const;
  /// No delay has weight before time 0 (an untruncated Gaussian has): needed for stability.
  [[nodiscard]] bool is_causal() const;
  /// The constant delay all projections share [s]; NaN when there is none, or it is not scaled as a
  /// whole.
  [[nodiscard]] double common_delay() const;
  /// Largest mean delay [s], or upper end of a uniform one; delays multiplied by `delay_scale`.
  [[nodiscard]] double longest_delay(double delay_scale = 1) const;

  /// Synapses from one population to another with one delay and one filter.
  struct Term {
    Eigen::Index target;  ///< population i
    Eigen::Index source;  ///< population j
    double mean;          ///< τ_m K J [V s]
    double variance;      ///< τ_m K J² (1 + w²) [V² s]
    double shift;         ///< (c_k − c)/σ of this synapse's shift of the boundaries [1/V]
    double moving_time;   ///< τ_m where that shift moves with σ, else 0 [s]
    std::size_t kernel;   ///< index into kernels()
  };
  /// Delay and synaptic filter shared by many projections: evaluated once for each z.
  struct Kernel {
    Delay delay;         ///< its transform is D(z)
    double tau_syn;      ///< τ_s of the filter [s]; 0 for none
    bool scaled = true;  ///< by delay_scale
    bool operator==(const Kernel&) const = default;
  };
  /// What M(z) is made of.
  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  /// Delays and filters of the terms, each once.
  [[nodiscard]] const std::vector<Kernel>& kernels() const { return kernels_; }
  /// Response of population i's neuron at its working point; with ColourResponse::kExact that of
  /// white noise that is nearest to it.
  [[nodiscard]] const DynamicResponse& neuron(Eigen::Index i) const {
    return responses_[static_cast<std::size_t>(i)];
  }
  /// Name of population i.
  [[nodiscard]] const std::string& name(Eigen::Index i) const {
    return names_[static_cast<std::size_t>(i)];
  }
  /// τ_m of population i [s].
  [[nodiscard]] double tau_m(Eigen::Index i) const { return tau_m_[static_cast<std::size_t>(i)]; }
  /// σ of population i at the state [V].
  [[nodiscard]] double sigma(Eigen::Index i) const { return sigma_[static_cast<std::size_t>(i)]; }
  /// Those it was made with, and what the network decided where they say nothing.
  [[nodiscard]] const ResponseOptions& options() const { return options_; }
  /// Where t_ref enters.
  [[nodiscard]] Refractoriness refractoriness() const { return *options_.refractoriness; }
  /// Whether the response is known off the imaginary axis: not with ColourResponse::kExact.
  [[nodiscard]] bool is_known_off_axis() const { return exact_.empty(); }
  /// Whether δν/δσ² is kept.
  [[nodiscard]] bool has_variance_response() const { return *options_.variance_response; }

 private:
  void add_term(const Network& network, const Projection& projection,
                const LifParameters& effective, double shift);
  /// The exact response of a neuron, tied to the derivatives of its rate.
  struct ExactNeuron {
    std::optional<ExactResponseCurve> curve;  ///< none: white noise
    double factor = 1;                        ///< on δν/δμ
    double shift = 0;                         ///< of δν/δσ², times δν/δμ [1/V]
  };
  void add_exact(const MeanField& field, const StationaryState& state,
                 const std::vector<LifParameters>& neurons);
  [[nodiscard]] LinearResponse neuron_response(Eigen::Index i, std::complex<double> z) const;
  /// How the shifted boundaries of each population follow σ.
  [[nodiscard]] std::vector<ColourResponse> colours_of(const Network& network) const;

  std::vector<std::string> names_;
  std::vector<DynamicResponse> responses_;
  std::vector<ExactNeuron> exact_;  ///< empty but with ColourResponse::kExact
  std::vector<double> tau_m_;
  std::vector<double> sigma_;
  std::vector<Term> terms_;
  std::vector<Kernel> kernels_;
  ResponseOptions options_;
};

/// Effective connectivity at zero frequency, the Jacobian of the rate map Φ at a stationary state
/// (Helias et al. 2013, app. A):
///   W_ij = ∂Φ_i/∂ν_j = ∂Φ_i/∂μ A_ij + ∂Φ_i/∂σ² B_ij,   ∂Φ/∂σ² = (∂Φ/∂σ)/(2σ)
/// and where synapses of several time constants meet also what moves the effective one,
/// ∂Φ_i/∂q Q_ij (MeanField, third sum); with binary units B_ij times the slope of m(1 − m).
/// Each entry of the mean field may be a population (W then counts all its synapses, K_ij per
/// neuron) or one neuron.
/// @return shape=(n, n), row = target, dimensionless. A row without noise (σ = 0) has NaN where
/// B_ij > 0.
/// @throws std::invalid_argument when the state has not the size of the field.
[[nodiscard]] Eigen::MatrixXd effective_connectivity(const MeanField& field,
                                                     const StationaryState& state);

/// The same with the pattern of the coupling; entries that are zero in a dense coupling are left
/// out.
[[nodiscard]] Eigen::SparseMatrix<double> sparse_effective_connectivity(
    const MeanField& field, const StationaryState& state);

/// @}
}  // namespace nuphi
