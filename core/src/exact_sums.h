// Sums of Gaussians over the nodes of the velocity mesh: nearly all of the work of exact_rate().
#pragma once

#include <cstddef>

namespace nuphi::detail {

/// weight·e^{−exponent − curvature (u_i − centre)²}
struct GaussianRow {
  double weight = 0, exponent = 0, centre = 0, curvature = 0;
};

/// Σ_i l_i e_i, Σ_i l_i (u_i − centre) e_i and Σ_i l_i (u_i − centre)² e_i, e_i the Gaussian.
struct GaussianMoments {
  double zero = 0, one = 0, two = 0;
};

/// out_i += the Gaussian at u_i. u rises and has a multiple of eight entries; what is below e^{−45}
/// is left out.
void add_gaussian(const GaussianRow& row, const double* u, std::size_t size, double* out);

[[nodiscard]] GaussianMoments gaussian_moments(const GaussianRow& row, const double* u,
                                               const double* l, std::size_t size);

}  // namespace nuphi::detail
