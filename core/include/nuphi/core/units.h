#pragma once

#include <nuphi/core/export.h>

/// SI units as factors: every quantity inside nuphi is a plain double in SI, every literal shows
/// its unit.
///   using namespace nuphi::units;
///   double tau_m = 20 * ms;   double weight = 0.1 * mV;
/// A namespace of their own, so that `using namespace nuphi` leaves names as short as `V` and `s`
/// alone.
namespace NUPHI_PUBLIC nuphi {
namespace units {

inline constexpr double s = 1.0;
inline constexpr double ms = 1e-3;
inline constexpr double us = 1e-6;
inline constexpr double V = 1.0;
inline constexpr double mV = 1e-3;
inline constexpr double uV = 1e-6;
inline constexpr double A = 1.0;
inline constexpr double nA = 1e-9;
inline constexpr double pA = 1e-12;
inline constexpr double F = 1.0;
inline constexpr double nF = 1e-9;
inline constexpr double pF = 1e-12;
inline constexpr double Hz = 1.0;
inline constexpr double kHz = 1e3;

}  // namespace units
}  // namespace nuphi
