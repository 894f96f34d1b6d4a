#pragma once

#include <nuphi/core/error.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "yaml_tree.h"

namespace nuphi::loader {

/// Collects the faults of one model file.
class Faults {
 public:
  explicit Faults(const Source& source) : source_(&source) {}

  /// @param offset bytes from the start of the node, to point into an expression
  void add(std::string code, const YamlNode& node, std::string message, std::string hint = {},
           int offset = 0);
  /// As add(), but a rule is reported once at a place: one value may serve many pairs of
  /// populations.
  void add_once(std::string code, const YamlNode& node, std::string message, std::string hint = {});
  void add_at(std::string code, int line, int column, std::string path, std::string message,
              std::string hint = {});
  /// A fault with no place in the file (of an override).
  void add_outside(std::string code, std::string path, std::string message, std::string hint = {});

  [[nodiscard]] bool empty() const { return list_.empty(); }
  /// In the order of the file.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;

 private:
  void keep(Diagnostic diagnostic);

  const Source* source_;
  std::vector<Diagnostic> list_;
  std::set<std::pair<std::string, const YamlNode*>> reported_;
  bool full_ = false;
};

/// Key path of a node inside the tree, e.g. "connections[0].weight".
std::string path_of(const YamlNode& root, const YamlNode& node);

/// Text from a file, made fit for a message: shortened, and without control characters.
std::string cited(std::string_view text);

}  // namespace nuphi::loader
