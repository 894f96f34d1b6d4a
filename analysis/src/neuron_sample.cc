#include "neuron_sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The smaller one; a NaN is never it.
double least(double a, double b) { return a < b ? a : b; }

/// Below it nothing of the neuron has begun to change, and slopes are those at 0 within `kSlack`.
double slow_limit(const NoisyNeuron& n) { return 0.01 * std::min(1 / n.interval, 1 / n.tau_m); }
constexpr double kSlack = 1.05;

/// Largest |q(y)| at λ: W ≤ y + √(y² + 2λ) for real λ, and |s + λ| ≥ (s + |λ|)/√2.
double largest_quotient(double y, double lambda) {
  const double root = std::hypot(y, std::sqrt(2 * lambda));
  return std::numbers::sqrt2 * (y > 0 ? (y + root) / lambda : 2 / (root - y));
}

struct Passage {
  Complex f, F;
  Complex residual;  ///< R = (1 − F)/(zT')
};

Passage passage(const NoisyNeuron& n, Complex z, const ResponseTerms& t) {
  Passage p;
  p.f = std::exp(t.log_f);
  p.F = n.refractoriness == Refractoriness::kExact ? t.isi_transform : p.f;
  const Complex zT = z * n.interval;
  // Below 1e-7 the difference 1 − F has lost its digits.
  p.residual = modulus(zT) < 1e-7 ? 1.0 - z * n.mean_residual : (1.0 - p.F) / zT;
  return p;
}

NeuronValues values(const NoisyNeuron& n, Complex z, const ResponseTerms& t, const Passage& p) {
  NeuronValues v;
  if (n.response.is_expanded_in_colour()) {
    const LinearResponse r = n.response.at(z);
    v.mu = r.d_mu;
    v.variance = r.d_variance;
  } else {
    v.mu = n.per_mu * t.G_mu;
    v.variance = n.per_variance *
                 (t.G_variance - (n.quasi_static + n.moving * (1.0 + z * n.tau_m)) * t.G_mu);
  }
  v.factor = p.residual * (1.0 + z * n.interval);
  return v;
}

/// At z = 0: the derivatives of the rate; `rate_only` tends to them divided by 1 − νt_ref.
NeuronValues static_values(const NoisyNeuron& n) {
  const LinearResponse r = n.response.at(0.0);
  const double to_limit = 1 / (n.response.rate() * n.interval);
  return {r.d_mu * to_limit, r.d_variance * to_limit, 1.0};
}

/// D ≥ |d ln f/dz|: −arg f(iω)/ω falls with ω. Where the phase cannot be followed, a bound from f
/// at a real argument: s(s + ω)/(s² + ω²) ≤ (1 + √2)/2.
void follow_phase(const NoisyNeuron& n, const ResponseTerms& t, const NeuronSample* before,
                  NeuronSample& s) {
  const double omega = s.z.imag();
  const double mean_passage =
      std::max(1 / n.response.rate() - n.response.point().rho * n.tau_m, 0.0);
  s.passage_slope = mean_passage;
  double known_phase = 0, known_at = 0;
  bool known = true;
  if (before != nullptr) {
    s.passage_slope = before->passage_slope;
    known = before->phase_is_known;
    known_phase = before->passage_phase;
    known_at = before->z.imag();
  }
  if (s.z.real() > 0) return;  // D falls to the right too: that of the axis holds
  if (known && s.passage_slope * (omega - known_at) < kPi) {
    s.passage_phase = known_phase + std::remainder(-t.log_f.imag() - known_phase, 2 * kPi);
    s.phase_is_known = true;
  } else {
    const double log_f =
        response_terms(n.response.point(), omega * n.tau_m, n.refractoriness).log_f.real();
    const double bound = 1.2072 * -log_f;
    s.phase_is_known = bound < kPi;
    s.passage_phase = s.phase_is_known ? -t.log_f.imag() : bound;
  }
  s.passage_slope = least(s.passage_phase / omega, s.passage_slope);
}

/// Threshold and reset: q and W with their slopes.
void bound_quotients(const NoisyNeuron& n, Complex z, const ResponseTerms& t, const Passage& p,
                     NeuronSample& s) {
  const ResponsePoint& y = n.response.point();
  const Complex lambda = z * n.tau_m;
  const double per_tau = n.interval / n.tau_m;
  // (1 − F)/λ times the response: no difference of 1 and F.
  const Complex X = t.G_mu * (1.0 + lambda) * p.residual * per_tau;
  const Complex Y = t.G_variance * (2.0 + lambda) * p.residual * per_tau;
  const Complex f_q_r = (Y - (1.0 - p.f) - y.y_t * X) / y.d;
  const Complex q_t = X + f_q_r, W_t = lambda * q_t;
  const double size = modulus(z), most = largest_quotient(y.y_r, modulus(lambda));
  const auto quotient_slope = [&](Complex q) {
    return least(std::max(-q.imag(), 0.0) / z.imag(), std::numbers::sqrt2 * modulus(q) / size);
  };
  const auto exponent_slope = [&](Complex W) {
    return least(std::max(W.imag(), 0.0) / z.imag(), std::numbers::sqrt2 * modulus(W) / size);
  };
  s.X = modulus(X);
  s.Y = modulus(Y);
  s.V = modulus(lambda) * s.X;
  s.U = modulus(lambda) * s.Y;
  s.slope_of_q_t = quotient_slope(q_t);
  s.slope_of_W_t = exponent_slope(W_t);
  const bool reset_is_known = s.f > 1e-6;
  if (reset_is_known) {
    const Complex q_r = f_q_r / p.f, W_r = lambda * q_r;
    s.q_r = modulus(q_r);
    s.W_r = modulus(W_r);
    s.one_yq_r = modulus(1.0 + y.y_r * q_r);
    s.l_yW_r = modulus(lambda + y.y_r * W_r);
    s.slope_of_q_r = quotient_slope(q_r);
    s.slope_of_W_r = exponent_slope(W_r);
  } else {
    s.q_r = most;
    s.W_r = modulus(lambda) * most;
    s.one_yq_r = 1 + std::abs(y.y_r) * most;
    s.l_yW_r = modulus(lambda) * s.one_yq_r;
    s.slope_of_q_r = std::numbers::sqrt2 * s.q_r / size;
    s.slope_of_W_r = std::numbers::sqrt2 * s.W_r / size;
  }
}

}  // namespace

NoisyNeuron noisy_neuron(const DynamicResponse& response, double tau_m,
                         Refractoriness refractoriness) {
  const double T = 1 / response.rate(), t_ref = response.point().rho * tau_m;
  const double variance = response.spectrum(0) * T * T;  // of the interval, CV² T²
  NoisyNeuron n{.response = response, .tau_m = tau_m, .refractoriness = refractoriness};
  const bool exact = refractoriness == Refractoriness::kExact;
  n.t_ref = exact ? t_ref : 0;
  n.interval = exact ? T : T - t_ref;
  n.mean_residual = 0.5 * (n.interval + variance / n.interval);
  n.per_mu = response.per_mu();
  n.per_variance = response.per_variance();
  n.moving = 0.5 * response.moving_shift();
  n.quasi_static = 0.5 * response.quasi_static_shift() - n.moving;
  return n;
}

NeuronValues neuron_values(const NoisyNeuron& n, Complex z) {
  if (z == 0.0) return static_values(n);
  const ResponseTerms t = response_terms(n.response.point(), z * n.tau_m, n.refractoriness);
  return values(n, z, t, passage(n, z, t));
}

namespace {

/// Where nothing of the neuron has begun to change.
NeuronSample slow_sample(const NoisyNeuron& n, Complex z) {
  NeuronSample s = sample_neuron(n, {0, slow_limit(n)}, nullptr);
  const NeuronValues v = neuron_values(n, z);
  s.z = z;
  s.mu = v.mu;
  s.variance = v.variance;
  s.factor = v.factor;
  s.modulus = 0;
  s.slack = kSlack;
  s.passage_phase = z.imag() * s.passage_slope;
  s.denominator = 0;  // no use is made of 1/(1 − F) here
  return s;
}

/// @param t  the response at z
NeuronSample sample_from(const NoisyNeuron& n, Complex z, const ResponseTerms& t,
                         const NeuronSample* before) {
  NeuronSample s;
  const Passage p = passage(n, z, t);
  const NeuronValues v = values(n, z, t, p);
  s.z = z;
  s.mu = v.mu;
  s.variance = v.variance;
  s.factor = v.factor;
  s.modulus = modulus(z);
  s.f = modulus(p.f);
  s.F = modulus(p.F);
  s.residual = modulus(p.residual);
  s.denominator = s.residual * s.modulus * n.interval;
  follow_phase(n, t, before, s);
  bound_quotients(n, z, t, p, s);
  return s;
}

}  // namespace

NeuronSample sample_neuron(const NoisyNeuron& n, Complex z, const NeuronSample* before,
                           const ResponseTerms* terms) {
  if (modulus(z) < slow_limit(n)) return slow_sample(n, z);
  if (terms != nullptr) return sample_from(n, z, *terms, before);
  return sample_from(n, z, response_terms(n.response.point(), z * n.tau_m, n.refractoriness),
                     before);
}

void axis_responses(const NoisyNeuron& n, std::span<const double> omega,
                    std::span<ResponseTerms> terms) {
  std::array<double, 16> scaled{};
  for (std::size_t done = 0; done < omega.size(); done += scaled.size()) {
    const std::size_t count = std::min(scaled.size(), omega.size() - done);
    for (std::size_t k = 0; k < count; ++k) scaled[k] = omega[done + k] * n.tau_m;
    response_terms(n.response.point(), std::span<const double>(scaled).first(count),
                   terms.subspan(done, count), n.refractoriness);
  }
}

NeuronChange change_over_step(const NoisyNeuron& n, const NeuronSample& s, double h,
                              Direction direction) {
  const bool up = direction == Direction::kUp;
  const double y_t = std::abs(n.response.point().y_t), y_r = std::abs(n.response.point().y_r);
  const double tau = n.tau_m, D = s.slack * s.passage_slope;
  h *= s.slack;
  // |f| and |F| fall with ω; to the right they may grow.
  const double growth = up ? 1 : std::exp(h * D);
  const double f = s.f * growth, F = s.F * growth;
  const Complex lambda = s.z * tau;
  const double c1 = 1 / modulus(1.0 + lambda), c2 = 1 / modulus(2.0 + lambda);

  const double q_r = s.q_r + h * s.slope_of_q_r, W_r = s.W_r + h * s.slope_of_W_r;
  const double one_yq_r = s.one_yq_r + h * y_r * s.slope_of_q_r;
  const double l_yW_r = s.l_yW_r + h * (tau + y_r * s.slope_of_W_r);
  const double slope_X = s.slope_of_q_t + f * (D * q_r + s.slope_of_q_r);
  const double slope_Y = y_t * s.slope_of_q_t + f * (D * one_yq_r + y_r * s.slope_of_q_r);
  const double X = s.X + h * slope_X, Y = s.Y + h * slope_Y;
  const double size = modulus(lambda) + h * tau;
  const double slope_V = s.slope_of_W_t + f * (D * W_r + s.slope_of_W_r);
  const double slope_U =
      least(tau + y_t * s.slope_of_W_t + f * (D * l_yW_r + tau + y_r * s.slope_of_W_r),
            tau * Y + size * slope_Y);
  const double V = s.V + h * slope_V, U = s.U + h * slope_U;
  const double slope_u = c1 * (slope_V + V * tau * c1), slope_v = c2 * (slope_U + U * tau * c2);
  const double slope_F = F * (D + n.t_ref);

  NeuronChange change{kInfinity, kInfinity, kInfinity, kInfinity, kInfinity};
  const double denominator = s.denominator - h * slope_F;
  if (denominator > 0) {
    change.mu = h * (n.per_mu * slope_u + modulus(s.mu) * slope_F) / denominator;
    const double slope_of_colour =
        std::abs(n.quasi_static) * slope_u + std::abs(n.moving) * slope_V;
    change.variance =
        h * (n.per_variance * (slope_v + slope_of_colour) + modulus(s.variance) * slope_F) /
        denominator;
  }

  // g N = (ν/σ) τ(1/T' + z)/(1 + λ) X = (ν/σ) (1 + 1/(zT')) u, whichever form shows less.
  const double rho = tau / n.interval;
  const auto quotient_form = [&](double c, double unit, double value, double slope) {
    const double slope_p = tau * std::abs(c - rho) * unit * unit;
    const double p = modulus(rho + lambda) * unit + h * slope_p;
    return p * slope + slope_p * value;
  };
  double slope_mu = quotient_form(1, c1, X, slope_X);
  double slope_variance = quotient_form(2, c2, Y, slope_Y);
  double slope_moving = (modulus(rho + lambda) + h * tau) * slope_X + tau * X;  // (1 + λ) g N_μ
  const double per_interval = 1 / n.interval;
  const double R_slope_at_0 = n.mean_residual;
  double slope_R = R_slope_at_0;
  const double one_zT = modulus(1.0 + s.z * n.interval) + h * n.interval;
  double slope_g = kInfinity;
  if (s.modulus > 0) {
    const double inverse = 1 / s.modulus;
    const double slope_e = per_interval * inverse * inverse;
    const double e = modulus(1.0 + per_interval / s.z) + (up ? 0 : h * slope_e);
    const double u = s.V * c1 + h * slope_u, v = s.U * c2 + h * slope_v;
    slope_mu = least(e * slope_u + slope_e * u, slope_mu);
    slope_variance = least(e * slope_v + slope_e * v, slope_variance);
    slope_moving = least(e * slope_V + slope_e * V, slope_moving);
    slope_R = least((slope_F * per_interval + s.residual + h * slope_R) * inverse, slope_R);
    slope_g = slope_F * e + (s.denominator + h * slope_F) * slope_e;
  }
  const double R = std::min(s.residual + h * slope_R, 1.0);
  change.factor = h * least(slope_g, slope_R * one_zT + R * n.interval);
  change.scaled_mu = h * n.per_mu * slope_mu;
  change.scaled_variance =
      h * n.per_variance *
      (slope_variance + std::abs(n.quasi_static) * slope_mu + std::abs(n.moving) * slope_moving);
  return change;
}

}  // namespace nuphi::detail
