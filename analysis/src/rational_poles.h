#pragma once

#include <complex>
#include <vector>

namespace nuphi::detail {

/// Poles of the rational function of the lowest degree, `most` at most, that has the values f at
/// the points z to `tolerance` of the largest: greedy, in barycentric form (AAA: Nakatsukasa, Sète
/// & Trefethen 2018). Some are of the fit alone.
[[nodiscard]] std::vector<std::complex<double>> rational_poles(
    const std::vector<std::complex<double>>& z, const std::vector<std::complex<double>>& f,
    int most, double tolerance);

}  // namespace nuphi::detail
