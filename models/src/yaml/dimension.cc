#include "dimension.h"

#include <fmt/format.h>

#include <utility>

namespace nuphi::loader {
namespace {

struct BaseUnit {
  std::string_view name;
  Dimension dimension;
};
constexpr Dimension kResistance{.volt = kWhole, .ampere = -kWhole};
constexpr Dimension kConductance{.volt = -kWhole, .ampere = kWhole};
constexpr std::array<BaseUnit, 7> kBaseUnits = {{
    {"s", kTime},
    {"V", kVoltage},
    {"A", kCurrent},
    {"F", kCapacitance},
    {"Hz", kRate},
    {"Ohm", kResistance},
    {"S", kConductance},
}};

struct Prefix {
  std::string_view name;
  int exponent;
};
constexpr std::array<Prefix, 10> kPrefixes = {{{"", 0},
                                               {"m", -3},
                                               {"u", -6},
                                               {"µ", -6},  // micro sign
                                               {"μ", -6},  // Greek mu
                                               {"n", -9},
                                               {"p", -12},
                                               {"f", -15},
                                               {"k", 3},
                                               {"M", 6}}};

std::optional<Unit> parse_atom(std::string_view text) {
  if (text == "1") return Unit{};
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.name)) continue;
    for (const BaseUnit& base : kBaseUnits) {
      if (text.substr(prefix.name.size()) == base.name)
        return Unit{base.dimension, prefix.exponent};
    }
  }
  return std::nullopt;
}

/// "mV^2" and "mV"; powers are one digit with an optional minus.
std::optional<Unit> parse_power(std::string_view text) {
  int power = 1;
  if (const std::size_t caret = text.find('^'); caret != std::string_view::npos) {
    std::string_view digits = text.substr(caret + 1);
    const int sign = digits.starts_with('-') ? -1 : 1;
    if (sign < 0) digits.remove_prefix(1);
    if (digits.size() != 1 || digits[0] < '1' || digits[0] > '9') return std::nullopt;
    power = sign * (digits[0] - '0');
    text = text.substr(0, caret);
  }
  std::optional<Unit> unit = parse_atom(text);
  if (unit) {
    unit->dimension = {unit->dimension.volt * power, unit->dimension.second * power,
                       unit->dimension.ampere * power};
    unit->exponent *= power;
  }
  return unit;
}

std::string power_text(std::string_view name, int sixths) {
  if (sixths == kWhole) return std::string(name);
  if (sixths % kWhole == 0) return fmt::format("{}^{}", name, sixths / kWhole);
  return fmt::format("{}^({}/6)", name, sixths);
}

}  // namespace

std::optional<Unit> parse_unit(std::string_view text) {
  Unit product;
  int sign = 1;
  constexpr std::size_t kLongestUnit = 64;
  if (text.empty() || text.size() > kLongestUnit) return std::nullopt;
  while (true) {
    const std::size_t end = text.find_first_of("*/");
    const std::optional<Unit> factor = parse_power(text.substr(0, end));
    if (!factor) return std::nullopt;
    product.dimension.volt += sign * factor->dimension.volt;
    product.dimension.second += sign * factor->dimension.second;
    product.dimension.ampere += sign * factor->dimension.ampere;
    product.exponent += sign * factor->exponent;
    if (end == std::string_view::npos) return product;
    sign = text[end] == '/' ? -1 : 1;
    text.remove_prefix(end + 1);
  }
}

std::string unit_text(const Dimension& dimension) {
  if (dimension == kDimensionless) return "1";
  for (const BaseUnit& base : kBaseUnits) {
    if (base.dimension == dimension) return std::string(base.name);
  }
  const std::array<std::pair<std::string_view, int>, 3> powers = {
      {{"V", dimension.volt}, {"A", dimension.ampere}, {"s", dimension.second}}};
  std::string above;
  std::string below;
  for (const auto& [name, sixths] : powers) {
    if (sixths > 0) above.append(above.empty() ? "" : "*").append(power_text(name, sixths));
    if (sixths < 0) below.append("/").append(power_text(name, -sixths));
  }
  return (above.empty() ? "1" : above) + below;
}

std::string spoken(const Dimension& dimension) {
  if (dimension == kDimensionless) return "a number without unit";
  if (dimension == kVoltage) return "a voltage";
  if (dimension == kTime) return "a time";
  if (dimension == kRate) return "a rate";
  if (dimension == kCurrent) return "a current";
  if (dimension == kCapacitance) return "a capacitance";
  return "a quantity in " + unit_text(dimension);
}

std::string_view usual_units(const Dimension& dimension) {
  if (dimension == kVoltage) return "V, mV, uV";
  if (dimension == kTime) return "s, ms, us";
  if (dimension == kRate) return "Hz, kHz, 1/s";
  if (dimension == kCurrent) return "A, nA, pA";
  if (dimension == kCapacitance) return "F, nF, pF";
  return {};
}

std::string_view nest_unit(const Dimension& dimension) {
  if (dimension == kVoltage) return "mV";
  if (dimension == kTime) return "ms";
  if (dimension == kRate) return "Hz";
  if (dimension == kCurrent) return "pA";
  if (dimension == kCapacitance) return "pF";
  return {};
}

}  // namespace nuphi::loader
