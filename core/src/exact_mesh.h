// Where the integral equation of exact_solve.h is sampled: velocities at the threshold, and times.
#pragma once

#include <vector>

#include "exact_transition.h"

namespace nuphi::detail {

/// How finely: what exact_rate() calls its resolution.
struct ExactGrid {
  int order = 5;              ///< Gauss–Legendre nodes on each panel of u
  double first_panel = 1e-2;  ///< length of the panel at u = 0
  double growth = 4;          ///< each panel ends that much farther from u = 0 …
  double panel = 1.5;         ///< … but is no longer than that, in widths of the kernel
  double reach = 6;           ///< |w| is cut off there, in standard deviations
  double step = 0.5;          ///< of ln t
  double accuracy = 20;       ///< passages from reset to threshold are resolved to e^{−accuracy}
};

/// Velocities u = w − w_t > 0 at the threshold, rising, with Gauss–Legendre weights. Filled up to a
/// multiple of eight with nodes of weight 0.
struct VelocityMesh {
  std::vector<double> u, weight;
  int size = 0;  ///< without the filling
};

/// Times t = e^s on an equidistant grid of s: ∫ f dt = Σ f weight. What lies before the first,
/// where f is constant, weighs `before`.
struct TimeGrid {
  double first = 0, ratio = 1;  ///< t_n = first·ratioⁿ
  int size = 0;
  double step = 0;  ///< ln ratio

  [[nodiscard]] double before() const;         ///< ∫₀ dt as far as the grid leaves it out
  [[nodiscard]] double before_moment() const;  ///< ∫₀ t dt likewise
};

VelocityMesh velocity_mesh(const ColouredNeuron<double>& n, const ExactGrid& grid);

/// For starts at the threshold: from where the slowest velocity still has not turned.
TimeGrid threshold_times(const ColouredNeuron<double>& n, const VelocityMesh& mesh,
                         const ExactGrid& grid);

/// For starts at the reset: from the first that can reach the threshold to the last that can still
/// be below it, in steps that resolve the passage.
TimeGrid reset_times(const ColouredNeuron<double>& n, const VelocityMesh& mesh,
                     const TimeGrid& threshold, const ExactGrid& grid);

}  // namespace nuphi::detail
