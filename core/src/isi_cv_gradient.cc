// The gradient of isi_cv(), apart from it: sharing the kernel would keep both from being inlined.
#include <nuphi/core/isi_statistics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "cv_kernel.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSqrtTwoPi = 2.5066282746310005024;

IsiCv cv_gradient_of(const detail::Boundaries<double>& b, double tau_m, double t_ref) {
  if (b.x_threshold >= 0) {
    const auto s = detail::above_threshold<false>(b);
    const double period = tau_m * s.integral + t_ref;
    const double factor = tau_m * detail::kSqrtPi / period;
    const detail::CvGradient g = detail::cv_gradient_above_threshold(b);
    const double slope = kSqrtTwoPi * tau_m * std::sqrt(g.variance) / period;         // CV/σ
    const double cv = kSqrtTwoPi * tau_m * b.sigma * std::sqrt(g.variance) / period;  // as cv_of()
    return {cv, cv * (factor * s.d_mu - g.mu), slope * (b.sigma * (factor * s.d_sigma) - g.sigma)};
  }
  if (const double y = -b.x_threshold / b.sigma; y > detail::kDeep) {
    // CV² = coth a with a = (y_t² − y_r²)/2.
    const double d = b.length / b.sigma;
    const double a = d * std::fmax(y - 0.5 * d, 0.5 * y), cv = 1 / std::sqrt(std::tanh(a));
    if (a > 300) return {cv, 0, 0};
    const double common = cv / (b.sigma * std::sinh(2 * a));
    const double z_change = y * (d - b.c_excess) + (b.to_reset / b.sigma) * d;  // Δ(yz)
    return {cv, common * d, common * z_change};
  }
  const detail::ScaledThreshold<double> threshold = detail::scaled_threshold(b);
  const auto s = detail::below_threshold<false>(b, threshold);
  const double period = tau_m * s.integral + t_ref * s.scale;
  const double factor = tau_m * detail::kSqrtPi / period;
  const detail::CvGradient g = detail::cv_gradient_below_threshold(b, threshold);
  const double cv = kSqrtTwoPi * tau_m * std::sqrt(g.variance) / period;
  return {cv, cv * (factor * s.d_mu - g.mu), cv * (factor * s.d_sigma - g.sigma)};
}

}  // namespace

IsiCv isi_cv_gradient(double mu, double sigma, const LifParameters& neuron,
                      Correction correction) noexcept {
  constexpr IsiCv kUndefined{kNaN, kNaN, kNaN};
  if (neuron.tau_syn > 0) {
    if (correction == Correction::kAdiabatic) return kUndefined;
    if (correction == Correction::kExact || correction == Correction::kUniform) {
      return {isi_cv(mu, sigma, neuron, correction), kNaN, kNaN};
    }
    if (correction == Correction::kTaylor) correction = Correction::kShift;
  }
  if (detail::is_ordinary(mu, sigma, neuron)) {
    const detail::ColourShift shift = detail::colour_shift(neuron, correction);
    return cv_gradient_of(detail::boundaries(mu, sigma, neuron, shift), neuron.tau_m, neuron.t_ref);
  }
  if (!detail::in_domain(mu, sigma, neuron) || (sigma == 0 && mu <= neuron.V_th)) return kUndefined;
  if (detail::escapes_are_poisson(mu, sigma, neuron)) return {1, 0, 0};
  const detail::Rescaled scaled =
      detail::rescale(mu, sigma, neuron, detail::colour_shift(neuron, correction));
  const IsiCv r = cv_gradient_of(scaled.boundaries, scaled.tau_m, scaled.t_ref);
  const double root = scaled.stretch % 2 == 1 ? std::numbers::sqrt2 : 1;
  const auto rescaled = [&](double x, int volts) {
    constexpr double kLargest = std::numeric_limits<double>::max();
    return std::clamp(std::ldexp(x * root, scaled.stretch / 2 - volts), -kLargest, kLargest);
  };
  return {sigma == 0 ? 0 : rescaled(r.cv, 0), sigma == 0 ? 0 : rescaled(r.dcv_dmu, scaled.volt),
          rescaled(r.dcv_dsigma, scaled.volt)};
}

}  // namespace nuphi
