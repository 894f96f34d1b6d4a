// What siegert() and isi_cv() promise for any bits; shared by the tests over raw doubles.
#pragma once

#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

namespace nuphi::test {

struct RawPoint {
  double mu, sigma;
  LifParameters neuron;
};

inline bool in_domain(const RawPoint& p) {
  const LifParameters& n = p.neuron;
  const bool finite = std::isfinite(p.mu) && std::isfinite(p.sigma) && std::isfinite(n.tau_m) &&
                      std::isfinite(n.t_ref) && std::isfinite(n.V_th) && std::isfinite(n.V_reset) &&
                      std::isfinite(n.tau_syn);
  return finite && p.sigma >= 0 && n.tau_m > 0 && n.t_ref >= 0 && n.V_reset < n.V_th &&
         n.tau_syn >= 0;
}

inline std::string describe(const RawPoint& p) {
  char text[400];
  std::snprintf(
      text, sizeof text,
      "mu=%.17g sigma=%.17g tau_m=%.17g t_ref=%.17g V_th=%.17g V_reset=%.17g tau_syn=%.17g", p.mu,
      p.sigma, p.neuron.tau_m, p.neuron.t_ref, p.neuron.V_th, p.neuron.V_reset, p.neuron.tau_syn);
  return text;
}

/// What is claimed of one evaluation, whoever made it.
struct Outcome {
  SiegertRate r;
  double cv = 0;
};

/// Empty when the claims hold.
inline std::string violation(const RawPoint& p, Correction correction, const Outcome& outcome) {
  const auto& [r, cv] = outcome;
  if (!in_domain(p)) {
    const bool all_nan = std::isnan(r.rate) && std::isnan(r.log_rate) && std::isnan(r.drate_dmu) &&
                         std::isnan(r.drate_dsigma) && std::isnan(r.dlog_rate_dmu) &&
                         std::isnan(r.dlog_rate_dsigma) && std::isnan(cv);
    return all_nan ? "" : "outside the domain something is not NaN";
  }
  if (std::isnan(r.rate)) return "rate is NaN";
  const double ceiling =
      p.neuron.t_ref > 0 ? 1 / p.neuron.t_ref : std::numeric_limits<double>::infinity();
  if (!(r.rate >= 0 && r.rate <= ceiling * (1 + 4e-16)))
    return "rate outside [0, 1/t_ref]: " + std::to_string(r.rate);
  if (r.drate_dmu < 0 || r.dlog_rate_dmu < 0) return "rate falls with the mean";
  // d(sf)/ds > 0 everywhere, so that white noise always raises the rate.
  const bool white = correction == Correction::kNone || p.neuron.tau_syn == 0;
  if (white && (r.drate_dsigma < 0 || r.dlog_rate_dsigma < 0)) return "rate falls with white noise";
  if (std::isnan(r.drate_dmu) && !(p.sigma == 0 && p.mu == p.neuron.V_th)) return "gradient is NaN";
  if (cv < 0) return "CV is negative";
  return "";
}

}  // namespace nuphi::test
