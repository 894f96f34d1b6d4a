#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <limits>
#include <span>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// Value and gradient of the stationary rate and of its logarithm.
struct SiegertRate {
  double rate = 0;              ///< ν [Hz]; may underflow to 0 where log_rate is still finite
  double log_rate = 0;          ///< ln(ν / Hz)
  double drate_dmu = 0;         ///< ∂ν/∂μ [Hz/V]
  double drate_dsigma = 0;      ///< ∂ν/∂σ [Hz/V]
  double dlog_rate_dmu = 0;     ///< ∂ln ν/∂μ [1/V]; accurate where ν underflows
  double dlog_rate_dsigma = 0;  ///< ∂ln ν/∂σ [1/V]
};

/// siegert() with its second derivatives.
struct SiegertSecond {
  SiegertRate first;                ///< value and gradient, as siegert()
  double d2rate_dmu2 = 0;           ///< ∂²ν/∂μ² [Hz/V²]
  double d2rate_dmudsigma = 0;      ///< ∂²ν/∂μ∂σ [Hz/V²]
  double d2rate_dsigma2 = 0;        ///< ∂²ν/∂σ² [Hz/V²]
  double d2log_rate_dmu2 = 0;       ///< ∂²ln ν/∂μ² [1/V²]
  double d2log_rate_dmudsigma = 0;  ///< ∂²ln ν/∂μ∂σ [1/V²]
  double d2log_rate_dsigma2 = 0;    ///< ∂²ln ν/∂σ² [1/V²]
};

/// Stationary firing rate of a LIF neuron driven by Gaussian noise (Siegert 1951; Brunel 2000).
///   ν⁻¹ = t_ref + τ_m √π ∫_{y_r}^{y_t} e^{s²}(1 + erf s) ds,   y = (V − μ)/σ + c
/// with τ_m dV = −(V − μ)dt + σ√τ_m dW, and c the colour shift (0 where τ_syn = 0) by `correction`:
///   kNone             c = 0
///   kShift            c = (α/2)√(τ_syn/τ_m) at both boundaries, α = √2|ζ(1/2)|
///   kShiftRefractory  that c at the threshold, c·exp(−t_ref/τ_syn) at the reset
///   kTaylor           ν = ν₀ − cσ ∂ν₀/∂μ, ν₀ the rate for white noise. Far below threshold this is
///                     negative and returned so; ln ν and its gradient are NaN where ν ≤ 0.
///   kAdiabatic        another formula for τ_syn ≫ τ_m: siegert_adiabatic() (colored_noise.h)
///   kUniform          a closed form fitted to kExact for τ_syn ≤ 2 τ_m, with errors far below 1 %
///                     (docs/theory/colored_noise.md has them); for slower synapses it passes
///                     smoothly into kAdiabatic where the mean is above threshold
///   kExact            no formula: exact_rate() (exact_rate.h), at its standard resolution
///
/// @param mu, sigma  mean and noise amplitude of the input relative to E_L [V]; σ ≥ 0, and σ = 0 is
///   the noiseless limit
/// @param neuron      its parameters
/// @param correction  how colour enters, see above
/// @return NaN in every field for a NaN or infinite input, σ < 0, τ_m ≤ 0, t_ref < 0, τ_syn < 0 or
///   V_reset ≥ V_th; never throws. Otherwise 0 ≤ ν ≤ 1/t_ref (but for kTaylor). What exceeds the
///   range of double is returned as its largest number, log_rate as −∞.
///   σ = 0 and μ ≤ V_th: rate 0, log_rate −∞, its gradient NaN; the gradient of the rate is 0 below
///   threshold, and NaN at μ = V_th exactly, where there is none.
/// Cost: four to six polynomials, an exponential and a logarithm, no quadrature (but for
/// kAdiabatic, and kExact, which takes milliseconds and allocates). Accuracy:
/// docs/accuracy.md (measured).
[[nodiscard]] SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                                  Correction correction = Correction::kShift) noexcept;

/// siegert() and the second derivatives (NaN for kTaylor, kAdiabatic and kExact with τ_syn > 0, and
/// for kUniform where it passes into kAdiabatic). Far below threshold those of ln ν are small
/// differences: −2/σ² is left of addends of size (2y/σ)², y = (V_th − μ)/σ.
[[nodiscard]] SiegertSecond siegert_second(double mu, double sigma, const LifParameters& neuron,
                                           Correction correction = Correction::kShift) noexcept;

/// What siegert_batch() writes, an array for each quantity, of length n_neurons. An empty span is
/// not wanted and costs nothing. The spans must not overlap each other or the inputs.
struct SiegertBatchOutput {
  std::span<double> rate = {};                  ///< ν [Hz]
  std::span<double> log_rate = {};              ///< ln(ν / Hz)
  std::span<double> drate_dmu = {};             ///< ∂ν/∂μ [Hz/V]
  std::span<double> drate_dsigma = {};          ///< ∂ν/∂σ [Hz/V]
  std::span<double> dlog_rate_dmu = {};         ///< ∂ln ν/∂μ [1/V]
  std::span<double> dlog_rate_dsigma = {};      ///< ∂ln ν/∂σ [1/V]
  std::span<double> d2rate_dmu2 = {};           ///< ∂²ν/∂μ² [Hz/V²]
  std::span<double> d2rate_dmudsigma = {};      ///< ∂²ν/∂μ∂σ [Hz/V²]
  std::span<double> d2rate_dsigma2 = {};        ///< ∂²ν/∂σ² [Hz/V²]
  std::span<double> d2log_rate_dmu2 = {};       ///< ∂²ln ν/∂μ² [1/V²]
  std::span<double> d2log_rate_dmudsigma = {};  ///< ∂²ln ν/∂μ∂σ [1/V²]
  std::span<double> d2log_rate_dsigma2 = {};    ///< ∂²ln ν/∂σ² [1/V²]
  std::span<double> cv = {};                    ///< coefficient of variation, as isi_cv() [1]
};

/// Instructions that siegert_batch() is compiled for.
enum class InstructionSet {
  kBest,      ///< the widest that the processor has
  kBaseline,  ///< what every processor of the architecture has, 2 neurons at once
  kAvx2,      ///< x86-64 with AVX2 and FMA, 4 neurons at once
  kAvx512,    ///< x86-64 with AVX-512 F, DQ, VL and BW, 8 neurons at once
};

/// The sets that this processor can run, the widest last; kBaseline is always among them.
[[nodiscard]] std::vector<InstructionSet> available_instruction_sets();

/// How siegert_batch() computes.
struct SiegertBatchOptions {
  Correction correction = Correction::kShift;  ///< as in siegert(), the same for all neurons
  /// Threads, ≥ 0; 0 for as many as the machine has. Fewer are used where n_neurons is small.
  int threads = 0;
  /// Another than kBest makes the last digits the same on every machine.
  InstructionSet instruction_set = InstructionSet::kBest;
};

/// siegert() of many neurons:
///   ν⁻¹ = t_ref + τ_m √π ∫_{y_r}^{y_t} e^{s²}(1 + erf s) ds,   y = (V − μ)/σ + c
/// by the same formulas in vectors; neurons beyond ordinary sizes, the corrections kTaylor,
/// kAdiabatic and kExact, and kUniform with second derivatives, a CV or a share of kAdiabatic, go
/// through siegert() itself. Every entry has the value that siegert(), siegert_second() or isi_cv()
/// returns for it, to rounding (docs/accuracy.md), NaN and limits included: a bad neuron spoils its
/// own entry only. An entry does not depend on its position, on its neighbours or on the number of
/// threads; its last digits do depend on the instruction set.
///
/// @param mu, sigma  shape=(n_neurons), mean and noise amplitude of the input [V], as in siegert()
/// @param neuron  parameters of all neurons
/// @param output  arrays to be written; empty ones are skipped
/// @param options  correction, threads, instructions
/// @throws std::invalid_argument if a length is not that of mu, threads < 0, or the processor lacks
///   the instruction set
/// No allocation on one thread (but for kExact).
void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   const LifParameters& neuron, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options = {});

/// The same with the parameters of each neuron, shape=(n_neurons).
void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   std::span<const LifParameters> neurons, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options = {});

/// Mean input at which a LIF neuron fires at a given rate: the μ with siegert(μ, σ).rate = ν,
/// unique because the rate rises with μ. With kTaylor, whose rate does not rise everywhere, a root
/// on the rising part where the rate is positive. With kAdiabatic about 1e-14 as well; with
/// kExact the noise of exact_rate(), 1e-8 of σ.
/// @param rate   ν [Hz], 0 < ν < 1/t_ref
/// @param sigma  noise amplitude [V], ≥ 0; σ = 0:
///   μ = V_th + (V_th − V_reset)/(e^{(1/ν − t_ref)/τ_m} − 1)
/// @param neuron      its parameters
/// @param correction  how colour enters
/// @return μ [V]; NaN outside the domain.
/// Accuracy: that of siegert(): |Δμ| ≤ 1e-14 (|μ| + |V_th − μ|) where the rate fixes μ that well;
/// near saturation μ moves by (1 − ν t_ref)⁻¹ ε of its size for a rounding ε of the rate. Cost:
/// about ten calls of siegert().
[[nodiscard]] double siegert_inverse_mu(double rate, double sigma, const LifParameters& neuron,
                                        Correction correction = Correction::kShift) noexcept;

/// Noise amplitudes at which a neuron fires at a given rate.
struct SigmaRoots {
  int count = 0;  ///< 0: no σ gives the rate, 1, or 2
  /// Smaller root [V]; NaN where there is none.
  double lower = std::numeric_limits<double>::quiet_NaN();
  /// Larger root [V]; NaN where there are fewer than two.
  double upper = std::numeric_limits<double>::quiet_NaN();
};

/// All σ ≥ 0 with siegert(μ, σ).rate = ν. For μ ≤ V_th, and without colour for every μ, the rate
/// rises with σ and there is one root at most. Above threshold the colour shift makes it fall first
/// (∂ν/∂σ = −c ∂ν/∂μ at σ = 0), so that rates between its minimum and that of the noiseless neuron
/// have two. With kShiftRefractory the rate tends to less than 1/t_ref as σ grows, from below or
/// from above.
/// @param rate  ν [Hz], 0 < ν < 1/t_ref
/// @param mu    mean input relative to E_L [V]
/// @param neuron      its parameters
/// @param correction  how colour enters
/// @return no root outside the domain, and for kTaylor, kAdiabatic, kUniform and kExact with
///   τ_syn > 0, whose rates have no such shape. Accuracy: relative 1e-14, worse where ∂ν/∂σ
///   vanishes (√ε at a double root).
[[nodiscard]] SigmaRoots siegert_inverse_sigma(double rate, double mu, const LifParameters& neuron,
                                               Correction correction = Correction::kShift) noexcept;

/// @}
}  // namespace nuphi
