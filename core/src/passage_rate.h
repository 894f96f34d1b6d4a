// From the mean time T between release and spike, in units of τ_m and as a function of
// dimensionless parameters, to the rate ν = 1/(t_ref + τ_m T) and its partials.
#pragma once

#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nuphi::detail {

struct PassageRate {
  SiegertRate rate;
  LifPartials dlog_rate;
  double ready = 0;  ///< ν τ_m T, the fraction of time not refractory
};

/// ν without partials.
inline PassageRate passage_rate(double log_time, const LifParameters& p) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  PassageRate r;
  const double l = log_time + std::log(p.tau_m);
  const double silent = p.t_ref * std::exp(-l);  // t_ref over the passage time
  r.ready = 1 / (1 + silent);
  r.rate.log_rate = std::isinf(silent) ? -std::log(p.t_ref) : -(l + std::log1p(silent));
  r.rate.rate = r.ready * std::exp(-l);
  if (!std::isfinite(r.rate.rate)) r.rate.rate = std::min(std::exp(r.rate.log_rate), kLargest);
  return r;
}

/// With ∂ln T/∂(y_t, y_r, k, X), y = (V − μ)/σ, k = √(τ_syn/τ_m), X = e^{−t_ref/τ_syn}.
inline PassageRate passage_rate(double log_time, const std::array<double, 4>& slope, double mu,
                                double sigma, const LifParameters& p) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  PassageRate r = passage_rate(log_time, p);
  const double ready = r.ready, delay = p.t_ref / p.tau_syn, X = std::exp(-delay);
  const double y_t = (p.V_th - mu) / sigma, y_r = (p.V_reset - mu) / sigma;
  r.rate.dlog_rate_dmu = ready * (slope[0] + slope[1]) / sigma;
  r.rate.dlog_rate_dsigma = ready * (y_t * slope[0] + y_r * slope[1]) / sigma;
  const auto times_rate = [&](double x) {
    return std::clamp(r.rate.rate * x, -kLargest, kLargest);
  };
  r.rate.drate_dmu = times_rate(r.rate.dlog_rate_dmu);
  r.rate.drate_dsigma = times_rate(r.rate.dlog_rate_dsigma);
  const double through_delay = X > 0 ? -X * slope[3] : 0;
  const double through_k = 0.5 * std::sqrt(p.tau_syn / p.tau_m) * slope[2];
  r.dlog_rate.tau_m = -ready * (1 - through_k) / p.tau_m;
  r.dlog_rate.t_ref = -r.rate.rate - ready * through_delay / p.tau_syn;
  r.dlog_rate.V_th = -ready * slope[0] / sigma;
  r.dlog_rate.V_reset = -ready * slope[1] / sigma;
  r.dlog_rate.tau_syn = -ready * (through_k - (X > 0 ? through_delay * delay : 0)) / p.tau_syn;
  return r;
}

}  // namespace nuphi::detail
