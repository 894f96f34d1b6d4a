#pragma once

#include <vector>

namespace nuphi::detail {

/// E[f(z)] ≈ Σ weight·f(node) for standard normal z: exact for polynomials of degree 2n − 1.
struct GaussHermite {
  std::vector<double> nodes;    ///< rising
  std::vector<double> weights;  ///< sum 1
};
[[nodiscard]] GaussHermite gauss_hermite(int n);

}  // namespace nuphi::detail
