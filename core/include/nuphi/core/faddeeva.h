#pragma once

#include <nuphi/core/export.h>
#include <complex>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// Faddeeva function w(z) = e^{−z²} erfc(−iz), entire in z; erfc(z) = e^{−z²} w(iz).
/// Trapezoidal rule with the residue of the nearest poles for |z| < 8 (Al Azah & Chandler-Wilde
/// 2021), Laplace's continued fraction beyond, w(z) = 2e^{−z²} − w(−z) below the real axis.
/// @return NaN for a NaN argument; infinite where e^{−z²} overflows (only below the real axis).
/// Accuracy: |error| ≤ 1e-15 |w| above and on the real axis; below it relative to |2e^{−z²}| +
/// |w(−z)| (w has zeros there). No allocation.
[[nodiscard]] std::complex<double> faddeeva(std::complex<double> z) noexcept;

/// @}
}  // namespace nuphi
