#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace nuphi::loader {

/// Powers of volt, second and ampere, counted in sixths so that roots of quantities stay exact.
struct Dimension {
  int volt = 0;
  int second = 0;
  int ampere = 0;

  bool operator==(const Dimension&) const = default;
};

inline constexpr int kWhole = 6;
inline constexpr Dimension kDimensionless{};
inline constexpr Dimension kVoltage{.volt = kWhole};
inline constexpr Dimension kTime{.second = kWhole};
inline constexpr Dimension kRate{.second = -kWhole};
inline constexpr Dimension kCurrent{.ampere = kWhole};
inline constexpr Dimension kCapacitance{.volt = -kWhole, .second = kWhole, .ampere = kWhole};

/// SI unit as text: "V", "Hz", "V/s", "1".
std::string unit_text(const Dimension& dimension);
/// What a reader calls it: "a voltage", "a time"; for others "a quantity in V/s".
std::string spoken(const Dimension& dimension);
/// Units that are offered in messages: "V, mV, uV".
std::string_view usual_units(const Dimension& dimension);
/// The unit of `units: nest` files: ms, mV, pA, pF, Hz; empty for others.
std::string_view nest_unit(const Dimension& dimension);

/// A unit of the model file; all are powers of ten of SI.
struct Unit {
  Dimension dimension;
  int exponent = 0;
};
/// "mV", "1/ms", "pA*ms", "mV^2/s", "1"; nothing for an unknown unit.
std::optional<Unit> parse_unit(std::string_view text);

}  // namespace nuphi::loader
