// Seeded random arguments for property tests.
#pragma once

#include <nuphi/core/lif.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <sstream>
#include <string>

namespace nuphi::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  double uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(engine_);
  }
  double log_uniform(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }

  /// Any finite double, bit patterns equally likely.
  double any_finite() {
    for (;;) {
      const std::uint64_t bits = engine_();
      double x;
      std::memcpy(&x, &bits, sizeof x);
      if (std::isfinite(x)) return x;
    }
  }

 private:
  std::mt19937_64 engine_;
};

/// One evaluation of the rate, printable.
struct Point {
  double mu = 0;
  double sigma = 0;
  LifParameters neuron;
  Correction correction = Correction::kNone;
};

inline std::string print(const Point& p) {
  std::ostringstream out;
  out.precision(17);
  out << "mu=" << p.mu << " sigma=" << p.sigma << " tau_m=" << p.neuron.tau_m
      << " t_ref=" << p.neuron.t_ref << " V_th=" << p.neuron.V_th << " V_reset=" << p.neuron.V_reset
      << " tau_syn=" << p.neuron.tau_syn << " correction=" << static_cast<int>(p.correction);
  return out.str();
}

/// A neuron as in models of cortex, from far below threshold to far above (SI units).
inline Point cortical_point(Random& random) {
  Point p;
  p.neuron.V_th = random.uniform(5e-3, 25e-3);
  p.neuron.V_reset = p.neuron.V_th - random.uniform(0.1e-3, 25e-3);
  p.neuron.tau_m = random.uniform(5e-3, 30e-3);
  p.neuron.t_ref = random.below(4) == 0 ? 0 : random.uniform(0.1e-3, 5e-3);
  p.neuron.tau_syn = random.below(2) == 0 ? 0 : random.uniform(0.1e-3, 5e-3);
  p.correction = random.below(2) == 0 ? Correction::kShift : Correction::kShiftRefractory;
  p.mu = p.neuron.V_th + random.uniform(-60e-3, 40e-3);
  p.sigma = random.log_uniform(0.1e-3, 50e-3);
  return p;
}

}  // namespace nuphi::test
