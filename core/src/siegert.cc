// Stopgap by quadrature until the closed form lands.
#include <nuphi/core/siegert.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace nuphi {
namespace {
double erfcx(double x) {
  if (x < 25) return std::exp(x * x) * std::erfc(x);
  double c = x;
  for (int k = 60; k > 0; --k) c = x + 0.5 * k / c;
  return 1 / (c * std::sqrt(std::numbers::pi));
}
}  // namespace

SiegertRate siegert(double mu, double sigma, const LifParameters& p, Correction correction) noexcept {
  const double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (!(sigma >= 0) || !std::isfinite(mu)) return {kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  if (sigma == 0) {
    if (mu <= p.V_th) return {0, -std::numeric_limits<double>::infinity(), 0, 0, 0, 0};
    const double r = 1 / (p.t_ref + p.tau_m * std::log((mu - p.V_reset) / (mu - p.V_th)));
    const double d = r * r * p.tau_m * (p.V_th - p.V_reset) / ((mu - p.V_th) * (mu - p.V_reset));
    return {r, std::log(r), d, 0, d / r, 0};
  }
  const double c = correction == Correction::kNone ? 0 : 1.0326265761156086 * std::sqrt(p.tau_syn / p.tau_m);
  const double yt = (p.V_th - mu) / sigma + c, yr = (p.V_reset - mu) / sigma + c;
  const double e = yt > 0 ? yt * yt : 0;
  double sum = 0;
  const int n = 4000;
  for (int k = 0; k <= n; ++k) {
    const double x = yr + (yt - yr) * k / n;
    const double f = x > 0 ? 2 * std::exp(x * x - e) - erfcx(x) * std::exp(-e) : erfcx(-x) * std::exp(-e);
    sum += f * (k == 0 || k == n ? 1 : (k % 2 ? 4 : 2));
  }
  sum *= (yt - yr) / (3 * n);
  const auto f = [&](double x) {
    return x > 0 ? 2 * std::exp(x * x - e) - erfcx(x) * std::exp(-e) : erfcx(-x) * std::exp(-e);
  };
  const double k = p.tau_m * std::sqrt(std::numbers::pi);
  const double denominator = p.t_ref * std::exp(-e) + k * sum;
  SiegertRate r;
  r.rate = std::exp(-e) / denominator;
  r.log_rate = -e - std::log(denominator);
  r.dlog_rate_dmu = k * (f(yt) - f(yr)) / denominator / sigma;
  r.dlog_rate_dsigma = k * (f(yt) * (yt - c) - f(yr) * (yr - c)) / denominator / sigma;
  r.drate_dmu = r.rate * r.dlog_rate_dmu;
  r.drate_dsigma = r.rate * r.dlog_rate_dsigma;
  return r;
}
}  // namespace nuphi
