// The law with which starts come to the threshold at one time, ready for sums over the mesh.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "exact_kernels.h"
#include "exact_sums.h"

namespace nuphi::detail {

template <class Number>
Crossing<Number> crossing(const ColouredNeuron<Number>& n, Start start, const Motion<Number>& m) {
  return start == Start::kThreshold ? from_threshold(n, m) : from_reset(n, m);
}
template <class Number>
Crossing<Number> crossing(const ColouredNeuron<Number>& n, Start start, double t) {
  return crossing(n, start, motion(n, t));
}

inline const TimeGrid& times(const ExactProblem& p, Start start) {
  return start == Start::kThreshold ? p.threshold : p.reset;
}

/// The crossing law of one time with what all starts share already computed.
struct Gaussians {
  static constexpr double kInverseTwoPi = 0.15915494309189533577;

  Crossing<double> c;
  double weight, precision, curvature, inverse_root;

  explicit Gaussians(const Crossing<double>& crossing)
      : c(crossing),
        weight(kInverseTwoPi / std::sqrt(c.xx * c.uu)),
        precision(0.5 / c.xx),
        curvature(0.5 / c.uu),
        inverse_root(std::sqrt(precision)) {}

  [[nodiscard]] GaussianRow row(double u, double d) const {
    return {weight, d * d * precision, c.centre(u, d), curvature};
  }
  /// Q, the probability of x > y_t.
  [[nodiscard]] double above(double d) const { return 0.5 * std::erfc(d * inverse_root); }
};

/// Starts that have something at the threshold, begin ≤ j < end: all before are still below it, all
/// behind beyond it, as the distance falls with u.
struct Active {
  Eigen::Index begin = 0, end = 0;

  Active(const Gaussians& g, const VelocityMesh& mesh) {
    constexpr double kFar = 6.75;  // e^{−45} and no more of Q
    const auto first = mesh.u.begin(), last = first + mesh.size;
    const auto at = [&](double z) {
      const double u = (g.c.distance_0 - z / g.inverse_root) / -g.c.distance_1;
      return std::lower_bound(first, last, u) - first;
    };
    begin = at(kFar);
    end = at(-kFar);
  }
};

}  // namespace nuphi::detail
