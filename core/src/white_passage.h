// First passage of white noise from one boundary to another, with the partials that uniform_rate.cc
// and the fit of its coefficients need.
#pragma once

#include <nuphi/core/siegert.h>

#include <cmath>
#include <numbers>

#include "siegert_evaluate.h"
#include "uniform_numbers.h"

namespace nuphi::detail {

/// ln L(a, b), L = √π∫_b^a f, f(s) = e^{s²}(1 + erf s), and ln ω_b, ω_b = √π f(b)/L, with their
/// partials in a and b.
struct WhitePassage {
  Partials log_time, log_reset;

  WhitePassage(double a, double b) {
    const SiegertRate r = siegert(
        0, 1, {.tau_m = 1, .t_ref = 0, .V_th = a, .V_reset = b, .tau_syn = 0}, Correction::kNone);
    const double l = -r.log_rate, tail = erfcx(std::abs(b));
    const double log_f = b > 0 ? b * b + std::log(2 - tail * std::exp(-b * b)) : std::log(tail);
    const double log_weight = log_f + 0.5 * std::log(std::numbers::pi) - l;
    const double w_b = std::exp(log_weight), w_a = r.dlog_rate_dmu + w_b;
    const double r_b = 2 * b + kTwoOverSqrtPi * std::exp(-log_f);  // f'(b)/f(b)
    const double r_a = 2 * a + 2 * std::exp(-l) / w_a;  // f'(a)/f(a), from ω_a L = √π f(a)
    log_time = {l, w_a, -w_b, w_a * (r_a - w_a), w_a * w_b, -w_b * (r_b + w_b)};
    const double bend = 2 + 2 * b * r_b - r_b * r_b;  // of ln f at b
    log_reset = {log_weight,         -w_a,       r_b + w_b,
                 -w_a * (r_a - w_a), -w_a * w_b, bend + w_b * (r_b + w_b)};
  }
};

}  // namespace nuphi::detail
