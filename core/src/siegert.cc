#include <nuphi/core/colored_noise.h>
#include <nuphi/core/exact_rate.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "siegert_evaluate.h"
#include "uniform_rate.h"

namespace nuphi {
namespace {
using detail::Expansion, detail::SecondExpansion;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();

constexpr SiegertSecond kUndefined{
    {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};

SiegertSecond silent(bool at_threshold) {
  const double slope = at_threshold ? kNaN : 0;
  return {{0, -kInfinity, slope, slope, kNaN, kNaN}, slope, slope, slope, kNaN, kNaN, kNaN};
}

SiegertRate collect(const Expansion& e) {
  return {e.rate, e.log_rate, e.rate_times(e.l_mu), e.rate_times(e.l_sigma), e.l_mu, e.l_sigma};
}

SiegertSecond collect(const SecondExpansion& e) {
  return {collect(static_cast<const Expansion&>(e)),
          e.rate_times(e.ratio_hessian.mu_mu),
          e.rate_times(e.ratio_hessian.mu_sigma),
          e.rate_times(e.ratio_hessian.sigma_sigma),
          e.log_hessian.mu_mu,
          e.log_hessian.mu_sigma,
          e.log_hessian.sigma_sigma};
}

/// ν = ν₀ − cσ ∂ν₀/∂μ = ν₀ B and its gradient from the expansion of ν₀.
SiegertSecond collect_taylor(const SecondExpansion& e, double sigma, double c) {
  const double c_sigma = c * sigma;
  const double bracket = 1 - c_sigma * e.l_mu;
  const double g_mu = e.l_mu - c_sigma * e.ratio_hessian.mu_mu;  // ν_μ/ν₀
  const double g_sigma = e.l_sigma - c * e.l_mu - c_sigma * e.ratio_hessian.mu_sigma;
  SiegertSecond r = kUndefined;
  r.first.rate = e.rate_times(bracket);
  r.first.drate_dmu = e.rate_times(g_mu);
  r.first.drate_dsigma = e.rate_times(g_sigma);
  if (bracket > 0) {
    const bool normal = r.first.rate > std::numeric_limits<double>::min();
    r.first.log_rate = normal ? std::log(r.first.rate) : e.log_rate + std::log(bracket);
    r.first.dlog_rate_dmu = g_mu / bracket;
    r.first.dlog_rate_dsigma = g_sigma / bracket;
  }
  return r;
}

/// Arguments of any size, in better units.
SiegertSecond extreme(double mu, double sigma, const LifParameters& neuron,
                      const detail::ColourShift& shift, const std::optional<double>& taylor_c) {
  const detail::Rescaled scaled = detail::rescale(mu, sigma, neuron, shift);
  const SecondExpansion e = detail::expand_rescaled(scaled, neuron.t_ref);
  const int volt = scaled.volt;
  SiegertSecond r = taylor_c ? collect_taylor(e, scaled.boundaries.sigma, *taylor_c) : collect(e);
  const auto rescale = [volt](double& x, int order) {
    x = std::clamp(std::ldexp(x, -order * volt), -kLargest, kLargest);
  };
  rescale(r.first.rate, 0);
  for (double* x : {&r.first.drate_dmu, &r.first.drate_dsigma, &r.first.dlog_rate_dmu,
                    &r.first.dlog_rate_dsigma}) {
    rescale(*x, 1);
  }
  for (double* x : {&r.d2rate_dmu2, &r.d2rate_dmudsigma, &r.d2rate_dsigma2, &r.d2log_rate_dmu2,
                    &r.d2log_rate_dmudsigma, &r.d2log_rate_dsigma2}) {
    rescale(*x, 2);
  }
  return r;
}

/// Whether the rate is that of an expansion about the boundaries, ordinary in size.
bool is_common(double mu, double sigma, const LifParameters& neuron, Correction correction) {
  return detail::is_ordinary(mu, sigma, neuron) &&
         (neuron.tau_syn == 0 || detail::moves_boundaries(correction));
}

template <bool kSecond>
auto common(double mu, double sigma, const LifParameters& neuron, Correction correction) {
  return collect(detail::expand<kSecond>(
      detail::boundaries(mu, sigma, neuron, detail::colour_shift(neuron, correction)), neuron.tau_m,
      neuron.t_ref));
}

/// All the rest. Always with second derivatives, which the first-order correction needs.
[[gnu::noinline]] SiegertSecond uncommon(double mu, double sigma, const LifParameters& neuron,
                                         Correction correction) {
  if (!detail::in_domain(mu, sigma, neuron)) return kUndefined;
  const bool colour = neuron.tau_syn > 0;
  if (colour && correction == Correction::kAdiabatic) {
    SiegertSecond r = kUndefined;
    r.first = siegert_adiabatic(mu, sigma, neuron);
    return r;
  }
  if (colour && correction == Correction::kUniform) {
    return detail::uniform_second(mu, sigma, neuron);
  }
  if (colour && correction == Correction::kExact) {
    SiegertSecond r = kUndefined;
    r.first = exact_rate(mu, sigma, neuron).rate;
    return r;
  }
  if (sigma == 0 && mu <= neuron.V_th) return silent(mu == neuron.V_th);
  std::optional<double> taylor_c;
  if (colour && correction == Correction::kTaylor) {
    taylor_c = detail::colour_shift(neuron, Correction::kShift).threshold;
    correction = Correction::kNone;
  }
  const detail::ColourShift shift = detail::colour_shift(neuron, correction);
  if (!taylor_c || !detail::is_ordinary(mu, sigma, neuron)) {
    return extreme(mu, sigma, neuron, shift, taylor_c);
  }
  const detail::Boundaries<double> b = detail::boundaries(mu, sigma, neuron, shift);
  return collect_taylor(detail::expand<true>(b, neuron.tau_m, neuron.t_ref), sigma, *taylor_c);
}

}  // namespace

// Everything inlined: a twentieth faster.
[[gnu::flatten]] SiegertRate siegert(double mu, double sigma, const LifParameters& neuron,
                                     Correction correction) noexcept {
  if (is_common(mu, sigma, neuron, correction)) return common<false>(mu, sigma, neuron, correction);
  if (correction == Correction::kUniform && neuron.tau_syn > 0 &&
      detail::in_domain(mu, sigma, neuron)) {
    return detail::uniform_siegert(mu, sigma, neuron);
  }
  return uncommon(mu, sigma, neuron, correction).first;
}

SiegertSecond siegert_second(double mu, double sigma, const LifParameters& neuron,
                             Correction correction) noexcept {
  if (is_common(mu, sigma, neuron, correction)) return common<true>(mu, sigma, neuron, correction);
  return uncommon(mu, sigma, neuron, correction);
}

}  // namespace nuphi
