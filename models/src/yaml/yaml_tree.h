#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nuphi::loader {

struct YamlEntry;

/// One node of a YAML file with its place. Made from yaml-cpp's events, because its own tree drops
/// duplicate keys and the places of keys.
struct YamlNode {
  enum class Kind {
    kNull,
    kScalar,
    kSequence,
    kMap,
    kFaulty,  ///< reported already (an alias, say); readers pass over it in silence
  };
  Kind kind = Kind::kNull;
  bool quoted = false;
  int line = 1;    ///< from 1
  int column = 1;  ///< from 1, in bytes
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;

  /// Value of a key, or null; the first of duplicates.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

inline const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

class Faults;

/// A text with its tree; what messages quote.
struct Source {
  std::string file;
  std::string text;
  YamlNode root;

  /// A line as it stands in the file, from 1; nothing beyond the end. Faults are few: each looks
  /// for its own.
  [[nodiscard]] std::optional<std::string_view> line(int number) const;
};

/// Reads the YAML subset of model files: one document of maps, sequences and scalars. Anchors,
/// aliases, tags, merges, duplicate keys and further documents are faults.
/// @return false when there is no tree
bool read_yaml(std::string_view text, Source& source, Faults& faults);

}  // namespace nuphi::loader
