// How a neuron without threshold moves: the transition law of membrane x and synaptic current w,
//   x' = κw − x,   dw = −λw dt + √(2λ) dB,   k = √(τ_syn/τ_m),  λ = 1/k²,  κ = 1/(√2 k),
// time in τ_m, x = (V − μ)/σ, w of unit variance. Everything is a template of the number type, so
// that the same text gives values and, with Dual, partials.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "exact_dual.h"

namespace nuphi::detail {

/// The neuron in these units. X = e^{−ρ}, ρ = t_ref/τ_syn: how much of w outlasts the refractory
/// time; `fresh` = 1 − X² is the variance that has come in its place.
template <class Number>
struct ColouredNeuron {
  Number y_t, y_r, k, X, fresh;

  [[nodiscard]] Number w_t() const { return std::numbers::sqrt2 * k * y_t; }  ///< w' = 0 there
  [[nodiscard]] Number lambda() const { return Number(1) / (k * k); }
  [[nodiscard]] Number kappa() const { return Number(1) / (std::numbers::sqrt2 * k); }
};

/// Law of (x, w) a time t after (x₀, w₀): means e^{−t}x₀ + a w₀ and E w₀, covariance Σ.
template <class Number>
struct Motion {
  double decay_x = 0;  ///< e^{−t}
  double expm1_x = 0;  ///< e^{−t} − 1
  Number gain;         ///< a
  Number decay_w;      ///< E = e^{−λt}
  Number expm1_w;      ///< E − 1
  Number xx, xw, ww;   ///< Σ
};

/// φ₁(z) = (1 − e^{−z})/z
inline double phi1(double z) {
  if (std::abs(z) > 0.5) return -std::expm1(-z) / z;
  double sum = 0;
  for (int n = 16; n >= 1; --n) sum = (1 + sum) * (-z / (n + 1));
  return 1 + sum;
}
inline double phi1_slope(double z) {  // φ₁' = (e^{−z} − φ₁)/z
  if (std::abs(z) > 0.5) return (std::exp(-z) - phi1(z)) / z;
  double sum = 0, term = -0.5;  // Σ n (−1)ⁿ zⁿ⁻¹/(n + 1)!
  for (int n = 1; n <= 17; ++n) {
    sum += term;
    term *= -z * (n + 1) / (static_cast<double>(n) * (n + 2));
  }
  return sum;
}
inline Dual phi1(const Dual& z) { return chain(z, phi1(z.value), phi1_slope(z.value)); }

/// a(t) = κ(e^{−t} − e^{−λt})/(λ − 1), without the singularity at τ_syn = τ_m.
template <class Number>
Number current_gain(const Number& kappa, const Number& lambda, double t) {
  using std::exp;
  if (value_of(lambda) >= 1)
    return kappa * (t * std::exp(-t)) * phi1((lambda - Number(1)) * Number(t));
  return kappa * Number(t) * exp(Number(-t) * lambda) * phi1((Number(1) - lambda) * Number(t));
}

namespace transition {

inline constexpr std::array<double, 5> kNodes = {0.1488743389816312, 0.4333953941292472,
                                                 0.6794095682990244, 0.8650633666889845,
                                                 0.9739065285171717};
inline constexpr std::array<double, 5> kWeights = {0.29552422471475287, 0.26926671930999635,
                                                   0.21908636251598204, 0.1494513491505806,
                                                   0.06667134430868814};

/// Σ = 2λ∫₀ᵗ RRᵀ ds with R = (a(s), e^{−λs}), all positive, by ten Gauss–Legendre nodes.
template <class Number>
void short_covariance(const Number& kappa, const Number& lambda, double t, Motion<Number>& m) {
  using std::exp;
  m.xx = m.xw = Number(0);
  const Number factor = lambda * Number(t);  // 2λ times half the length
  for (std::size_t i = 0; i < 2 * kNodes.size(); ++i) {
    const std::size_t half = i / 2;
    const double s = 0.5 * t * (1 + (i % 2 == 0 ? kNodes[half] : -kNodes[half]));
    const Number a = current_gain(kappa, lambda, s);
    const Number weighted = factor * Number(kWeights[half]) * a;
    m.xx += weighted * a;
    m.xw += weighted * exp(Number(-s) * lambda);
  }
}

/// The same in closed form where its addends do not cancel: τ_syn and τ_m far apart.
template <class Number>
void separate_covariance(const Number& kappa, const Number& lambda, double t, Motion<Number>& m) {
  using std::expm1;
  const Number apart = lambda - Number(1), sum = lambda + Number(1);
  const Number membrane = Number(-0.5 * std::expm1(-2 * t));
  const Number both = -expm1(Number(-t) * sum) / sum;
  const Number synapse = m.ww / (Number(2) * lambda);
  const Number ratio = kappa / apart;
  m.xx = Number(2) * lambda * ratio * ratio * (membrane - Number(2) * both + synapse);
  m.xw = Number(2) * lambda * ratio * (both - synapse);
}

/// Σ = P − MPMᵀ, M the map of the means, P the stationary covariance.
template <class Number>
void late_covariance(const ColouredNeuron<Number>& n, const Number& kappa, const Number& lambda,
                     Motion<Number>& m) {
  const Number p_xx = Number(0.5) / (Number(1) + n.k * n.k), p_xw = kappa / (Number(1) + lambda);
  const Number e(m.decay_x);
  m.xx = p_xx - (e * e * p_xx + Number(2) * m.gain * e * p_xw + m.gain * m.gain);
  m.xw = p_xw - m.decay_w * (e * p_xw + m.gain);
}

}  // namespace transition

template <class Number>
Motion<Number> motion(const ColouredNeuron<Number>& n, double t) {
  using std::expm1;
  const Number kappa = n.kappa(), lambda = n.lambda();
  Motion<Number> m;
  m.expm1_x = std::expm1(-t);
  m.decay_x = std::exp(-t);
  m.gain = current_gain(kappa, lambda, t);
  m.expm1_w = expm1(Number(-t) * lambda);
  m.decay_w = Number(1) + m.expm1_w;
  m.ww = -expm1(Number(-2 * t) * lambda);
  const double rate = value_of(lambda);
  if (t * std::max(1.0, rate) < 2) {
    transition::short_covariance(kappa, lambda, t, m);
  } else if (std::abs(rate - 1) > 0.5) {
    transition::separate_covariance(kappa, lambda, t, m);
  } else {
    transition::late_covariance(n, kappa, lambda, m);
  }
  return m;
}

/// The law of (x, u) after a start with u' (u = w − w_t), seen from the threshold x = y_t: distance
/// d = y_t − mean of x = distance_0 + distance_1 u', variance xx; and, given x = y_t, u normal with
/// mean C = centre_0 + centre_1 u' + slope·d and variance uu.
template <class Number>
struct Crossing {
  Number distance_0, distance_1, centre_0, centre_1;
  Number slope, xx, uu;

  /// x > y_t − 0 with probability ½ erfc(d/√(2 xx)); density of (y_t, u):
  ///   e^{−d²/(2xx) − (u − C)²/(2uu)}/(2π√(xx uu))
  [[nodiscard]] double distance(double u) const {
    return value_of(distance_0) + value_of(distance_1) * u;
  }
  [[nodiscard]] double centre(double u, double d) const {
    return value_of(centre_0) + value_of(centre_1) * u + value_of(slope) * d;
  }
};

/// Start at the threshold.
template <class Number>
Crossing<Number> from_threshold(const ColouredNeuron<Number>& n, const Motion<Number>& m) {
  const Number w_t = n.w_t();
  Crossing<Number> c;
  c.distance_0 = -(n.y_t * Number(m.expm1_x) + m.gain * w_t);
  c.distance_1 = -m.gain;
  c.centre_0 = w_t * m.expm1_w;
  c.centre_1 = m.decay_w;
  c.xx = m.xx;
  c.slope = m.xw / m.xx;
  c.uu = m.ww - m.xw * c.slope;
  return c;
}

/// Start from the reset, t_ref after the spike: w' has decayed to Xw' and spread by 1 − X².
template <class Number>
Crossing<Number> from_reset(const ColouredNeuron<Number>& n, const Motion<Number>& m) {
  const Number w_t = n.w_t(), gain = m.gain * n.X, decay = m.decay_w * n.X;
  Crossing<Number> c;
  c.distance_0 = n.y_t - n.y_r * Number(m.decay_x) - gain * w_t;
  c.distance_1 = -gain;
  c.centre_0 = decay * w_t - w_t;
  c.centre_1 = decay;
  c.xx = m.xx + n.fresh * m.gain * m.gain;
  const Number xw = m.xw + n.fresh * m.gain * m.decay_w;
  c.slope = xw / c.xx;
  // ww xx − xw² with what has come in t_ref and since: no term is negative.
  const Number straight = m.ww - m.xw * m.xw / m.xx;
  const Number cross = m.decay_w - m.gain * m.xw / m.xx;
  c.uu = straight + n.fresh * m.xx / c.xx * cross * cross;
  return c;
}

}  // namespace nuphi::detail
