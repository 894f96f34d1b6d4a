#include <gtest/gtest.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

// siegert() over raw doubles: any bit pattern, and patterns near the edges where floating point
// breaks.
namespace nuphi {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEdges[] = {0.0,         -0.0,
                             5e-324,      2.2250738585072014e-308,
                             1e-300,      1e-160,
                             1e-154,      1e-17,
                             1e-3,        0.5,
                             1.0,         1 + 2.3e-16,
                             1 - 1.2e-16, 3.0,
                             7.0,         26.5,
                             1e3,         1e8,
                             1e17,        1e150,
                             1e154,       1e160,
                             1e300,       1.7976931348623157e308,
                             kInfinity,   -1.0,
                             -1e-3,       -26.5,
                             -1e154,      -1.7976931348623157e308,
                             -kInfinity,  std::numeric_limits<double>::quiet_NaN()};

class Inputs {
 public:
  explicit Inputs(std::uint64_t seed) : random_(seed) {}

  /// Bit patterns, edges and everyday numbers in turn.
  double next() {
    switch (random_() % 4) {
      case 0:
        return std::bit_cast<double>(random_());
      case 1:
        return kEdges[random_() % std::size(kEdges)];
      case 2:
        return std::ldexp(unit() - 0.5, static_cast<int>(random_() % 80) - 40);
      default:
        return 20 * (unit() - 0.3);
    }
  }

 private:
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::mt19937_64 random_;
};

struct Point {
  double mu, sigma;
  LifParameters neuron;
};

Point next_point(Inputs& inputs) {
  Point p{inputs.next(), std::abs(inputs.next()), {}};
  p.neuron = {.tau_m = inputs.next(),
              .t_ref = inputs.next(),
              .V_th = inputs.next(),
              .V_reset = inputs.next(),
              .tau_syn = 0};
  // Most raw neurons are no neurons: mend the signs of most of them, so that the numerics is what
  // is tried.
  p.neuron.tau_m = std::abs(p.neuron.tau_m);
  p.neuron.t_ref = std::abs(p.neuron.t_ref);
  if (p.neuron.V_reset > p.neuron.V_th) std::swap(p.neuron.V_reset, p.neuron.V_th);
  p.neuron.tau_syn = std::abs(inputs.next());
  return p;
}

bool in_domain(const Point& p) {
  const LifParameters& n = p.neuron;
  const bool finite = std::isfinite(p.mu) && std::isfinite(p.sigma) && std::isfinite(n.tau_m) &&
                      std::isfinite(n.t_ref) && std::isfinite(n.V_th) && std::isfinite(n.V_reset) &&
                      std::isfinite(n.tau_syn);
  return finite && p.sigma >= 0 && n.tau_m > 0 && n.t_ref >= 0 && n.V_reset < n.V_th &&
         n.tau_syn >= 0;
}

std::string describe(const Point& p) {
  char text[400];
  std::snprintf(
      text, sizeof text,
      "mu=%.17g sigma=%.17g tau_m=%.17g t_ref=%.17g V_th=%.17g V_reset=%.17g tau_syn=%.17g", p.mu,
      p.sigma, p.neuron.tau_m, p.neuron.t_ref, p.neuron.V_th, p.neuron.V_reset, p.neuron.tau_syn);
  return text;
}

/// Empty when the claims hold.
std::string violation(const Point& p, Correction correction) {
  const SiegertRate r = siegert(p.mu, p.sigma, p.neuron, correction);
  const double cv = isi_cv(p.mu, p.sigma, p.neuron, correction);
  if (!in_domain(p)) {
    const bool all_nan = std::isnan(r.rate) && std::isnan(r.log_rate) && std::isnan(r.drate_dmu) &&
                         std::isnan(r.drate_dsigma) && std::isnan(r.dlog_rate_dmu) &&
                         std::isnan(r.dlog_rate_dsigma) && std::isnan(cv);
    return all_nan ? "" : "outside the domain something is not NaN";
  }
  if (std::isnan(r.rate)) return "rate is NaN";
  const double ceiling = p.neuron.t_ref > 0 ? 1 / p.neuron.t_ref : kInfinity;
  if (!(r.rate >= 0 && r.rate <= ceiling * (1 + 4e-16)))
    return "rate outside [0, 1/t_ref]: " + std::to_string(r.rate);
  if (r.drate_dmu < 0) return "rate falls with the mean";
  if (std::isnan(r.drate_dmu) && !(p.sigma == 0 && p.mu == p.neuron.V_th)) return "gradient is NaN";
  if (cv < 0) return "CV is negative";
  return "";
}

class SiegertFuzz : public testing::TestWithParam<int> {};

TEST_P(SiegertFuzz, FiniteInputGivesARateInItsRangeAndGradientsOfTheRightSign) {
  Inputs inputs(static_cast<std::uint64_t>(GetParam()) + 1);
  int failures = 0;
  for (int i = 0; i < 1'000'000 && failures < 5; ++i) {
    const Point p = next_point(inputs);
    const Correction correction = i % 2 == 0 ? Correction::kNone : Correction::kShift;
    const std::string fault = violation(p, correction);
    if (fault.empty()) continue;
    ADD_FAILURE() << fault << " at " << describe(p) << (i % 2 == 0 ? " (none)" : " (shift)");
    ++failures;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SiegertFuzz, testing::Range(0, 10));

}  // namespace
}  // namespace nuphi
