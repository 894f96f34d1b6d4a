#include "dimension.h"

#include <fmt/format.h>

#include <charconv>
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

/// "2", "-1" or, as unit_text() writes roots, "(3/6)"; in sixths.
std::optional<int> parse_exponent(std::string_view text) {
  const bool fraction = text.starts_with('(') && text.ends_with("/6)");
  if (fraction) text = text.substr(1, text.size() - 4);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr int kLargest = 99;
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < -kLargest || value > kLargest) return std::nullopt;
  return fraction ? value : kWhole * value;
}

/// "mV^2" and "mV".
std::optional<Unit> parse_power(std::string_view text) {
  const std::size_t caret = text.find('^');
  std::optional<Unit> unit = parse_atom(text.substr(0, caret));
  if (!unit || caret == std::string_view::npos) return unit;
  const std::optional<int> sixths = parse_exponent(text.substr(caret + 1));
  if (!sixths || unit->exponent * *sixths % kWhole != 0) return std::nullopt;
  const auto raised = [&](int power) { return power * *sixths / kWhole; };
  unit->dimension = {raised(unit->dimension.volt), raised(unit->dimension.second),
                     raised(unit->dimension.ampere)};
  unit->exponent = raised(unit->exponent);
  return unit;
}

/// Place of the first `*` or `/` outside parentheses.
std::size_t factor_end(std::string_view text) {
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == ')') inside = text[i] == '(';
    if (!inside && (text[i] == '*' || text[i] == '/')) return i;
  }
  return std::string_view::npos;
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
    const std::size_t end = factor_end(text);
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
