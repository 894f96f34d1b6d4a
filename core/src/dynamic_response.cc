#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "double_double.h"
#include "response_batch.h"
#include "response_scalar.h"
#include "siegert_evaluate.h"
#include "uniform_rate.h"

namespace nuphi {
namespace {
using detail::Interval;
using detail::Pair;
using detail::scalar_response::Complex;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::complex<double> kNaNs{kNaN, kNaN};
const ResponseTerms kNoTerms{kNaNs, kNaNs, kNaNs, kNaNs};
constexpr double kLargest = 1e50;     // no intermediate result overflows below
constexpr double kSmallest = 1e-300;  // stands for anything smaller: G is regular at λ = 0
constexpr double kLowestRe = -20;

std::complex<double> standard(Complex<double> z) { return {z.re, z.im}; }

bool in_domain(const ResponsePoint& p) {
  return std::abs(p.y_t) < kLargest && std::abs(p.y_r) < kLargest && p.d > 0 && p.d < kLargest &&
         p.rho >= 0 && p.rho < kLargest;
}

Interval interval(const ResponsePoint& p, Refractoriness refractoriness) {
  return {p.y_t, p.y_r, p.d, p.rho, refractoriness == Refractoriness::kExact};
}

ResponseTerms standard(const detail::scalar_response::Terms<double>& t) {
  return {standard(t.g_mu), standard(t.g_variance), standard(t.log_f), standard(t.isi_transform)};
}

ResponseTerms conjugate(const ResponseTerms& t) {
  return {std::conj(t.G_mu), std::conj(t.G_variance), std::conj(t.log_f),
          std::conj(t.isi_transform)};
}

/// (1 − e^{−aL})/a
std::complex<double> decay_integral(std::complex<double> a, double length) {
  if (std::abs(a) < kSmallest) return length;
  const auto e =
      detail::scalar_response::expm1_of_product(Complex<double>{a.real(), a.imag()}, -length);
  return -standard(quotient(e, {a.real(), a.imag()}));
}
/// x/y in two doubles.
Pair<double> exact_quotient(const Pair<double>& x, double y) {
  const double quotient = x.high / y;
  const Pair<double> product = detail::two_product(quotient, y);
  return {quotient, (((x.high - product.high) - product.low) + x.low) / y};
}

/// (V − μ)/σ + c: what one double does not hold.
double rest_of_boundary(double V, double mu, double sigma, const Pair<double>& c) {
  const Pair<double> y = exact_quotient(detail::two_sum(V, -mu), sigma);
  return detail::two_sum(y.high, c.high).low + (y.low + c.low);
}

/// ∂/∂y of G_mu and G_variance as both boundaries move: central differences over ten points, exact
/// to the tenth order. G varies over |Δy| of order 1, so that truncation and the rounding of G,
/// divided by the step, both stay near 1e-12.
struct Slopes {
  std::complex<double> mu, variance;
};
Slopes slopes_in_y(const ResponsePoint& p, std::complex<double> lambda,
                   Refractoriness refractoriness) {
  constexpr double kStep = 0x1p-6;
  constexpr std::array kWeights = {5.0 / 6, -5.0 / 21, 5.0 / 84, -5.0 / 504, 1.0 / 1260};
  Slopes sum;
  for (std::size_t k = 0; k < kWeights.size(); ++k) {
    const double h = kStep * static_cast<double>(k + 1);
    const ResponseTerms above =
        response_terms({p.y_t + h, p.y_r + h, p.d, p.rho}, lambda, refractoriness);
    const ResponseTerms below =
        response_terms({p.y_t - h, p.y_r - h, p.d, p.rho}, lambda, refractoriness);
    sum.mu += kWeights[k] / kStep * (above.G_mu - below.G_mu);
    sum.variance += kWeights[k] / kStep * (above.G_variance - below.G_variance);
  }
  return sum;
}

/// p + s·rest
ResponsePoint moved(const ResponsePoint& p, const ResponsePoint& rest, double s) {
  return {p.y_t + s * rest.y_t, p.y_r + s * rest.y_r, p.d + s * rest.d, p.rho + s * rest.rho};
}
}  // namespace

ResponseTerms response_terms(const ResponsePoint& point, std::complex<double> lambda,
                             Refractoriness refractoriness) noexcept {
  const bool valid = in_domain(point) && std::abs(lambda.real()) < kLargest &&
                     std::abs(lambda.imag()) < kLargest && lambda.real() >= kLowestRe;
  if (!valid) return kNoTerms;
  if (lambda.imag() < 0) return conjugate(response_terms(point, std::conj(lambda), refractoriness));
  const bool is_static = std::abs(lambda) < kSmallest;
  if (is_static) lambda = kSmallest;
  const Interval x = interval(point, refractoriness);
  const detail::Plan plan = detail::make_plan(x, lambda);
  const Complex<double> l{lambda.real(), lambda.imag()};
  ResponseTerms t = standard(
      detail::scalar_response::terms(detail::scalar_response::quotients(x, l, plan), l, x));
  if (is_static) t.log_f = 0;
  return t;
}

void response_terms(const ResponsePoint& point, std::span<const double> omega_tau,
                    std::span<ResponseTerms> out, Refractoriness refractoriness) noexcept {
  const Interval x = interval(point, refractoriness);
  const bool valid = in_domain(point);
  for (std::size_t first = 0; first < omega_tau.size(); first += detail::kBlock) {
    const std::size_t n = std::min(detail::kBlock, omega_tau.size() - first);
    std::array<double, detail::kBlock> omega;
    std::array<detail::scalar_response::Terms<double>, detail::kBlock> terms;
    for (std::size_t i = 0; i < n; ++i) {
      const double size = std::abs(omega_tau[first + i]);
      omega[i] = valid && size < kLargest ? std::max(size, kSmallest) : 1.0;
    }
    if (valid) detail::terms_of_block(x, {omega.data(), n}, terms.data());
    for (std::size_t i = 0; i < n; ++i) {
      const double signed_omega = omega_tau[first + i];
      ResponseTerms& t = out[first + i];
      if (!valid || !(std::abs(signed_omega) < kLargest)) {
        t = kNoTerms;
        continue;
      }
      t = standard(terms[i]);
      if (signed_omega < 0) t = conjugate(t);
      if (std::abs(signed_omega) < kSmallest) t.log_f = 0;
    }
  }
}

double spectrum_ratio(const ResponsePoint& point, double omega_tau) noexcept {
  if (!in_domain(point) || !(std::abs(omega_tau) < kLargest)) return kNaN;
  // below, squares of ω underflow, and the limit is reached
  const double omega = std::max(std::abs(omega_tau), 1e-100);
  const Interval x = interval(point, Refractoriness::kExact);
  return detail::scalar_response::spectrum(x, Complex<double>{0, omega},
                                           detail::make_spectrum_plan(x, omega));
}

DynamicResponse::DynamicResponse(double mu, double sigma, const LifParameters& neuron,
                                 Correction correction, Refractoriness refractoriness,
                                 ColourResponse colour) noexcept
    : refractoriness_(refractoriness),
      tau_m_(neuron.tau_m),
      t_ref_(neuron.t_ref),
      sigma_(sigma),
      excess_(mu - neuron.V_th),
      length_(neuron.V_th - neuron.V_reset) {
  const bool coloured = neuron.tau_syn > 0 && correction != Correction::kNone;
  if (coloured && correction == Correction::kUniform)
    correction = detail::uniform_substitute(mu, sigma, neuron);
  if (coloured && (correction == Correction::kAdiabatic || correction == Correction::kExact ||
                   colour == ColourResponse::kExact))
    return;
  const SiegertRate r = siegert(mu, sigma, neuron, correction);
  taylor_ = coloured && correction == Correction::kTaylor && sigma > 0;
  if (correction == Correction::kTaylor) correction = Correction::kShift;
  if (std::isnan(r.rate)) return;
  rate_ = r.rate;
  half_rate_ = std::exp(0.5 * r.log_rate);
  drate_dmu_ = r.drate_dmu;
  drate_dvariance_ = r.drate_dsigma / (2 * sigma);
  if (coloured && correction == Correction::kUniform) {
    take_uniform(mu, neuron, r);
    if (colour == ColourResponse::kQuasiStatic) moving_shift_ = 0;
    return;
  }
  const detail::ColourShift shift = detail::colour_shift(neuron, correction);
  shift_ = shift.threshold;
  if (colour == ColourResponse::kMoving) moving_shift_ = shift.threshold;
  point_ = {shift.threshold - excess_ / sigma,
            (neuron.V_reset - mu) / sigma + (shift.threshold - shift.excess),
            length_ / sigma + shift.excess, t_ref_ / tau_m_};
  if (in_domain(point_)) {
    regime_ = Regime::kNoisy;
    rest_ = {rest_of_boundary(neuron.V_th, mu, sigma, shift.exact_threshold()),
             rest_of_boundary(neuron.V_reset, mu, sigma,
                              {shift.threshold - shift.excess, shift.exact_threshold().low}),
             exact_quotient(detail::two_sum(neuron.V_th, -neuron.V_reset), sigma).low,
             exact_quotient({t_ref_, 0}, tau_m_).low};
  } else if (excess_ != 0) {
    regime_ = excess_ > 0 ? Regime::kNoiseless : Regime::kSilent;
  }
  if (regime_ == Regime::kNoisy && shift.excess > 0) {
    // the one shift of both boundaries that gives the same static derivative
    const ResponseTerms t = response_terms(point_, 0);
    shift_ = (2 * t.G_variance.real() - sigma * r.dlog_rate_dsigma) / t.G_mu.real();
  }
  if (taylor_) {
    const SiegertRate white = siegert(mu, sigma, neuron, Correction::kNone);
    white_rate_ = white.rate;
    log_slope_ = -sigma * white.dlog_rate_dmu;
    white_ = {-excess_ / sigma, (neuron.V_reset - mu) / sigma, point_.d, point_.rho};
  }
}

void DynamicResponse::take_uniform(double mu, const LifParameters& neuron,
                                   const SiegertRate& rate) noexcept {
  const double sigma = sigma_;
  const detail::UniformBoundaries b = detail::uniform_boundaries(mu, sigma, neuron);
  sigma_ = b.amplitude;
  point_ = {b.threshold, b.reset, b.length, t_ref_ / tau_m_};
  if (!in_domain(point_)) return;
  regime_ = Regime::kNoisy;
  const ResponseTerms t = response_terms(point_, 0);
  // N_σ² = (ν/σ²)(G_σ² − …), for δσ² of the noise before it is shrunk.
  gain_mu_ = rate.dlog_rate_dmu * sigma_ / t.G_mu.real();
  gain_variance_ = (sigma_ / sigma) * (sigma_ / sigma);
  shift_ = (2 * t.G_variance.real() - sigma * rate.dlog_rate_dsigma) / t.G_mu.real();
  // The threshold stands kS of the shrunk amplitude away, and moves with it.
  moving_shift_ = gain_mu_ * b.shift;
}

LinearResponse DynamicResponse::from_terms(const ResponseTerms& t,
                                           std::complex<double> lambda) const noexcept {
  // a response can be representable where the rate is not
  const auto times_rate = [this](std::complex<double> g) {
    constexpr double kFullPrecision = 1e-300;
    return rate_ > kFullPrecision ? rate_ * g : half_rate_ * (half_rate_ * g);
  };
  const std::complex<double> mu = gain_mu_ * t.G_mu / sigma_;
  const std::complex<double> variance =
      gain_variance_ * (t.G_variance - 0.5 * shift_at(lambda) * t.G_mu) / sigma_ / sigma_;
  return {times_rate(mu), times_rate(variance), t.log_f, t.isi_transform};
}

/// N = (ν₀/σ) G(y) moves with y by c ∂N/∂y, and so does the response to the variance.
LinearResponse DynamicResponse::first_order_in_colour(std::complex<double> lambda) const noexcept {
  const ResponseTerms shifted = response_terms(point_, lambda, refractoriness_);
  const ResponseTerms t = response_terms(white_, lambda, refractoriness_);
  const Slopes slopes = slopes_in_y(white_, lambda, refractoriness_);
  const double c = shift_, scale = white_rate_ / sigma_;
  const std::complex<double> mu = t.G_mu + c * (log_slope_ * t.G_mu + slopes.mu);
  const std::complex<double> variance = t.G_variance +
                                        c * (log_slope_ * t.G_variance + slopes.variance) -
                                        0.5 * shift_at(lambda) * t.G_mu;
  return {scale * mu, scale / sigma_ * variance, shifted.log_f, shifted.isi_transform};
}

LinearResponse DynamicResponse::static_response() const noexcept {
  return {drate_dmu_, drate_dvariance_, 0.0, 1.0};
}

LinearResponse DynamicResponse::noiseless(std::complex<double> z) const noexcept {
  // f = (X_t/X_r)^λ with X = μ − V, φ ∝ X^{−λ}
  const std::complex<double> lambda = z * tau_m_;
  const double log_ratio = std::log1p(length_ / excess_);
  const double rho = refractoriness_ == Refractoriness::kExact ? t_ref_ / tau_m_ : 0.0;
  const std::complex<double> scale = rate_ / decay_integral(lambda, log_ratio + rho) / excess_;
  const std::complex<double> log_f = -lambda * log_ratio;
  const std::complex<double> variance =
      0.5 * scale * (1.0 + lambda) * decay_integral(lambda + 2.0, log_ratio) / excess_;
  return {scale * decay_integral(lambda + 1.0, log_ratio),
          shift_ == 0 ? variance : kNaNs,
          {log_f.real(), detail::scalar_response::principal_phase(log_f.imag())},
          std::exp(log_f - z * t_ref_)};
}

LinearResponse DynamicResponse::at(std::complex<double> z) const noexcept {
  switch (regime_) {
    case Regime::kNoisy: {
      if (z == 0.0) return static_response();
      const std::complex<double> lambda = z * tau_m_;
      return taylor_ ? first_order_in_colour(lambda)
                     : from_terms(response_terms(point_, lambda, refractoriness_), lambda);
    }
    case Regime::kNoiseless:
      return noiseless(z);
    case Regime::kSilent:
      return {0.0, 0.0, -std::numeric_limits<double>::infinity(), 0.0};
    case Regime::kInvalid:
      break;
  }
  return {kNaNs, kNaNs, kNaNs, kNaNs};
}

LinearResponse DynamicResponse::at_frequency(double omega) const noexcept { return at({0, omega}); }

void DynamicResponse::at_frequencies(std::span<const double> omega,
                                     std::span<LinearResponse> out) const noexcept {
  if (regime_ != Regime::kNoisy || taylor_) {
    for (std::size_t i = 0; i < omega.size(); ++i) out[i] = at_frequency(omega[i]);
    return;
  }
  for (std::size_t first = 0; first < omega.size(); first += detail::kBlock) {
    const std::size_t n = std::min(detail::kBlock, omega.size() - first);
    std::array<double, detail::kBlock> omega_tau;
    std::array<ResponseTerms, detail::kBlock> t;
    for (std::size_t i = 0; i < n; ++i) omega_tau[i] = omega[first + i] * tau_m_;
    response_terms(point_, std::span<const double>(omega_tau.data(), n),
                   std::span<ResponseTerms>(t.data(), n), refractoriness_);
    for (std::size_t i = 0; i < n; ++i) {
      const double w = omega[first + i];
      out[first + i] = w == 0 ? at_frequency(0) : from_terms(t[i], {0, omega_tau[i]});
    }
  }
}

DynamicResponse::AtHertz DynamicResponse::at_hertz(double frequency) const noexcept {
  const double omega = 2 * std::numbers::pi * frequency;
  // The difference over many times the rest is the derivative along it.
  static constexpr double kMany = 0x1p26;
  const Pair<double> omega_tau = detail::two_product(omega, tau_m_);
  const ResponsePoint there = moved(point_, rest_, kMany);
  const double omega_there = omega_tau.high + kMany * omega_tau.low;
  const bool sharpened = regime_ == Regime::kNoisy && !taylor_ && frequency != 0 &&
                         in_domain(there) && std::abs(omega_there) < kLargest;
  if (!sharpened) return {at_frequency(omega), spectrum(omega)};
  ResponseTerms t = response_terms(point_, {0, omega_tau.high}, refractoriness_);
  const ResponseTerms other = response_terms(there, {0, omega_there}, refractoriness_);
  const auto move = [](std::complex<double>& value, std::complex<double> to) {
    value += (to - value) / kMany;
  };
  move(t.G_mu, other.G_mu);
  move(t.G_variance, other.G_variance);
  move(t.isi_transform, other.isi_transform);
  const std::complex<double> turn = other.log_f - t.log_f;
  move(t.log_f, t.log_f + std::complex<double>(turn.real(),
                                               std::remainder(turn.imag(), 2 * std::numbers::pi)));
  const double ratio = spectrum_ratio(point_, omega_tau.high);
  return {from_terms(t, {0, omega_tau.high}),
          ratio + (spectrum_ratio(there, omega_there) - ratio) / kMany};
}

double DynamicResponse::spectrum(double omega) const noexcept {
  switch (regime_) {
    case Regime::kNoisy:
      return spectrum_ratio(point_, omega * tau_m_);
    case Regime::kNoiseless:
      return 0;  // a regular train: lines only
    default:
      return kNaN;
  }
}

}  // namespace nuphi
