#pragma once

#include <nuphi/models/schema.h>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expression.h"
#include "faults.h"
#include "parameters.h"
#include "plan.h"

namespace nuphi::loader {

/// What every part of the reader needs: where faults go, what parameters there are, what the
/// populations are called.
class Reader {
 public:
  Reader(Faults& faults, Parameters& parameters, Evaluator& evaluator, Plan& plan,
         std::filesystem::path directory);

  /// A quantity or an expression.
  /// @param help  for a wrong unit or dimension, where the general message is not enough
  Value quantity(const YamlNode& node, const Dimension& due, std::string_view help = {});
  /// A bare number of a unit given elsewhere, or an expression.
  Value number(const YamlNode& node, const Unit& unit);

  /// Counts projections and inputs before they are made: a short file may ask for more than fits
  /// into memory.
  /// @return false, with a fault, beyond the limit
  bool count_elements(const YamlNode& node, double count);

  void fault(std::string code, const YamlNode& node, std::string message, std::string hint = {}) {
    faults.add(std::move(code), node, std::move(message), std::move(hint));
  }
  void fault(const TextFault& f, const YamlNode& node) {
    faults.add(f.code, node, f.message, f.hint, f.offset);
  }

  Faults& faults;
  Plan& plan;
  bool nest = false;
  std::map<std::string, int, std::less<>> population_index;  ///< by name, once they are read
  std::filesystem::path directory;

 private:
  /// An expression that has been compiled: the same text is compiled, checked and later evaluated
  /// once.
  struct Known {
    int formula = -1;  ///< −1: faulty
    Dimension dimension{};
    bool always_zero = false;
  };
  Value expression(const YamlNode& node, std::string_view text, const Dimension& due,
                   std::string_view help);
  Known compile(const YamlNode& node, std::string_view text);
  /// What is no number but would be an expression of known parameters, told how to be one.
  [[nodiscard]] TextFault with_expression_hint(TextFault fault, std::string_view text) const;
  /// The text of a scalar; other nodes are reported.
  const std::string* scalar(const YamlNode& node, const Dimension& due);

  double elements_ = 0;
  Parameters* parameters_;
  Evaluator* evaluator_;
  std::map<std::string, Known, std::less<>> known_;
};

Dimension dimension_of(SchemaType type);

/// A map of the file seen through one section of the schema: unknown keys are reported when it is
/// made.
class MapView {
 public:
  MapView(Reader& reader, const YamlNode& node, std::string_view section);

  [[nodiscard]] bool is_map() const { return node_->kind == YamlNode::Kind::kMap; }
  [[nodiscard]] const YamlNode& node() const { return *node_; }
  /// Value of a key, or null; a key without value is reported and counts as absent.
  const YamlNode* find(std::string_view key) const;
  /// As find(); absence is reported if the schema requires the key.
  const YamlNode* get(std::string_view key) const;
  void report_missing(std::string_view key) const;

  Value quantity(std::string_view key) const;  ///< of the dimension that the schema states
  std::string text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  /// One of the schema's choices; nothing if absent or faulty.
  std::optional<std::string> choice(std::string_view key) const;

 private:
  void check_keys() const;

  Reader* reader_;
  const YamlNode* node_;
  std::string_view section_;
};

/// Items of a list; anything else is reported.
std::span<const YamlNode> list_items(Reader& reader, const YamlNode& node, std::string_view what);
/// Indices of populations: a name, a list of names, or `all`. Empty if faulty.
std::vector<int> population_names(Reader& reader, const YamlNode& node);

/// Shapes that a grid may have, and its size.
struct GridRules {
  Dimension due{};
  int rows = 0;     ///< targets
  int columns = 0;  ///< sources; 0: a list over targets is allowed, but no matrix and no kinds
  bool matrix = false;
  bool by_kind = false;
  std::string_view help{};  ///< for a wrong unit
};
Grid read_grid(Reader& reader, const YamlNode& node, const GridRules& rules);

void read_populations(Reader& reader, const MapView& model);
void read_connections(Reader& reader, const MapView& model);
void read_inputs(Reader& reader, const MapView& model);
void read_solve(Reader& reader, const MapView& model);
void read_expect(Reader& reader, const MapView& model);

/// What the targets' models let a weight be: a jump (lif_delta) or a current (lif_exp); nothing if
/// they differ or are faulty.
std::optional<Dimension> weight_dimension(const Plan& plan, std::span<const int> targets);
/// `weight` or `psp` of a map.
WeightPlan read_weight(Reader& reader, const MapView& map, const GridRules& shape,
                       std::span<const int> targets);

}  // namespace nuphi::loader
