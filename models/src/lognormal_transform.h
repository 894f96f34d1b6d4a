#pragma once

#include <nuphi/models/delays.h>

#include <complex>

namespace nuphi::detail {

/// D(z) of the lognormal with mean m > 0 and s.d. s > 0; delay_transform() states the domain.
[[nodiscard]] DelayTransform lognormal_transform(double m, double s,
                                                 std::complex<double> z) noexcept;

}  // namespace nuphi::detail
