#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dimension.h"

namespace nuphi::loader {

/// Why a text could not be read; becomes a Diagnostic where the place is known.
struct TextFault {
  std::string code;
  std::string message;
  std::string hint;
  int offset = 0;  ///< bytes into the text
};

/// A value, or why there is none.
template <class T>
struct Outcome {
  std::optional<T> value;
  TextFault fault;

  Outcome(T v) : value(std::move(v)) {}          // NOLINT: conversion is the point
  Outcome(TextFault f) : fault(std::move(f)) {}  // NOLINT
};

struct WrittenQuantity {
  double value = 0;  ///< SI
  Dimension dimension;
  std::string unit;  ///< as written; empty for a bare number
};

/// "0.1 mV" → 1e-4: the unit's power of ten is merged into the decimal exponent, so that the value
/// is rounded once.
Outcome<WrittenQuantity> read_quantity(std::string_view text);
/// A number in a unit that stands elsewhere (`{val: […], unit: mV}`).
Outcome<double> read_number(std::string_view text, int exponent = 0);

/// What is wrong with a quantity of another dimension than the one due; an empty code if nothing
/// is.
/// @param nest  `units: nest`: a bare number is in NEST's unit
TextFault compare_dimension(std::string_view text, const WrittenQuantity& quantity,
                            const Dimension& due);

/// Of one dimension, with bare numbers in NEST's units if `nest`.
Outcome<WrittenQuantity> read_quantity(std::string_view text, const Dimension& due, bool nest);

/// Shortest decimal text that reads back as the same double when written with this power of
/// ten: 8.78e-11, −12 → "87.8".
std::string decimal_text(double value, int exponent);

}  // namespace nuphi::loader
