#include "support/siegert_peers.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_dawson.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

namespace nuphi::test {
namespace {

const double kSqrtPi = std::sqrt(std::numbers::pi);

/// Boundaries with the colour shift, formed as the papers write them.
struct Boundaries {
  double threshold, reset;

  Boundaries(double mu, double sigma, const LifParameters& n) {
    const double shift = 1.0326265761156086 * std::sqrt(n.tau_syn / n.tau_m);
    threshold = (n.V_th - mu) / sigma + shift;
    reset = (n.V_reset - mu) / sigma + shift;
  }
};

struct Integral {
  double value;
  bool gave_up;
  int evaluations = 0;
};

template <class F>
struct Counted {
  const F& f;
  mutable int calls = 0;
};

template <class F>
Integral integrate(const F& f, double low, double high) {
  constexpr std::size_t kIntervals = 1000;
  static thread_local const std::unique_ptr<gsl_integration_workspace,
                                            decltype(&gsl_integration_workspace_free)>
      workspace(gsl_integration_workspace_alloc(kIntervals), gsl_integration_workspace_free);
  [[maybe_unused]] static const auto handler = gsl_set_error_handler_off();
  gsl_function function;
  Counted<F> counted{f};
  function.function = [](double x, void* p) {
    const auto* c = static_cast<const Counted<F>*>(p);
    ++c->calls;
    return c->f(x);
  };
  function.params = &counted;
  Integral result{0, false};
  double error = 0;
  result.gave_up =
      gsl_integration_qag(&function, low, high, 0, kPeerTolerance, kIntervals, GSL_INTEG_GAUSS31,
                          workspace.get(), &result.value, &error) != GSL_SUCCESS;
  result.evaluations = counted.calls;
  return result;
}

/// e^{x²} erfc(x), x ≥ 0.
double erfcx(double x) {
  if (x < 25) return std::exp(x * x) * std::erfc(x);
  const double q = 1 / (2 * x * x);
  return (1 - q * (1 - 3 * q * (1 - 5 * q * (1 - 7 * q)))) / (x * kSqrtPi);
}
constexpr auto kErfcx = [](double x) { return erfcx(x); };

}  // namespace

PeerRate plain_quadrature(double mu, double sigma, const LifParameters& n) {
  const Boundaries y(mu, sigma, n);
  const Integral i =
      integrate([](double s) { return std::exp(s * s) * (1 + std::erf(s)); }, y.reset, y.threshold);
  return {1 / (n.t_ref + n.tau_m * kSqrtPi * i.value), i.gave_up, i.evaluations};
}

PeerRate half_line(double mu, double sigma, const LifParameters& n) {
  const Boundaries y(mu, sigma, n);
  const double yt = y.threshold, yr = y.reset;
  if (yt > 0) {
    const auto integrand = [=](double u) {
      if (u == 0) return 2 * (yt - yr) * std::exp(-yt * yt);
      return std::exp(-(u - yt) * (u - yt)) * (1 - std::exp(2 * (yr - yt) * u)) / u;
    };
    const Integral i = integrate(integrand, 0, yt + 6);
    const double scale = std::exp(-yt * yt);
    return {scale / (scale * n.t_ref + n.tau_m * i.value), i.gave_up, i.evaluations};
  }
  const auto integrand = [=](double u) {
    if (u == 0) return 2 * (yt - yr);
    return std::exp(-u * u) * (std::exp(2 * yt * u) - std::exp(2 * yr * u)) / u;
  };
  const Integral i = integrate(integrand, 0, 6);
  return {1 / (n.t_ref + n.tau_m * i.value), i.gave_up, i.evaluations};
}

PeerRate scaled_erfcx(double mu, double sigma, const LifParameters& n) {
  const Boundaries y(mu, sigma, n);
  const double yt = y.threshold, yr = y.reset;
  if (yt < 0) {
    const Integral i = integrate(kErfcx, -yt, -yr);
    return {1 / (n.t_ref + n.tau_m * kSqrtPi * i.value), i.gave_up, i.evaluations};
  }
  const double scale = std::exp(-yt * yt);
  double growing = 2 * gsl_sf_dawson(yt);
  Integral rest{0, false};
  if (yr > 0) {
    growing -= 2 * std::exp(yr * yr - yt * yt) * gsl_sf_dawson(yr);
    rest = integrate(kErfcx, yr, yt);
    rest.value = -rest.value;
  } else if (-yr >= yt) {
    rest = integrate(kErfcx, yt, -yr);
  } else {
    rest = integrate(kErfcx, -yr, yt);
    rest.value = -rest.value;
  }
  return {scale / (scale * n.t_ref + n.tau_m * kSqrtPi * (growing + scale * rest.value)),
          rest.gave_up, rest.evaluations};
}

}  // namespace nuphi::test
