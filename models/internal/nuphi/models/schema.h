#pragma once

#include <nuphi/core/export.h>
#include <span>
#include <string>
#include <string_view>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// What a key of a model file holds.
enum class SchemaType {
  kText,
  kChoice,   ///< one of `allowed`
  kBoolean,  ///< true or false
  kInteger,  ///< whole number
  kNumber,   ///< dimensionless
  kTime,
  kVoltage,
  kCurrent,
  kCapacitance,
  kRate,
  kWeight,  ///< voltage jump for lif_delta targets, peak current for lif_exp targets
  kNames,   ///< population name, list of names, or `all`
  kMap,
  kList,
  kAny,
};

/// How many values a key may hold.
enum class SchemaShape {
  kOne,
  kPerTarget,  ///< one, or a list with one value a target population
  kPerPair,    ///< one; by kind of the source; beside or in `matrix:` also a matrix
};

/// One key of the `nuphi/1` model file. The table of all keys drives the loader's checks, `nuphi
/// describe --schema` and docs/model-format.md.
struct SchemaKey {
  std::string_view section{};  ///< where it stands, e.g. "populations[]"; empty at the top level
  std::string_view key{};      ///< as in the file
  SchemaType type = SchemaType::kAny;     ///< what it holds
  SchemaShape shape = SchemaShape::kOne;  ///< how many values
  bool required = false;                  ///< its absence is a fault
  std::string_view fallback{};            ///< value when the key is absent; empty if there is none
  std::string_view allowed{};             ///< choices, separated by "|"
  std::string_view doc{};                 ///< half a sentence of docs/model-format.md
};

/// All keys, in the order of docs/model-format.md.
[[nodiscard]] std::span<const SchemaKey> schema();
/// Null if the section has no such key.
[[nodiscard]] const SchemaKey* schema_key(std::string_view section, std::string_view key);
/// docs/model-format.md.
[[nodiscard]] std::string schema_markdown();

/// @}
}  // namespace nuphi
