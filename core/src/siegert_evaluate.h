// One neuron at one point: from the public arguments to the rate and its logarithmic derivatives.
// Shared by the functions that need the boundaries or the rate of siegert().
#pragma once

#include <nuphi/core/lif.h>

#include <cmath>
#include <type_traits>

#include "siegert_kernel.h"

namespace nuphi::detail {

/// Shifts of the boundaries by the colour of the input, c = (α/2)√(τ_syn/τ_m), α = √2|ζ(1/2)|.
struct ColourShift {
  double tau_m = 1, tau_syn = 0;
  double root = 0;       ///< √(τ_syn/τ_m) in one double
  double threshold = 0;  ///< c_t in one double
  double excess = 0;     ///< c_t − c_r ≥ 0

  /// c_t in two doubles, for below threshold: e^{−y²} magnifies its error.
  [[nodiscard]] Pair<double> exact_threshold() const;
};

inline constexpr Pair<double> kHalfAlpha{1.0326265761156086, -4.927193887772517e-18};

inline Pair<double> ColourShift::exact_threshold() const {
  const auto within = [](double x) { return x > 1e-70 && x < 1e70; };
  if (root == 0 || !(within(tau_m) && within(tau_syn))) return {threshold, 0};
  // One Newton step on `root`: ρ = τ_syn − root² τ_m without rounding, then ρ/(2 root τ_m).
  const Pair<double> square = two_product(root, root);
  const Pair<double> product = two_product(square.high, tau_m);
  const double residual = ((tau_syn - product.high) - product.low) - square.low * tau_m;
  const double root_low = residual * (0.5 / (root * tau_m));
  const Pair<double> result = two_product(kHalfAlpha.high, root);
  return fast_two_sum(result.high,
                      result.low + (kHalfAlpha.high * root_low + kHalfAlpha.low * root));
}

/// Whether the correction is the formula of white noise with other boundaries.
[[nodiscard]] inline bool moves_boundaries(Correction correction) noexcept {
  return correction == Correction::kNone || correction == Correction::kShift ||
         correction == Correction::kShiftRefractory;
}

/// The shifts that `correction` puts into the boundaries; zero for those that work otherwise.
[[nodiscard]] inline ColourShift colour_shift(const LifParameters& neuron,
                                              Correction correction) noexcept {
  ColourShift shift;
  if (neuron.tau_syn == 0 || correction == Correction::kNone) return shift;
  shift.tau_m = neuron.tau_m;
  shift.tau_syn = neuron.tau_syn;
  shift.root = std::sqrt(neuron.tau_syn / neuron.tau_m);
  if (!(shift.root > 1e-100 && shift.root < 1e100)) {  // the quotient may have left the range
    shift.root = std::fmin(std::sqrt(neuron.tau_syn) / std::sqrt(neuron.tau_m), 1e100);
  }
  shift.threshold = kHalfAlpha.high * shift.root;
  if (correction == Correction::kShiftRefractory) {
    // The synaptic current goes on decaying while the neuron is refractory: less is left at reset.
    shift.excess = -shift.threshold * std::expm1(-neuron.t_ref / neuron.tau_syn);
  }
  return shift;
}

/// Sizes with which no intermediate result leaves the range of double, and a rate that is not the
/// exact 0 of a silent neuron without noise. Everything finite, σ ≥ 0, … is implied.
[[nodiscard]] inline bool is_ordinary(double mu, double sigma, const LifParameters& n) noexcept {
  constexpr double kLarge = 1e40, kSmall = 1e-40;
  const auto within = [](double x) { return x > kSmall && x < kLarge; };
  const auto below = [](double x) { return std::abs(x) < kLarge; };
  // Written so that a NaN fails. The interval can be much shorter than its ends are large.
  return below(mu) && below(n.V_th) && below(n.V_reset) && n.V_th - n.V_reset > 1e-80 &&
         (within(sigma) || (sigma == 0 && mu - n.V_th > kSmall)) && within(n.tau_m) &&
         n.t_ref >= 0 && n.t_ref < kLarge && (n.tau_syn == 0 || within(n.tau_syn));
}

/// Puts the shift into boundaries that have everything else. Above threshold one double will do,
/// as X is added to 4σ there, unless c is large.
inline void apply(const ColourShift& shift, Boundaries<double>& b) {
  b.x_threshold = -b.to_threshold.high;
  if (shift.threshold == 0) return;
  b.c_threshold.high = shift.threshold;
  b.c_excess = shift.excess;
  b.x_threshold -= shift.threshold * b.sigma;
  if (b.x_threshold > 0 && shift.threshold < 4) return;
  b.c_threshold = shift.exact_threshold();
  const Pair<double> product = multiply(b.c_threshold, b.sigma);
  const Pair<double> sum = two_sum(b.to_threshold.high, product.high);
  b.x_threshold = -(sum.high + (sum.low + (b.to_threshold.low + product.low)));
}

[[nodiscard]] inline Boundaries<double> boundaries(double mu, double sigma,
                                                   const LifParameters& neuron,
                                                   const ColourShift& shift) {
  Boundaries<double> b;
  b.sigma = sigma;
  b.to_threshold = two_sum(neuron.V_th, -mu);
  b.to_reset = neuron.V_reset - mu;
  b.length = neuron.V_th - neuron.V_reset + shift.excess * sigma;
  apply(shift, b);
  return b;
}

/// What siegert() accepts: everything finite, σ ≥ 0, τ_m > 0, t_ref ≥ 0, τ_syn ≥ 0, V_reset < V_th.
[[nodiscard]] bool in_domain(double mu, double sigma, const LifParameters& neuron) noexcept;

/// Arguments of any size in units in which σ or |μ − V_th|, and τ_m, are of order one.
///
/// A short interval makes the integral proportional to its length, to all digits. So that it does
/// not underflow it is then made longer by 2^stretch, and T and t_ref with it.
struct Rescaled {
  Boundaries<double> boundaries;
  double tau_m = 1;
  double t_ref = 0;
  int volt = 0;  ///< voltages are in units of 2^volt
  int stretch = 0;
  int rate_power = 0;  ///< the rate is 2^rate_power times that of the rescaled neuron
};

/// For σ > 0, or σ = 0 above threshold.
[[nodiscard]] Rescaled rescale(double mu, double sigma, const LifParameters& neuron,
                               const ColourShift& shift) noexcept;

/// Symmetric 2 × 2 matrix over (μ, σ).
struct Hessian {
  double mu_mu = 0;
  double mu_sigma = 0;
  double sigma_sigma = 0;
};

/// Rate and gradient relative to it, finite where the rate itself underflows.
struct Expansion {
  double rate = 0;
  double log_rate = 0;
  double l_mu = 0;     ///< ∂ln ν/∂μ
  double l_sigma = 0;  ///< ∂ln ν/∂σ
  double factor = 0;   ///< τ_m√π/T over the scale of the integral; 0 beyond kDeep
  double busy = 1;     ///< (T − t_ref)/T
  // rate = half · other_half, each representable where the rate may not be.
  double half = 1;
  double other_half = 0;

  /// rate · x, representable where the product is.
  [[nodiscard]] double rate_times(double x) const {
    return other_half == 0 ? 0 : (half * x) * other_half;
  }
};

struct SecondExpansion : Expansion {
  Hessian log_hessian;    ///< of ln ν
  Hessian ratio_hessian;  ///< of ν, divided by ν
};

/// Beyond this y_t, ln ν = −y_t² to all digits of a double.
inline constexpr double kDeep = 1e10;

/// y_t > 0: the form for the length of the interval.
template <bool kSecond>
[[nodiscard]] inline SiegertIntegral<double> below_threshold(
    const Boundaries<double>& b, const ScaledThreshold<double>& threshold) {
  constexpr std::size_t kMore = kSecond ? 2 : 0;
  const double width = narrow_width(threshold);
  const double scale = exp_minus(threshold.square);
  if (width < 0.2) return below_threshold_narrow<kSecond, 15 + kMore>(b, threshold, scale);
  if (width < kNarrow) return below_threshold_narrow<kSecond, 21 + kMore>(b, threshold, scale);
  const bool above = threshold.y - threshold.d > 0;
  if (scale < kFaint) {
    return above ? below_threshold_wide<kSecond, Wide::kFaint>(b, threshold, scale)
                 : below_threshold_wide<kSecond, Wide::kFaintThresholdOnly>(b, threshold, scale);
  }
  return above ? below_threshold_wide<kSecond, Wide::kResetAboveZero>(b, threshold, scale)
               : below_threshold_wide<kSecond, Wide::kResetBelowZero>(b, threshold, scale);
}

/// The rate for boundaries within the sizes of is_ordinary(); σ = 0 only above threshold.
template <bool kSecond>
[[nodiscard]] inline std::conditional_t<kSecond, SecondExpansion, Expansion> expand(
    const Boundaries<double>& b, double tau_m, double t_ref) {
  std::conditional_t<kSecond, SecondExpansion, Expansion> r;
  SiegertIntegral<double> s;
  if (b.x_threshold >= 0) {
    s = above_threshold<kSecond>(b);
  } else {
    const double inverse_sigma = 1 / b.sigma;
    const double y = -b.x_threshold * inverse_sigma;
    if (y > kDeep) {
      // ln ν = −y² up to terms of order ln y, below rounding here. The same in any interval.
      const double z = b.to_threshold.high * inverse_sigma;
      r.log_rate = -y * y;
      r.l_mu = 2 * y * inverse_sigma;
      r.l_sigma = 2 * y * z * inverse_sigma;
      if constexpr (kSecond) {
        const double inverse2 = inverse_sigma * inverse_sigma;
        r.log_hessian = {-2 * inverse2, -2 * (z + y) * inverse2, -2 * z * (z + 2 * y) * inverse2};
      }
      return r;
    }
    s = below_threshold<kSecond>(b, scaled_threshold(b));
  }
  const double period = tau_m * s.integral + t_ref * s.scale;  // times scale
  const double inverse = 1 / period;
  const double factor = tau_m * kSqrtPi * inverse;
  r.factor = factor;
  r.busy = tau_m * s.integral * inverse;
  r.l_mu = factor * s.d_mu;
  r.l_sigma = factor * s.d_sigma;
  if constexpr (kSecond) {
    // (ln ν)_pq = ℓ_pℓ_q − T_pq/T, ν_pq/ν = 2ℓ_pℓ_q − T_pq/T
    const Hessian square{r.l_mu * r.l_mu, r.l_mu * r.l_sigma, r.l_sigma * r.l_sigma};
    r.log_hessian = {square.mu_mu - factor * s.d_mu_mu, square.mu_sigma - factor * s.d_mu_sigma,
                     square.sigma_sigma - factor * s.d_sigma_sigma};
    r.ratio_hessian = {2 * square.mu_mu - factor * s.d_mu_mu,
                       2 * square.mu_sigma - factor * s.d_mu_sigma,
                       2 * square.sigma_sigma - factor * s.d_sigma_sigma};
  }
  if (s.exponent.high < 600) {
    r.rate = s.scale / period;
    if (r.rate * t_ref >= 1) r.rate = 1 / t_ref;  // rounding of a quotient that is 1/t_ref at most
    r.other_half = r.rate;
    r.log_rate = std::log(r.rate);
  } else {
    r.half = exp_minus(Pair<double>{s.exponent.high / 2, s.exponent.low / 2});
    r.other_half = r.half * inverse;
    r.rate = r.half * r.other_half;
    r.log_rate = -s.exponent.high - (std::log(period) + s.exponent.low);
  }
  return r;
}

/// The expansion of a neuron in better units: its rate in hertz, its slopes in those units.
/// @param t_ref  of the neuron itself [s]
[[nodiscard]] SecondExpansion expand_rescaled(const Rescaled& scaled, double t_ref) noexcept;

}  // namespace nuphi::detail
