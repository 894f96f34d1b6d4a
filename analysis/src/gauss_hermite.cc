#include "gauss_hermite.h"

#include <cmath>

namespace nuphi::detail {
namespace {

struct Hermite {
  double value;     ///< h_n = He_n/√n!
  double previous;  ///< h_{n−1}
};

/// √(k+1) h_{k+1} = z h_k − √k h_{k−1}. Below 1e150 for |z| < 2√n, n ≤ 200.
Hermite hermite(int n, double z) {
  double previous = 0, value = 1;
  for (int k = 0; k < n; ++k) {
    const double next = (z * value - std::sqrt(k) * previous) / std::sqrt(k + 1.0);
    previous = value, value = next;
  }
  return {value, previous};
}

/// A zero of h_n between two points of opposite sign: Newton's method, bisection where it leaves
/// them. h_n' = √n h_{n−1}.
double zero_between(int n, double low, double high) {
  const bool rising = hermite(n, high).value > 0;
  double z = 0.5 * (low + high);
  for (int k = 0; k < 100; ++k) {
    const Hermite h = hermite(n, z);
    ((h.value > 0) == rising ? high : low) = z;
    double next = z - h.value / (std::sqrt(n) * h.previous);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::abs(next - z) <= 2e-16 * (1 + std::abs(z))) return next;
    z = next;
  }
  return z;
}

}  // namespace

GaussHermite gauss_hermite(int n) {
  // The zeros of h_n separate those of h_{n−1}: from one degree to the next.
  std::vector<double> zeros;
  for (int degree = 1; degree <= n; ++degree) {
    const double end = 2 * std::sqrt(static_cast<double>(degree)) + 1;
    std::vector<double> next;
    for (int k = 0; k < degree; ++k) {
      const double low = k == 0 ? -end : zeros[static_cast<std::size_t>(k) - 1];
      const double high = k == degree - 1 ? end : zeros[static_cast<std::size_t>(k)];
      next.push_back(zero_between(degree, low, high));
    }
    zeros = next;
  }
  GaussHermite rule{zeros, {}};
  for (const double z : zeros) {
    const double slope = hermite(n, z).previous;
    rule.weights.push_back(1 / (n * slope * slope));
  }
  return rule;
}

}  // namespace nuphi::detail
