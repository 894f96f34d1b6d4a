// One neuron at one point: from the public arguments to the rate and its logarithmic derivatives.
// Shared by the functions that need the boundaries or the rate of siegert().
#pragma once

#include <nuphi/core/lif.h>

#include "siegert_kernel.h"

namespace nuphi::detail {

/// Shifts of the two boundaries by the colour of the input, in two doubles: e^{−y²} magnifies
/// their error.
struct ColourShift {
  Pair<double> threshold;
  Pair<double> reset;
  double excess = 0;  ///< threshold − reset, ≥ 0
};

/// (α/2)√(τ_syn/τ_m), α = √2|ζ(1/2)|.
[[nodiscard]] Pair<double> half_alpha_root(double tau_syn, double tau_m) noexcept;

/// The shifts that `correction` puts into the boundaries; zero for those that work otherwise.
[[nodiscard]] ColourShift colour_shift(const LifParameters& neuron, Correction correction) noexcept;

/// What siegert() accepts: everything finite, σ ≥ 0, τ_m > 0, t_ref ≥ 0, τ_syn ≥ 0, V_reset < V_th.
[[nodiscard]] bool in_domain(double mu, double sigma, const LifParameters& neuron) noexcept;

/// Implies in_domain(), and sizes with which no intermediate result leaves the range of double.
[[nodiscard]] inline bool is_ordinary(double mu, double sigma, const LifParameters& n) noexcept {
  constexpr double kLarge = 1e40, kSmall = 1e-40;
  const auto within = [](double x) { return x > kSmall && x < kLarge; };
  const auto below = [](double x) { return std::abs(x) < kLarge; };
  // Written so that a NaN fails. The interval has a bound of its own, as its end points may be
  // close.
  return below(mu) && below(n.V_th) && below(n.V_reset) && n.V_th - n.V_reset > 1e-80 &&
         (within(sigma) || (sigma == 0 && std::abs(mu - n.V_th) > kSmall)) && within(n.tau_m) &&
         n.t_ref >= 0 && n.t_ref < kLarge && (n.tau_syn == 0 || within(n.tau_syn));
}

[[nodiscard]] inline Boundaries<double> boundaries(double mu, double sigma,
                                                   const LifParameters& neuron,
                                                   const ColourShift& shift) {
  Boundaries<double> b;
  b.sigma = sigma;
  b.x_threshold = two_sum(mu, -neuron.V_th);
  b.x_reset = two_sum(mu, -neuron.V_reset);
  b.to_threshold = -b.x_threshold.high;
  b.to_reset = -b.x_reset.high;
  b.length = neuron.V_th - neuron.V_reset;
  if (shift.threshold.high != 0) {
    b.c_threshold = shift.threshold.high;
    b.c_excess = shift.excess;
    b.x_threshold = subtract(b.x_threshold, multiply(shift.threshold, sigma));
    b.x_reset = subtract(b.x_reset, multiply(shift.reset, sigma));
    b.length += shift.excess * sigma;
  }
  return b;
}

/// Symmetric 2 × 2 matrix over (μ, σ).
struct Hessian {
  double mu_mu = 0;
  double mu_sigma = 0;
  double sigma_sigma = 0;
};

/// Rate and derivatives relative to it, finite where the rate itself underflows.
struct Expansion {
  double rate = 0;
  double log_rate = 0;
  double l_mu = 0;        ///< ∂ln ν/∂μ
  double l_sigma = 0;     ///< ∂ln ν/∂σ
  Hessian log_hessian;    ///< of ln ν
  Hessian ratio_hessian;  ///< of ν, divided by ν
  // rate = half · other_half, each representable where the rate may not be.
  double half = 1;
  double other_half = 0;

  /// rate · x, representable where the product is.
  [[nodiscard]] double rate_times(double x) const {
    return other_half == 0 ? 0 : (half * x) * other_half;
  }
};

/// The rate for boundaries within the sizes of is_ordinary(); σ = 0 only above threshold.
template <bool kSecond>
[[nodiscard]] inline Expansion expand(const Boundaries<double>& b, double tau_m, double t_ref) {
  Expansion r;
  SiegertIntegral<double> s;
  if (b.x_threshold.high >= 0) {
    s = above_threshold<kSecond>(b);
  } else {
    constexpr double kDeep = 1e10;
    const double inverse_sigma = 1 / b.sigma;
    const double y = -b.x_threshold.high * inverse_sigma;
    if (y > kDeep) {
      // ln ν = −y² up to terms of order ln y, below rounding here. The same in any interval.
      const double z = b.to_threshold * inverse_sigma;
      r.log_rate = -y * y;
      r.l_mu = 2 * y * inverse_sigma;
      r.l_sigma = 2 * y * z * inverse_sigma;
      if constexpr (kSecond) {
        const double inverse2 = inverse_sigma * inverse_sigma;
        r.log_hessian = {-2 * inverse2, -2 * (z + y) * inverse2, -2 * z * (z + 2 * y) * inverse2};
      }
      return r;
    }
    const ScaledThreshold<double> threshold = scaled_threshold(b);
    const double d = b.length * inverse_sigma;
    s = d * (1 + 2 * y) < 0.6 ? below_threshold_narrow<kSecond>(b, threshold)
                              : below_threshold_wide<kSecond>(b, threshold);
  }
  const double period = tau_m * s.integral + t_ref * s.scale;  // times scale
  const double inverse = 1 / period;
  const double factor = tau_m * kSqrtPi * inverse;
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

}  // namespace nuphi::detail
