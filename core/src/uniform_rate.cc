#include "uniform_rate.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/core/isi_statistics.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "adiabatic_slopes.h"
#include "passage_rate.h"
#include "siegert_evaluate.h"
#include "uniform_coefficients.h"
#include "uniform_features.h"
#include "uniform_network.h"
#include "uniform_numbers.h"
#include "uniform_slope.h"
#include "white_passage.h"

namespace nuphi::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr Network<5, (kUniformThreshold.size() - 6) / 7> kThreshold(kUniformThreshold);
constexpr Network<7, (kUniformReset.size() - 8) / 9> kReset(kUniformReset);

template <std::size_t inputs, std::size_t hidden>
Dual apply(const Network<inputs, hidden>& network, const std::array<Dual, inputs>& x) {
  std::array<double, inputs> values;
  for (std::size_t i = 0; i < inputs; ++i) values[i] = x[i].value;
  const NetworkValue<inputs, hidden> n = network(values);
  Dual r(n.value);
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t k = 0; k < r.partial.size(); ++k) r.partial[k] += n.slope[i] * x[i].partial[k];
  }
  return r;
}

template <std::size_t inputs, std::size_t hidden>
Slope<double> apply(const Network<inputs, hidden>& network,
                    const std::array<Slope<double>, inputs>& x) {
  std::array<double, inputs> values;
  for (std::size_t i = 0; i < inputs; ++i) values[i] = x[i].value;
  const NetworkValue<inputs, hidden> n = network(values);
  Slope<double> r(n.value);
  for (std::size_t i = 0; i < inputs; ++i) {
    r.by_t += n.slope[i] * x[i].by_t;
    r.by_r += n.slope[i] * x[i].by_r;
  }
  return r;
}

template <std::size_t inputs, std::size_t hidden>
Jet apply(const Network<inputs, hidden>& network, const std::array<Jet, inputs>& x) {
  std::array<double, inputs> values, t, r;
  for (std::size_t i = 0; i < inputs; ++i) {
    values[i] = x[i].value;
    t[i] = x[i].first[0];
    r[i] = x[i].first[1];
  }
  const NetworkValue<inputs, hidden> n = network(values);
  const std::array<double, hidden> along_t = network.along(t), along_r = network.along(r);
  Jet result(n.value);
  for (std::size_t i = 0; i < inputs; ++i) {
    for (std::size_t k = 0; k < 2; ++k) result.first[k] += n.slope[i] * x[i].first[k];
    for (std::size_t k = 0; k < 3; ++k) result.second[k] += n.slope[i] * x[i].second[k];
  }
  for (std::size_t h = 0; h < hidden; ++h) {
    result.second[0] += n.bend[h] * along_t[h] * along_t[h];
    result.second[1] += n.bend[h] * along_t[h] * along_r[h];
    result.second[2] += n.bend[h] * along_r[h] * along_r[h];
  }
  return result;
}

Slope<double> chain(const Slope<double>& x, const Slope<double>& y, const Partials& f) {
  return {f.value, f.x * x.by_t + f.y * y.by_t, f.x * x.by_r + f.y * y.by_r};
}

/// Beyond this the factor of the passage time is e^{−G} of nothing that was fitted.
constexpr double kLargestMemory = 400;

Dual in_range(const Dual& k) {
  double slope = 0;
  const double value = uniform_range(k.value, slope);
  return chain(k, value, slope);
}
Jet in_range(const Jet& k) {
  double slope = 0;
  return Jet(uniform_range(k.value, slope));  // a constant, as k is
}
Slope<double> in_range(const Slope<double>& k) {
  double slope = 0;
  return Slope<double>(uniform_range(k.value, slope));
}

template <class Number>
struct Effective {
  Number threshold, reset;  ///< Y_t + kS, Y_r
  Number log_time;          ///< ln T
};

template <class Number>
Effective<Number> effective(const Number& y_t, const Number& y_r, const Number& k,
                            const Number& X) {
  using std::exp;
  using std::log;
  const Number within = in_range(k);
  const UniformFeatures<Number> f = uniform_features(y_t, y_r, k, within, X);
  const Number shift = Number(kHalfAlpha.high) + f.weight * apply(kThreshold, f.threshold);
  const Number a = f.Y_t + within * uniform_shift(shift);
  const WhitePassage white(a.value, f.Y_r.value);
  const Number log_time = chain(a, f.Y_r, white.log_time);
  if (X.value == 0) return {a, f.Y_r, log_time};
  const Number log_reset = chain(a, f.Y_r, white.log_reset) + f.weight * apply(kReset, f.reset);
  const Number grown = Number(kHalfAlpha.high) * within * exp(log_reset);
  const Number G = grown.value < kLargestMemory ? grown : Number(kLargestMemory);
  return {a, f.Y_r, log_time + log(Number(1.0) - X + X * exp(-G))};
}

struct Point {
  double y_t, y_r, k, X;

  Point(double mu, double sigma, const LifParameters& p)
      : y_t((p.V_th - mu) / sigma),
        y_r((p.V_reset - mu) / sigma),
        k(std::sqrt(p.tau_syn / p.tau_m)),
        X(std::exp(-p.t_ref / p.tau_syn)) {}
};

/// 0 for x ≤ 0, 1 for x ≥ 1, with two continuous derivatives.
Dual smooth_step(const Dual& x) {
  const double t = std::clamp(x.value, 0.0, 1.0);
  return chain(x, t * t * t * (10 + t * (6 * t - 15)), 30 * t * t * (1 - t) * (1 - t));
}

/// Share of the average over slow currents: all from τ_syn = 5 τ_m on where the mean is 1.5σ above
/// threshold, nothing below 2 τ_m or with the mean below threshold.
Dual slow_share(const Dual& y_t, const Dual& k) {
  constexpr double kFirst = 0.6931471805599453, kLast = 1.6094379124341003;  // ln 2, ln 5
  const Dual ratio = (log(k * k) - Dual(kFirst)) / Dual(kLast - kFirst);
  return smooth_step(ratio) * smooth_step(-y_t / Dual(1.5));
}

UniformRate blended(const UniformRate& fast, const AdiabaticSlopes& slow, double mu, double sigma,
                    const LifParameters& p) {
  const Point at(mu, sigma, p);
  const Dual share = slow_share(Dual::parameter(at.y_t, 0), Dual::parameter(at.k, 2));
  const double s = share.value, change = slow.rate.log_rate - fast.rate.log_rate;
  const double by_y = change * share.partial[0], by_k = change * share.partial[2];
  const auto mix = [s](double x, double y) { return s == 1 ? y : x + s * (y - x); };
  UniformRate r;
  r.rate.log_rate = mix(fast.rate.log_rate, slow.rate.log_rate);
  r.rate.rate = std::exp(r.rate.log_rate);
  r.rate.dlog_rate_dmu = mix(fast.rate.dlog_rate_dmu, slow.rate.dlog_rate_dmu) - by_y / sigma;
  r.rate.dlog_rate_dsigma =
      mix(fast.rate.dlog_rate_dsigma, slow.rate.dlog_rate_dsigma) - by_y * at.y_t / sigma;
  r.rate.drate_dmu = r.rate.rate * r.rate.dlog_rate_dmu;
  r.rate.drate_dsigma = r.rate.rate * r.rate.dlog_rate_dsigma;
  const double through_s = 0.5 * sigma * slow.rate.dlog_rate_dsigma;  // as lif_parameter_gradient()
  const LifPartials& d = fast.dlog_rate;
  r.dlog_rate.tau_m = mix(d.tau_m, (through_s - slow.busy) / p.tau_m) - 0.5 * by_k * at.k / p.tau_m;
  r.dlog_rate.t_ref = mix(d.t_ref, -slow.t_ref);
  r.dlog_rate.V_th = mix(d.V_th, -(slow.rate.dlog_rate_dmu + slow.reset)) + by_y / sigma;
  r.dlog_rate.V_reset = mix(d.V_reset, slow.reset);
  r.dlog_rate.tau_syn = mix(d.tau_syn, -through_s / p.tau_syn) + 0.5 * by_k * at.k / p.tau_syn;
  return r;
}

/// Sizes with which the formula is evaluated as it stands.
bool has_formula(double mu, double sigma, const LifParameters& p) {
  return is_ordinary(mu, sigma, p) && sigma > 0 && p.tau_syn > 1e-12 * p.tau_m &&
         p.tau_syn < 1e6 * p.tau_m && std::abs(p.V_th - mu) < 1e6 * sigma &&
         std::abs(p.V_reset - mu) < 1e6 * sigma;
}

/// What stands for it elsewhere.
Correction substitute(double sigma, const LifParameters& p) {
  if (!(sigma > 0)) return Correction::kNone;
  return p.tau_syn > p.tau_m ? Correction::kAdiabatic : Correction::kShiftRefractory;
}

/// Whether the average over slow currents has a share.
bool is_slow(double y_t, const LifParameters& p) { return p.tau_syn > 2 * p.tau_m && y_t < 0; }

}  // namespace

SiegertRate uniform_siegert(double mu, double sigma, const LifParameters& neuron) noexcept {
  if (!has_formula(mu, sigma, neuron)) return siegert(mu, sigma, neuron, substitute(sigma, neuron));
  const Point n(mu, sigma, neuron);
  if (is_slow(n.y_t, neuron)) return uniform_rate(mu, sigma, neuron).rate;
  using Number = Slope<double>;
  const Number l =
      effective(Number(n.y_t, 1, 0), Number(n.y_r, 0, 1), Number(n.k), Number(n.X)).log_time;
  return passage_rate(l.value, {l.by_t, l.by_r, 0, 0}, mu, sigma, neuron).rate;
}

UniformRate uniform_rate(double mu, double sigma, const LifParameters& neuron) noexcept {
  if (!has_formula(mu, sigma, neuron)) {
    const Correction other = substitute(sigma, neuron);
    return {siegert(mu, sigma, neuron, other),
            lif_parameter_gradient(mu, sigma, neuron, other).dlog_rate};
  }
  const Point n(mu, sigma, neuron);
  const Effective<Dual> e = effective(Dual::parameter(n.y_t, 0), Dual::parameter(n.y_r, 1),
                                      Dual::parameter(n.k, 2), Dual::parameter(n.X, 3));
  const PassageRate p = passage_rate(e.log_time.value, e.log_time.partial, mu, sigma, neuron);
  const UniformRate r{p.rate, p.dlog_rate};
  if (!is_slow(n.y_t, neuron)) return r;
  return blended(r, adiabatic_slopes(mu, sigma, neuron), mu, sigma, neuron);
}

SiegertSecond uniform_second(double mu, double sigma, const LifParameters& neuron) noexcept {
  SiegertSecond r{uniform_rate(mu, sigma, neuron).rate, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  if (!has_formula(mu, sigma, neuron)) return r;
  const Point n(mu, sigma, neuron);
  if (is_slow(n.y_t, neuron)) return r;
  // y = (V − μ)/σ as functions of μ (first) and σ (second).
  const auto coordinate = [&](double y) {
    Jet j(y);
    j.first = {-1 / sigma, -y / sigma};
    j.second = {0, 1 / (sigma * sigma), 2 * y / (sigma * sigma)};
    return j;
  };
  const Jet l = effective(coordinate(n.y_t), coordinate(n.y_r), Jet(n.k), Jet(n.X)).log_time;
  const double b = passage_rate(l.value, neuron).ready, rate = r.first.rate;
  const auto bend = [&](std::size_t k, std::size_t i, std::size_t j) {
    return -b * (l.second[k] + (1 - b) * l.first[i] * l.first[j]);
  };
  r.d2log_rate_dmu2 = bend(0, 0, 0);
  r.d2log_rate_dmudsigma = bend(1, 0, 1);
  r.d2log_rate_dsigma2 = bend(2, 1, 1);
  const double mu_slope = r.first.dlog_rate_dmu, sigma_slope = r.first.dlog_rate_dsigma;
  r.d2rate_dmu2 = rate * (r.d2log_rate_dmu2 + mu_slope * mu_slope);
  r.d2rate_dmudsigma = rate * (r.d2log_rate_dmudsigma + mu_slope * sigma_slope);
  r.d2rate_dsigma2 = rate * (r.d2log_rate_dsigma2 + sigma_slope * sigma_slope);
  return r;
}

Correction uniform_substitute(double mu, double sigma, const LifParameters& neuron) noexcept {
  return has_formula(mu, sigma, neuron) ? Correction::kUniform : substitute(sigma, neuron);
}

// ln L(a, a − d) grows with ln d, by 1 for short ways and by less for long ones.
UniformBoundaries uniform_boundaries(double mu, double sigma,
                                     const LifParameters& neuron) noexcept {
  const Point n(mu, sigma, neuron);
  const Effective<Dual> e = effective(Dual(n.y_t), Dual(n.y_r), Dual(n.k), Dual(n.X));
  double log_time = e.log_time.value;
  if (is_slow(n.y_t, neuron)) {
    const double rate = uniform_rate(mu, sigma, neuron).rate.rate;
    log_time = std::log((1 / rate - neuron.t_ref) / neuron.tau_m);
  }
  const double a = e.threshold.value;
  double log_length = std::log(a - e.reset.value);
  bool found = false;
  for (int k = 0; k < 100 && !found; ++k) {
    const double length = std::exp(log_length);
    const Partials l = WhitePassage(a, a - length).log_time;
    const double step = (log_time - l.value) / (-l.y * length);
    log_length += std::clamp(step, -1.0, 1.0);
    // Far below threshold the reset hardly matters, and the step is a ratio of roundings.
    found = std::abs(log_time - l.value) < 1e-14 * std::max(1.0, std::abs(log_time));
  }
  const double length = std::exp(log_length);
  return {.threshold = a,
          .reset = a - length,
          .length = found ? length : kNaN,
          .shift = a - n.y_t * std::sqrt(1 + n.k * n.k),
          .amplitude = sigma / std::sqrt(1 + n.k * n.k)};
}

double uniform_cv(double mu, double sigma, const LifParameters& neuron) noexcept {
  if (!has_formula(mu, sigma, neuron)) return isi_cv(mu, sigma, neuron, substitute(sigma, neuron));
  const Point n(mu, sigma, neuron);
  const Effective<Dual> e = effective(Dual(n.y_t), Dual(n.y_r), Dual(n.k), Dual(n.X));
  return isi_cv(0, 1,
                {.tau_m = neuron.tau_m,
                 .t_ref = neuron.t_ref,
                 .V_th = e.threshold.value,
                 .V_reset = e.reset.value,
                 .tau_syn = 0},
                Correction::kNone);
}

}  // namespace nuphi::detail
