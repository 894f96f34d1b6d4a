#pragma once

#include <nuphi/core/export.h>
#include <complex>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// Branch k of the Lambert W function, W e^W = z (Corless et al. 1996): the solution of W + ln W =
/// ln z + 2πik with principal logarithms (for k = −1 and −1/e ≤ z < 0: of W + ln W = ln z, the real
/// one). Branch cuts run along the negative real axis: from −1/e for k = 0, from 0 otherwise. The
/// sign of a zero imaginary part tells the side; +0 is above.
/// @return W_k(0) = −∞ for k ≠ 0; NaN for an argument that is not finite.
/// Accuracy: |error| ≤ 1e-15 |W|, next to the branch point too. No allocation.
[[nodiscard]] std::complex<double> lambert_w(int branch, std::complex<double> z) noexcept;

/// @}
}  // namespace nuphi
