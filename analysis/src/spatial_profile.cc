#include <nuphi/analysis/spatial.h>

#include <cmath>
#include <stdexcept>

namespace nuphi {
namespace {

/// sin(x)/x and its derivative.
ProfileTransform sinc(double x) {
  if (std::abs(x) > 0.5) return {std::sin(x) / x, (std::cos(x) - std::sin(x) / x) / x};
  const double y = x * x;
  return {1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110 * (1 - y / 156))))),
          -x / 3 * (1 - y / 10 * (1 - y / 28 * (1 - y / 54 * (1 - y / 88 * (1 - y / 130)))))};
}

/// 2J₁(x)/x and its derivative −2J₂(x)/x.
ProfileTransform jinc(double x) {
  const double a = std::abs(x);
  if (a > 0.5)
    return {2 * std::cyl_bessel_j(1, a) / a, -2 * std::cyl_bessel_j(2, a) / a * (x < 0 ? -1 : 1)};
  const double y = x * x / 4;
  return {1 - y / 2 * (1 - y / 6 * (1 - y / 12 * (1 - y / 20 * (1 - y / 30 * (1 - y / 42))))),
          -x / 4 * (1 - y / 3 * (1 - y / 8 * (1 - y / 15 * (1 - y / 24 * (1 - y / 35)))))};
}

/// (1 + x²)^{−p} and its derivative.
ProfileTransform rational(double x, double p) {
  const double value = std::pow(1 + x * x, -p);
  return {value, -2 * p * x / (1 + x * x) * value};
}

}  // namespace

ProfileTransform profile_transform(const SpatialProfile& profile, double wavenumber,
                                   int dimensions) {
  if (dimensions != 1 && dimensions != 2)
    throw std::invalid_argument("spatial profile: one or two dimensions");
  if (!(profile.width >= 0)) throw std::invalid_argument("spatial profile: the width must be ≥ 0");
  const double w = profile.width, x = wavenumber * w;
  ProfileTransform p;
  switch (profile.shape) {
    case Profile::kBoxcar:
      p = dimensions == 1 ? sinc(x) : jinc(x);
      break;
    case Profile::kGaussian:
      p = {std::exp(-0.5 * x * x), -x * std::exp(-0.5 * x * x)};
      break;
    case Profile::kExponential:
      p = rational(x, dimensions == 1 ? 1 : 1.5);
      break;
  }
  return {p.value, p.derivative * w};
}

}  // namespace nuphi
