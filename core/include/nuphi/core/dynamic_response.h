#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include <complex>
#include <span>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Where the refractory time enters the linear response.
enum class Refractoriness {
  kExact,     ///< everywhere: through the rate and through e^{−z t_ref} between spike and reset
  kRateOnly,  ///< through the rate alone, as in most published transfer functions; jumps at ω → 0
};

/// How the boundaries that colour shifts by cσ follow a modulated σ.
enum class ColourResponse {
  kMoving,  ///< they move with σ(t), and the density with them: −(c/2σ)(1 + zτ_m) δν/δμ
  kQuasiStatic,  ///< as if σ were constant, −(c/2σ) δν/δμ: reproduces published figures
  kExact,        ///< no boundaries that shift: exact_response(), on the imaginary axis alone
};

/// Working point in dimensionless form, y = (V − μ)/σ with the colour shift included.
struct ResponsePoint {
  double y_t = 0;  ///< threshold
  double y_r = 0;  ///< reset, < y_t
  double d = 0;  ///< y_t − y_r = (V_th − V_reset)/σ, given because the difference would cancel
  double rho = 0;  ///< t_ref/τ_m ≥ 0
};

/// Dimensionless linear response at λ = zτ_m; with φ_λ(y) = H_{−λ}(−y), t and r at y_t and y_r:
///   G_mu       = (φ'_t − φ'_r) / ((1 + λ)(φ_t − e^{−λρ} φ_r)),    δν/δμ  = (ν/σ) G_mu
///   G_variance = (φ''_t − φ''_r) / (2(2 + λ)(φ_t − e^{−λρ} φ_r)), δν/δσ² = (ν/σ²) G_variance
///   log_f      = ln(φ_r/φ_t)
/// with f the Laplace transform of the first-passage time from reset to threshold.
struct ResponseTerms {
  std::complex<double> G_mu;           ///< response to μ in units of ν/σ
  std::complex<double> G_variance;     ///< response to σ² in units of ν/σ²
  std::complex<double> log_f;          ///< principal value; never under- or overflows
  std::complex<double> isi_transform;  ///< f e^{−λρ}, exact whatever `refractoriness` is
};

/// ResponseTerms at one λ.
/// @param point   dimensionless working point
/// @param lambda  zτ_m; iωτ_m for a modulation e^{+iωt}. Accurate for Re λ ≥ −5; NaN for
///   Re λ < −20
/// @param refractoriness  where t_ref enters
/// @return NaN for NaN or infinite input, d ≤ 0, ρ < 0, or sizes beyond 1e50; never throws.
///
/// Accuracy: relative error, docs/accuracy.md, section "response" (measured). No allocation.
[[nodiscard]] ResponseTerms response_terms(
    const ResponsePoint& point, std::complex<double> lambda,
    Refractoriness refractoriness = Refractoriness::kExact) noexcept;

/// The same at λ = iω_kτ_m for many frequencies at once, several per instruction. Agrees with the
/// scalar function to rounding, not to the last bit.
/// @param point      dimensionless working point
/// @param omega_tau  ω_kτ_m; fastest when ordered
/// @param out        as many elements as omega_tau
/// @param refractoriness  where t_ref enters
void response_terms(const ResponsePoint& point, std::span<const double> omega_tau,
                    std::span<ResponseTerms> out,
                    Refractoriness refractoriness = Refractoriness::kExact) noexcept;

/// Power spectrum of the spike train over the rate, S/ν = (1 − |f|²)/|1 − f e^{−iωt_ref}|²: tends
/// to CV² for ω → 0 and to 1 for ω → ∞. The δ-function ν²·2πδ(ω) is left out.
[[nodiscard]] double spectrum_ratio(const ResponsePoint& point, double omega_tau) noexcept;

/// Linear response of the rate, δν e^{zt} to δμ e^{zt} and δσ² e^{zt}.
struct LinearResponse {
  std::complex<double> d_mu;               ///< δν/δμ [Hz/V]
  std::complex<double> d_variance;         ///< δν/δσ² [Hz/V²]
  std::complex<double> log_first_passage;  ///< ln f; principal value
  std::complex<double> isi_transform;  ///< E[e^{−zT}] = f e^{−z t_ref}, T the interspike interval
};

/// Linear response of a LIF neuron around a working point (Brunel, Chance, Fourcaud & Abbott 2001;
/// Lindner & Schimansky-Geier 2001; with colour Schuecker, Diesmann & Helias 2015). Prepares the
/// working point once; every call allocates nothing and never throws.
///
/// - ω = 0 gives the derivatives of siegert(), and ω → 0 approaches them without a step with
///   kExact; with kRateOnly it tends to them divided by 1 − νt_ref.
/// - No synaptic filter: μ and σ² are those of the white-noise equivalent (docs/notation.md).
/// - Colour (τ_syn > 0): boundaries shifted by c as `correction` says. In units of voltage the
///   shift is cσ and follows σ(t). In the frame V − cσ(t) the boundaries stand still and the drift
///   is μ − cσ − τ_m c dσ/dt, so that δν/δσ² holds −(c/2σ)(1 + zτ_m) δν/δμ as well; kQuasiStatic
///   leaves the velocity zτ_m out. ω → 0 is exact with both. What modulates σ passes synapses: with
///   no filter δν/δσ² grows like √ω.
/// - kShiftRefractory: the velocity is that of the threshold.
/// - kTaylor: the same to first order in c = (α/2)√(τ_syn/τ_m), δν/δμ = N − cσ ∂N/∂μ with N of
///   white noise, as in the figures of Schuecker et al. 2015; ω → 0 gives the derivatives of the
///   taylor rate. ln f, the ISI transform and the spectrum are those of kShift: their expansions
///   need not be transforms of a density. Costs 12 evaluations; kShift is as good to this order and
///   cheaper.
/// - kUniform: the response of white noise of amplitude σ/√(1 + τ_syn/τ_m) between the effective
///   boundaries of the formula (the reset such that the rate is that of the formula), with a factor
///   on δν/δμ and a quasi-static part of δν/δσ² that make ω → 0 the derivatives of the rate.
/// - kAdiabatic, kExact and ColourResponse::kExact have no response here (NaN): exact_response()
///   has it.
/// - σ = 0: the noiseless limit above threshold, f = ((μ−V_th)/(μ−V_reset))^λ; with colour δν/δσ²
///   is infinite there and returned as NaN. Below threshold the neuron is silent: responses and
///   isi_transform 0, log_first_passage −∞. At μ = V_th: NaN.
class DynamicResponse {
 public:
  /// @param mu, sigma       as in siegert(); everything is NaN where siegert() is
  /// @param neuron          its parameters
  /// @param correction      how colour shifts the boundaries
  /// @param refractoriness  where t_ref enters
  /// @param colour          how the shifted boundaries follow σ
  DynamicResponse(double mu, double sigma, const LifParameters& neuron,
                  Correction correction = Correction::kShift,
                  Refractoriness refractoriness = Refractoriness::kExact,
                  ColourResponse colour = ColourResponse::kMoving) noexcept;

  /// What kind of response the working point has.
  enum class Regime {
    kNoisy,      ///< σ > 0
    kNoiseless,  ///< σ = 0 above threshold: resonates at any frequency
    kSilent,     ///< σ = 0 below threshold: no response
    kInvalid,    ///< NaN
  };
  [[nodiscard]] Regime regime() const noexcept { return regime_; }  ///< of the working point
  [[nodiscard]] double rate() const noexcept { return rate_; }      ///< stationary, ν [Hz]
  /// Boundaries in units of amplitude(), colour shift included.
  [[nodiscard]] const ResponsePoint& point() const noexcept { return point_; }
  /// Amplitude of the white noise whose response it is [V]: σ, but for kUniform.
  [[nodiscard]] double amplitude() const noexcept { return sigma_; }
  /// What G_mu is multiplied by, ν/σ but for kUniform [Hz/V].
  [[nodiscard]] double per_mu() const noexcept { return gain_mu_ * rate_ / sigma_; }
  /// What G_variance − ½(c + c′λ) G_mu is multiplied by, ν/σ² but for kUniform [Hz/V²], with c of
  /// quasi_static_shift() and c′ of moving_shift().
  [[nodiscard]] double per_variance() const noexcept {
    return gain_variance_ * rate_ / (sigma_ * sigma_);
  }
  /// c of the part −(c/2σ) δν/δμ that δν/δσ² has from colour.
  [[nodiscard]] double quasi_static_shift() const noexcept { return shift_; }
  /// c of the part −(c/2σ) zτ_m δν/δμ that δν/δσ² has from boundaries that move; 0 with
  /// kQuasiStatic.
  [[nodiscard]] double moving_shift() const noexcept { return moving_shift_; }
  /// kTaylor with τ_syn > 0: the response is first order in the shift.
  [[nodiscard]] bool is_expanded_in_colour() const noexcept { return taylor_; }

  /// At z = iω, ω [1/s] an angular frequency.
  [[nodiscard]] LinearResponse at_frequency(double omega) const noexcept;
  /// At complex z [1/s]; Re z ≥ −5/τ_m for full accuracy.
  [[nodiscard]] LinearResponse at(std::complex<double> z) const noexcept;
  /// At many frequencies [1/s], ordered for speed. `out` has as many elements.
  void at_frequencies(std::span<const double> omega, std::span<LinearResponse> out) const noexcept;

  /// Power spectrum of the spike train over the rate; CV² at ω = 0. NaN where the rate is 0 at
  /// σ = 0.
  [[nodiscard]] double spectrum(double omega) const noexcept;

  /// Response and spectrum at one frequency.
  struct AtHertz {
    LinearResponse response;  ///< as at_frequency()
    double spectrum;          ///< as spectrum()
  };
  /// Both at ω = 2πf, f [Hz]. A sharp peak, or a phase of thousands, magnifies the rounding of
  /// ωτ_m, of t_ref/τ_m and of the boundaries in units of σ a thousandfold; here it is carried
  /// along to first order, so that the result is that of the ω and the numbers given. Costs twice.
  [[nodiscard]] AtHertz at_hertz(double frequency) const noexcept;

 private:
  [[nodiscard]] LinearResponse from_terms(const ResponseTerms& terms,
                                          std::complex<double> lambda) const noexcept;
  /// c + c λ: the part of colour in δν/δσ², in units of −(1/2σ) δν/δμ.
  [[nodiscard]] std::complex<double> shift_at(std::complex<double> lambda) const noexcept {
    return shift_ + moving_shift_ * lambda;
  }
  [[nodiscard]] LinearResponse first_order_in_colour(std::complex<double> lambda) const noexcept;
  [[nodiscard]] LinearResponse static_response() const noexcept;
  void take_uniform(double mu, const LifParameters& neuron, const SiegertRate& rate) noexcept;
  [[nodiscard]] LinearResponse noiseless(std::complex<double> z) const noexcept;

  Regime regime_ = Regime::kInvalid;
  Refractoriness refractoriness_ = Refractoriness::kExact;
  ResponsePoint point_;
  double tau_m_ = 0;
  double t_ref_ = 0;
  double sigma_ = 0;  ///< of the white noise
  double gain_mu_ = 1, gain_variance_ = 1;
  double excess_ = 0;  ///< μ − V_th, for σ = 0
  double length_ = 0;  ///< V_th − V_reset
  double rate_ = 0;
  double half_rate_ = 0;  ///< √ν: a response can be representable where the rate is not
  double drate_dmu_ = 0;
  double drate_dvariance_ = 0;
  double shift_ = 0;         ///< c of the quasi-static part of δν/δσ²
  double moving_shift_ = 0;  ///< c of the part in zτ_m
  bool taylor_ = false;      ///< expand in the shift instead of shifting
  double log_slope_ = 0;     ///< kTaylor: ∂ln ν₀/∂y of the rate ν₀ of white noise
  double white_rate_ = 0;    ///< kTaylor: ν₀
  ResponsePoint white_;      ///< kTaylor: boundaries that are not shifted
  ResponsePoint rest_;       ///< what rounding took from point_
};

/// @}
}  // namespace nuphi
