// Where the integral equation of exact_solve.h is solved, how finely, and in which units.
#pragma once

#include <nuphi/core/exact_rate.h>
#include <nuphi/core/lif.h>

#include <cmath>

#include "exact_mesh.h"

namespace nuphi::detail {

inline constexpr double kFastest = 1e-6, kSlowest = 1e3;  // τ_syn/τ_m
inline constexpr double kNoiseless = 60;   // −y_t, from where on ln ν is continued in σ²
inline constexpr double kSilent = 1e4;     // y_t, from where on the barrier is all of ln ν
inline constexpr double kShortest = 1e-6;  // y_t − y_r

inline ExactGrid grid_of(ExactResolution resolution) {
  switch (resolution) {
    case ExactResolution::kQuick:
      return {.order = 6, .first_panel = 2e-3, .reach = 6.8, .step = 0.2, .accuracy = 28};
    case ExactResolution::kStandard:
      break;
    case ExactResolution::kFine:
      return {.order = 10, .first_panel = 3e-4, .reach = 8, .step = 0.14, .accuracy = 36};
  }
  return {.order = 7, .first_panel = 1e-3, .reach = 6.8, .step = 0.2, .accuracy = 30};
}

inline ColouredNeuron<double> dimensionless(double mu, double sigma, const LifParameters& p) {
  const double rho = p.t_ref / p.tau_syn;
  return {.y_t = (p.V_th - mu) / sigma,
          .y_r = (p.V_reset - mu) / sigma,
          .k = std::sqrt(p.tau_syn / p.tau_m),
          .X = std::exp(-rho),
          .fresh = -std::expm1(-2 * rho)};
}

/// Whether the average over constant currents is as good as the equation: all of them reach the
/// threshold (w_t ≤ −7), and it errs by about 6e-4 (k²|y_t|)^{−5/2}, or the current does not change
/// from one spike to the next.
inline bool is_adiabatic(const ColouredNeuron<double>& n) {
  if (n.w_t() > -7) return false;
  if (n.k * n.k * -n.y_t >= 100) return true;
  const double interval = std::log(n.y_r / n.y_t);
  const double change = n.fresh - n.X * n.X * std::expm1(-2 * n.lambda() * interval);
  return change < 0.06 * 0.06;
}

}  // namespace nuphi::detail
