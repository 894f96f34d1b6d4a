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

/// Branch k of the Lambert W function, W e^W = z (Corless et al. 1996): the solution of W + ln W =
/// ln z + 2πik with principal logarithms (for k = −1 and −1/e ≤ z < 0: of W + ln W = ln z, the real
/// one). Branch cuts run along the negative real axis: from −1/e for k = 0, from 0 otherwise. The
/// sign of a zero imaginary part tells the side; +0 is above.
/// @return W_k(0) = −∞ for k ≠ 0; NaN for an argument that is not finite.
/// Accuracy: |error| ≤ 1e-15 |W|, next to the branch point too. No allocation.
[[nodiscard]] std::complex<double> lambert_w(int branch, std::complex<double> z) noexcept;

/// @}
}  // namespace nuphi
