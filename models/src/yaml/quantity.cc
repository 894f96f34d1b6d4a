#include "quantity.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <nuphi/models/yaml.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "faults.h"

namespace nuphi::loader {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A decimal number taken apart: mantissa "-12.5", exponent 3.
struct Decimal {
  std::string_view mantissa;
  long exponent = 0;
  std::size_t length = 0;  ///< characters used
};

std::size_t digits_from(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

std::optional<Decimal> scan_decimal(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const std::size_t whole = at;
  at = digits_from(text, at);
  std::size_t digits = at - whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = digits_from(text, fraction);
    digits += at - fraction;
  }
  if (digits == 0) return std::nullopt;
  Decimal decimal{text.substr(0, at), 0, at};
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t start = at + 1;
    const bool negative = start < text.size() && text[start] == '-';
    if (start < text.size() && (text[start] == '+' || text[start] == '-')) ++start;
    const std::size_t end = digits_from(text, start);
    if (end > start) {
      constexpr long kFarBeyondDouble = 1000000;
      for (std::size_t i = start; i < end && decimal.exponent < kFarBeyondDouble; ++i) {
        decimal.exponent = 10 * decimal.exponent + (text[i] - '0');
      }
      if (negative) decimal.exponent = -decimal.exponent;
      decimal.length = end;
    }
  }
  return decimal;
}

bool has_leading_zero(std::string_view mantissa) {
  if (mantissa[0] == '+' || mantissa[0] == '-') mantissa.remove_prefix(1);
  return mantissa.size() > 1 && mantissa[0] == '0' && is_digit(mantissa[1]);
}

std::string_view without_sign(std::string_view text) {
  return text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
}

bool starts_like_hex(std::string_view text) {
  const std::string_view digits = without_sign(text);
  return digits.size() > 1 && digits[0] == '0' &&
         std::string_view("xXoObB").find(digits[1]) != std::string_view::npos;
}

bool is_non_finite_word(std::string_view text) {
  std::string word(without_sign(text.substr(0, text.find(' '))));
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return word == ".nan" || word == "nan" || word == ".inf" || word == "inf";
}

TextFault not_a_number(std::string_view text) {
  if (is_non_finite_word(text)) return {"non-finite", cited(text) + " is not a finite number", ""};
  return {"bad-number", cited(text) + " is not a decimal number",
          starts_like_hex(text) ? "write it in decimal" : ""};
}

Outcome<double> value_of(std::string_view text, const Decimal& decimal, int exponent) {
  if (has_leading_zero(decimal.mantissa)) {
    return TextFault{
        "leading-zero",
        cited(text) + " has a leading zero; YAML readers differ on whether that is octal",
        "leave the zero out"};
  }
  std::string_view mantissa = decimal.mantissa;
  if (mantissa.starts_with('+')) mantissa.remove_prefix(1);  // from_chars knows no plus
  const std::string merged =
      std::string(mantissa) + "e" + std::to_string(decimal.exponent + exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(merged.data(), merged.data() + merged.size(), value);
  if (error == std::errc::result_out_of_range) {
    return TextFault{"non-finite", cited(text) + " is outside the range of a double", ""};
  }
  if (error != std::errc() || end != merged.data() + merged.size()) return not_a_number(text);
  return value;
}

/// The fewest digits that tell a double from its neighbours, and the power of ten of the first one.
struct Shortest {
  std::string digits;
  int power = 0;
};
Shortest shortest_digits(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.begin(), buffer.end(), std::abs(value), std::chars_format::scientific);
  const std::string_view text(buffer.data(), end - buffer.data());
  const std::size_t e = text.find('e');
  Shortest shortest;
  for (const char c : text.substr(0, e)) {
    if (is_digit(c)) shortest.digits += c;
  }
  const std::size_t power = e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(text.data() + power, text.data() + text.size(), shortest.power);
  return shortest;
}

}  // namespace

Outcome<double> read_number(std::string_view raw, int exponent) {
  const std::string_view text = trim(raw);
  const std::optional<Decimal> decimal = scan_decimal(text);
  if (!decimal || starts_like_hex(text)) return not_a_number(text);
  if (decimal->length < text.size()) {
    const std::string_view rest = trim(text.substr(decimal->length));
    if (parse_unit(rest)) {
      return TextFault{"unit-not-allowed", cited(text) + " has a unit where a plain number is due",
                       ""};
    }
    return not_a_number(text);
  }
  return value_of(text, *decimal, exponent);
}

Outcome<WrittenQuantity> read_quantity(std::string_view raw) {
  const std::string_view text = trim(raw);
  const std::optional<Decimal> decimal = scan_decimal(text);
  if (!decimal || starts_like_hex(text)) return not_a_number(text);
  const std::string_view rest = text.substr(decimal->length);
  if (!rest.empty() && (rest[0] == '.' || rest[0] == '_' || is_digit(rest[0])))
    return not_a_number(text);
  const std::string_view name = trim(rest);
  const std::optional<Unit> unit = name.empty() ? Unit{} : parse_unit(name);
  if (!unit) {
    return TextFault{
        "unknown-unit", cited(name) + " is not a unit",
        "units are s, V, A, F, Hz with m, u, n, p, k before them, and products such as mV/ms"};
  }
  const Outcome<double> value = value_of(text, *decimal, unit->exponent);
  if (!value.value) return value.fault;
  return WrittenQuantity{*value.value, unit->dimension, std::string(name)};
}

TextFault compare_dimension(std::string_view text, const WrittenQuantity& quantity,
                            const Dimension& due) {
  if (quantity.dimension == due) return {};
  const std::string_view units = usual_units(due);
  const std::string allowed = units.empty() ? "" : " (" + std::string(units) + ")";
  if (due == kDimensionless) {
    return {
        "wrong-unit",
        cited(trim(text)) + " is " + spoken(quantity.dimension) + "; " + spoken(due) + " is due",
        ""};
  }
  if (quantity.unit.empty()) {
    std::string example = std::string(trim(text)) + " " +
                          (units.empty() ? unit_text(due) : std::string(nest_unit(due)));
    return {"missing-unit",
            cited(trim(text)) + " has no unit; " + spoken(due) + allowed + " is due",
            "for example " + cited(example)};
  }
  return {"wrong-unit",
          cited(trim(text)) + " is " + spoken(quantity.dimension) + "; " + spoken(due) + allowed +
              " is due",
          ""};
}

Outcome<WrittenQuantity> read_quantity(std::string_view text, const Dimension& due, bool nest) {
  Outcome<WrittenQuantity> quantity = read_quantity(text);
  if (!quantity.value) return quantity;
  if (nest && quantity.value->unit.empty() && !nest_unit(due).empty()) {
    const std::string unit(nest_unit(due));
    const Outcome<double> value = read_number(text, parse_unit(unit)->exponent);
    if (!value.value) return value.fault;
    return WrittenQuantity{*value.value, due, unit};
  }
  TextFault fault = compare_dimension(text, *quantity.value, due);
  if (!fault.code.empty()) return fault;
  return quantity;
}

std::string decimal_text(double value, int exponent) {
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  const Shortest shortest = shortest_digits(value);
  const std::string& digits = shortest.digits;
  const int count = static_cast<int>(digits.size());
  const int power = shortest.power - exponent;
  constexpr int kMostZeros = 6;
  std::string number;
  if (power >= 0 && power < count + kMostZeros) {
    number = digits.substr(0, power + 1);
    if (power + 1 < count) {
      number += '.' + digits.substr(power + 1);
    } else {
      number.append(power + 1 - count, '0');
    }
  } else if (power < 0 && power >= -kMostZeros) {
    number = fmt::format("0.{}{}", std::string(-power - 1, '0'), digits);
  } else {
    number = digits.substr(0, 1);
    if (count > 1) number += '.' + digits.substr(1);
    number += fmt::format("e{}", power);
  }
  return value < 0 ? '-' + number : number;
}

}  // namespace nuphi::loader

namespace nuphi {

double parse_quantity(std::string_view text, std::string_view dimension) {
  const auto fail = [](const loader::TextFault& fault) {
    Diagnostic d;
    d.code = fault.code;
    d.message = fault.message;
    d.hint = fault.hint;
    throw ModelError({std::move(d)});
  };
  const std::optional<loader::Unit> due = loader::parse_unit(dimension);
  if (!due) throw std::invalid_argument("parse_quantity: not a unit: " + std::string(dimension));
  loader::Outcome<loader::WrittenQuantity> quantity =
      loader::read_quantity(text, due->dimension, false);
  if (!quantity.value) fail(quantity.fault);
  return quantity.value->value;
}

}  // namespace nuphi
