#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "cv_kernel.h"
#include "siegert_evaluate.h"
#include "uniform_rate.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSqrtTwoPi = 2.5066282746310005024;

/// With everything inlined, what only the slopes need falls away.
[[gnu::flatten]] double cv_of(const detail::Boundaries<double>& b, double tau_m, double t_ref) {
  if (b.x_threshold >= 0) {
    const double period = tau_m * detail::above_threshold<false>(b).integral + t_ref;
    return kSqrtTwoPi * tau_m * b.sigma * std::sqrt(detail::cv_above_threshold(b)) / period;
  }
  if (const double y = -b.x_threshold / b.sigma; y > detail::kDeep) {
    // C ~ e^{2y²}/(2y²) and √π∫f ~ √π e^{y²}/y leave CV² = (1 + w)/(1 − w), w = e^{y_r² − y_t²}.
    const double d = b.length / b.sigma;
    return 1 / std::sqrt(std::tanh(d * std::fmax(y - 0.5 * d, 0.5 * y)));
  }
  const detail::ScaledThreshold<double> threshold = detail::scaled_threshold(b);
  // Period and variance times e^{−y²} and e^{−2y²}.
  const auto s = detail::below_threshold<false>(b, threshold);
  const double period = tau_m * s.integral + t_ref * s.scale;
  const double variance = detail::narrow_width(threshold) < detail::kNarrow
                              ? detail::cv_below_threshold_narrow(threshold)
                              : detail::cv_below_threshold_wide(threshold);
  return kSqrtTwoPi * tau_m * std::sqrt(variance) / period;
}

}  // namespace

double isi_cv(double mu, double sigma, const LifParameters& neuron,
              Correction correction) noexcept {
  if (neuron.tau_syn > 0) {
    if (correction == Correction::kAdiabatic) return kNaN;
    if (correction == Correction::kUniform) return detail::uniform_cv(mu, sigma, neuron);
    if (correction == Correction::kExact)
      return exact_rate(mu, sigma, neuron, {.gradient = false, .cv = true}).cv;
    if (correction == Correction::kTaylor) correction = Correction::kShift;
  }
  if (detail::is_ordinary(mu, sigma, neuron)) {
    const detail::ColourShift shift = detail::colour_shift(neuron, correction);
    return cv_of(detail::boundaries(mu, sigma, neuron, shift), neuron.tau_m, neuron.t_ref);
  }
  if (!detail::in_domain(mu, sigma, neuron)) return kNaN;
  if (sigma == 0) return mu > neuron.V_th ? 0 : kNaN;
  if (detail::escapes_are_poisson(mu, sigma, neuron)) return 1;
  const detail::ColourShift shift = detail::colour_shift(neuron, correction);
  const detail::Rescaled scaled = detail::rescale(mu, sigma, neuron, shift);
  // Mean and variance of the interspike interval grow by the same factor 2^stretch.
  const double cv = cv_of(scaled.boundaries, scaled.tau_m, scaled.t_ref);
  return std::fmin(
      std::ldexp(cv * (scaled.stretch % 2 == 1 ? std::numbers::sqrt2 : 1), scaled.stretch / 2),
      std::numeric_limits<double>::max());
}

}  // namespace nuphi
