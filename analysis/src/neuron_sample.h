// The response of one neuron at z, and proven bounds of its change over a step to the right of z or
// above it (docs/theory/mode_count.md).
#pragma once

#include <nuphi/core/dynamic_response.h>

#include <cmath>
#include <complex>
#include <span>

namespace nuphi::detail {

using Complex = std::complex<double>;

/// |z| in an eighth of the time of std::abs(), which guards against over- and underflow of |z|².
inline double modulus(Complex z) { return std::sqrt(std::norm(z)); }

/// A neuron with noise, as the count of modes sees it.
struct NoisyNeuron {
  DynamicResponse response;
  double tau_m = 0;
  double t_ref = 0;     ///< in F = f e^{−z t_ref}; 0 where the response has it in the rate alone
  double interval = 0;  ///< T' = −F'(0) [s]
  double mean_residual = 0;  ///< E[T²]/(2T'), the slope of (1 − F)/(zT') at 0 [s]
  double per_mu = 0;         ///< of DynamicResponse: ν/σ
  double per_variance = 0;   ///< likewise: ν/σ²
  /// δν/δσ² = (ν/σ²)(G_σ² − quasi_static G_μ − moving (1 + λ) G_μ): c/2 is the latter where the
  /// boundaries move with σ, else the former.
  double quasi_static = 0, moving = 0;
  Refractoriness refractoriness = Refractoriness::kExact;
};

/// Its parts are those of `response` at a working point with σ > 0 and a rate > 0.
NoisyNeuron noisy_neuron(const DynamicResponse& response, double tau_m,
                         Refractoriness refractoriness);

/// What the response consists of at z: with λ = zτ_m, q = W/λ, W = φ'/φ at threshold (t) and reset
/// (r), f the transform of the first passage, F that of the interval,
///   N_μ = (ν/σ) u/(1 − F),  u = V/(1 + λ),  V = λX,  X = q_t − f q_r,
///   N_σ² = (ν/σ²) [v − (c/2) V]/(1 − F),  v = U/(2 + λ),  U = λY,  Y = 1 + y_t q_t − f (1 + y_r
///   q_r),
/// with (c/2) u for (c/2) V where the boundaries do not move with σ.
/// Moduli, and `slope_of_…`: bounds of |d/dz| for all z' with Re z' ≥ Re z and Im z' ≥ Im z.
struct NeuronSample {
  Complex z;
  Complex mu, variance;  ///< N_μ [Hz/V], N_σ² [Hz/V²]
  Complex factor;        ///< g = (1 − F)(1 + zT')/(zT'), which takes the resonances out

  double modulus = 0;  ///< |z|, 0 where the neuron is so slow to change that z is 0 to it
  double slack = 1;    ///< on all slopes
  double f = 0, F = 0, denominator = 0;  ///< |f|, |F|, |1 − F|
  double passage_slope = 0;              ///< D ≥ |d ln f/dz|
  double passage_phase = 0;              ///< −arg f, unwrapped
  bool phase_is_known = false;
  double residual = 0;  ///< |R|, R = (1 − F)/(zT')
  double q_r = 0, W_r = 0, one_yq_r = 0,
         l_yW_r = 0;  ///< |q_r|, |W_r|, |1 + y_r q_r|, |λ + y_r W_r|
  double X = 0, Y = 0, V = 0, U = 0;
  double slope_of_q_t = 0, slope_of_q_r = 0, slope_of_W_t = 0, slope_of_W_r = 0;
};

/// @param before  a sample from where z is reached by a step up the imaginary axis, or to its
///                right; its phase of f is carried on. Null: the first one.
/// @param terms   the response at z, where it is known
NeuronSample sample_neuron(const NoisyNeuron& neuron, Complex z, const NeuronSample* before,
                           const ResponseTerms* terms = nullptr);

/// The responses at z = iω, rising: several at once take hardly more time than one.
void axis_responses(const NoisyNeuron& neuron, std::span<const double> omega,
                    std::span<ResponseTerms> terms);

/// Only what enters the matrix: N_μ, N_σ² and g.
struct NeuronValues {
  Complex mu, variance, factor;
};
NeuronValues neuron_values(const NoisyNeuron& neuron, Complex z);

/// Bounds of the change over a step.
struct NeuronChange {
  double mu = 0, variance = 0;                ///< of N_μ, N_σ²; ∞ where nothing is proven
  double scaled_mu = 0, scaled_variance = 0;  ///< of g N_μ, g N_σ²
  double factor = 0;                          ///< of g
};

enum class Direction { kUp, kRight };

/// For all points of a step of length h from the sample.
NeuronChange change_over_step(const NoisyNeuron& neuron, const NeuronSample& sample, double h,
                              Direction direction);

}  // namespace nuphi::detail
