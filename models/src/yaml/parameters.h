#pragma once

#include <nuphi/models/yaml.h>

#include <map>
#include <string>
#include <vector>

#include "expression.h"
#include "faults.h"
#include "yaml_tree.h"

namespace nuphi::loader {

/// One entry of `parameters:`.
struct ParameterDefinition {
  std::string name;
  const YamlNode* node = nullptr;
  Dimension dimension;
  std::string unit;  ///< as written
  double value = 0;  ///< SI, of a constant
  bool is_expression = false;
  bool is_overridden = false;  ///< its text is not in the file
  std::string expression;      ///< without its "="
  std::vector<int> used;       ///< parameters the expression names
  bool faulty = false;         ///< reported already
};

/// The parameters of a file and the order in which they can be computed.
class Parameters {
 public:
  void read(const YamlNode& map, Faults& faults);
  /// Compiles the expressions in order of dependency, and finds their dimensions and values.
  /// `evaluator` is a fresh one over names().
  void settle(Evaluator& evaluator, Faults& faults);

  [[nodiscard]] const std::vector<ParameterDefinition>& list() const { return list_; }
  [[nodiscard]] ParameterDefinition& at(int index) { return list_[index]; }
  [[nodiscard]] int find(std::string_view name) const;  ///< −1 if unknown
  [[nodiscard]] std::vector<std::string> names() const;

  /// The parameters that an expression names.
  struct Use {
    std::vector<int> indices;
    std::vector<TextFault> faults;  ///< unknown names
    bool is_sound = true;           ///< false: the expression must not be used
  };
  [[nodiscard]] Use resolve_names(const std::vector<Name>& names) const;

  /// Of an expression that names these parameters.
  [[nodiscard]] Outcome<Inferred> dimension_of(Evaluator& evaluator, int formula,
                                               const std::vector<int>& used) const;
  /// Gives another evaluator over names() the formulas that settle() compiled, with the same
  /// indices.
  void add_formulas(Evaluator& evaluator) const;
  [[nodiscard]] int formula_count() const;
  /// Sets all values of the evaluator, by dependency. @param fixed  by index, in place of what the
  /// file says
  void compute(Evaluator& evaluator, const std::map<int, double>& fixed, Faults& faults) const;

 private:
  void read_entry(const YamlEntry& entry, Faults& faults);
  void find_names(ParameterDefinition& definition, Faults& faults);
  /// Marks the definition as faulty. The fault's place is inside the expression.
  static void report(ParameterDefinition& definition, const TextFault& fault, Faults& faults);
  void settle_expression(int index, Evaluator& evaluator, Faults& faults);
  void find_order(Faults& faults);
  void report_cycles(const std::vector<int>& waiting, Faults& faults);

  std::vector<ParameterDefinition> list_;
  std::map<std::string, int, std::less<>> index_;
  std::vector<int> order_;
  std::vector<int> formula_;  ///< by parameter: index in the evaluator, −1 for a constant
  std::vector<Dimension> dimensions_;
  std::vector<double> values_;  ///< as the file gives them
};

/// "= 2 * J" → " 2 * J"; nothing for other texts.
std::optional<std::string_view> expression_text(std::string_view scalar);

}  // namespace nuphi::loader
