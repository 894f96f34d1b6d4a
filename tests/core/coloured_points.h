// Neurons with coloured noise for the tests of kExact and kUniform.
#pragma once

#include <nuphi/core/exact_rate.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "support/csv.h"
#include "support/random.h"

namespace nuphi::test {

struct ColouredPoint {
  double mu = 0, sigma = 0;
  LifParameters neuron;

  [[nodiscard]] SiegertRate rate() const {
    return siegert(mu, sigma, neuron, Correction::kUniform);
  }
  [[nodiscard]] SiegertRate exact() const {
    return exact_rate(mu, sigma, neuron, {ExactResolution::kQuick, true}).rate;
  }
};

/// The neuron with the dimensionless parameters of the theory; k² = τ_syn/τ_m, ρ = t_ref/τ_syn.
inline ColouredPoint coloured_point(double y_t, double y_r, double k, double rho) {
  using namespace units;
  const double tau_m = 20 * ms, sigma = 5 * mV, mu = 3 * mV, tau_syn = k * k * tau_m;
  return {mu,
          sigma,
          {.tau_m = tau_m,
           .t_ref = rho * tau_syn,
           .V_th = mu + y_t * sigma,
           .V_reset = mu + y_r * sigma,
           .tau_syn = tau_syn}};
}

inline ColouredPoint coloured_row(const CsvTable& table, std::size_t i) {
  const auto at = [&](const char* column) { return table.number(i, column); };
  return {at("mu"),
          at("sigma"),
          {.tau_m = at("tau_m"),
           .t_ref = at("t_ref"),
           .V_th = at("V_th"),
           .V_reset = at("V_reset"),
           .tau_syn = at("tau_syn")}};
}

/// Neurons all over the domain of the fit, with t_ref 0 to 5 ms.
inline std::vector<ColouredPoint> random_coloured_points(int count, std::uint64_t seed) {
  using namespace units;
  Random random(seed);
  std::vector<ColouredPoint> all;
  while (static_cast<int>(all.size()) < count) {
    const double tau_m = random.uniform(5 * ms, 30 * ms), sigma = random.uniform(1 * mV, 8 * mV);
    const double tau_syn = tau_m * std::exp(random.uniform(std::log(1e-3), std::log(2.0)));
    const double stiffness = std::sqrt(1 + tau_syn / tau_m),
                 y_t = random.uniform(-8, 4) / stiffness;
    const double length = std::exp(random.uniform(std::log(0.5), std::log(15.0)));
    const double t_ref = std::max(0.0, random.uniform(-1.5 * ms, 5 * ms));
    all.push_back({0,
                   sigma,
                   {.tau_m = tau_m,
                    .t_ref = t_ref,
                    .V_th = y_t * sigma,
                    .V_reset = (y_t - length) * sigma,
                    .tau_syn = tau_syn}});
  }
  return all;
}

inline const std::vector<ColouredPoint>& coloured_points() {
  static const std::vector<ColouredPoint> all = {
      coloured_point(0.5, -0.5, 0.3, 0.2),   coloured_point(-2, -4, 1, 0.1),
      coloured_point(2, 0, 0.5, 0.5),        coloured_point(-6, -9, 0.1, 1),
      coloured_point(0.2, -0.8, 1.4, 3),     coloured_point(1, -1, 1, 0),
      coloured_point(-0.3, -3.5, 1.2, 0.05), coloured_point(-15, -20, 0.5, 0.3),
      coloured_point(-3, -4, 0.01, 2),       coloured_point(3, 2.4, 0.2, 0.1),
      coloured_point(0.1, -0.4, 0.7, 3)};
  return all;
}

using Value = std::function<double(const ColouredPoint&)>;
using Move = std::function<void(ColouredPoint&, double)>;

/// Fourth-order difference of a value.
inline double difference(const ColouredPoint& p, double step, const Value& value,
                         const Move& move) {
  const auto at = [&](double h) {
    ColouredPoint q = p;
    move(q, h);
    return value(q);
  };
  return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
}

}  // namespace nuphi::test
