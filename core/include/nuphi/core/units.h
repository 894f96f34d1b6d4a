#pragma once

#include <nuphi/core/export.h>

namespace NUPHI_PUBLIC nuphi {

/// SI units as factors: every quantity inside nuphi is a plain double in SI, every literal shows
/// its unit.
///   using namespace nuphi::units;
///   double tau_m = 20 * ms;   double weight = 0.1 * mV;
/// A namespace of their own, so that `using namespace nuphi` leaves names as short as `V` and `s`
/// alone.
namespace units {
/// @addtogroup basics
/// @{

inline constexpr double s = 1.0;     ///< second
inline constexpr double ms = 1e-3;   ///< millisecond
inline constexpr double us = 1e-6;   ///< microsecond
inline constexpr double V = 1.0;     ///< volt
inline constexpr double mV = 1e-3;   ///< millivolt
inline constexpr double uV = 1e-6;   ///< microvolt
inline constexpr double A = 1.0;     ///< ampere
inline constexpr double nA = 1e-9;   ///< nanoampere
inline constexpr double pA = 1e-12;  ///< picoampere
inline constexpr double F = 1.0;     ///< farad
inline constexpr double nF = 1e-9;   ///< nanofarad
inline constexpr double pF = 1e-12;  ///< picofarad
inline constexpr double Hz = 1.0;    ///< hertz
inline constexpr double kHz = 1e3;   ///< kilohertz

/// @}
}  // namespace units
}  // namespace nuphi
