// One neuron, one point: from the public arguments to the Siegert integral and what follows from
// it.
#pragma once

#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include "siegert_kernel.h"

namespace nuphi::detail {

/// Shifts of the two boundaries by the colour of the input, in two doubles (e^{−y²} magnifies their
/// error).
struct ColourShift {
  Pair<double> threshold;
  Pair<double> reset;
  double excess = 0;  ///< threshold − reset, ≥ 0
};

/// (α/2)√(τ_syn/τ_m), α = √2|ζ(1/2)|.
[[nodiscard]] Pair<double> half_alpha_root(double tau_syn, double tau_m) noexcept;

[[nodiscard]] ColourShift colour_shift(const LifParameters& neuron, Correction correction) noexcept;

/// Arguments for which the rate is defined at all, whatever their size.
[[nodiscard]] bool in_domain(double mu, double sigma, const LifParameters& neuron) noexcept;

/// Sizes for which no intermediate result over- or underflows; everything else is rescaled first.
[[nodiscard]] bool is_ordinary(double mu, double sigma, const LifParameters& neuron) noexcept;

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
  b.c_threshold = shift.threshold.high;
  b.c_excess = shift.excess;
  if (shift.threshold.high != 0) {
    b.x_threshold = subtract(b.x_threshold, multiply(shift.threshold, sigma));
    b.x_reset = subtract(b.x_reset, multiply(shift.reset, sigma));
    b.length += shift.excess * sigma;
  }
  return b;
}

}  // namespace nuphi::detail
