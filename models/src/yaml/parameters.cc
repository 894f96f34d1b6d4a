#include "parameters.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "suggestion.h"

namespace nuphi::loader {
namespace {
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
}

std::optional<std::string_view> expression_text(std::string_view scalar) {
  const std::size_t first = scalar.find_first_not_of(" \t");
  if (first == std::string_view::npos || scalar[first] != '=') return std::nullopt;
  return scalar.substr(first + 1);
}

void Parameters::read(const YamlNode& map, Faults& faults) {
  if (map.kind == YamlNode::Kind::kFaulty) return;
  if (map.kind != YamlNode::Kind::kMap) {
    faults.add("wrong-type", map, "`parameters` must be a map of names and values");
    return;
  }
  for (const YamlEntry& entry : map.entries) read_entry(entry, faults);
}

void Parameters::read_entry(const YamlEntry& entry, Faults& faults) {
  const std::string& name = entry.key.text;
  if (index_.contains(name) || name == "<<") return;  // reported by read_yaml
  ParameterDefinition definition;
  definition.name = name;
  definition.node = &entry.value;
  definition.value = kUnknown;
  definition.faulty = true;
  if (!is_identifier(name)) {
    faults.add("bad-name", entry.key,
               cited(name) +
                   " cannot name a parameter; names are letters, digits and `_`, a letter first");
  } else if (is_function(name)) {
    faults.add("bad-name", entry.key, cited(name) + " is a function of expressions",
               "choose another name");
  } else if (entry.value.kind == YamlNode::Kind::kNull) {
    faults.add("missing-value", entry.value, "the parameter " + cited(name) + " has no value");
  } else if (entry.value.kind != YamlNode::Kind::kScalar) {
    if (entry.value.kind != YamlNode::Kind::kFaulty) {
      faults.add("wrong-type", entry.value,
                 "a parameter is one quantity, number or `= expression`");
    }
  } else if (const auto expression = expression_text(entry.value.text)) {
    definition.is_expression = true;
    definition.expression = *expression;
    definition.faulty = false;
  } else {
    Outcome<WrittenQuantity> quantity = read_quantity(entry.value.text);
    if (quantity.value) {
      definition.value = quantity.value->value;
      definition.dimension = quantity.value->dimension;
      definition.unit = quantity.value->unit;
      definition.faulty = false;
    } else {
      faults.add(quantity.fault.code, entry.value, quantity.fault.message, quantity.fault.hint);
    }
  }
  index_.emplace(name, static_cast<int>(list_.size()));
  list_.push_back(std::move(definition));
}

int Parameters::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (const ParameterDefinition& d : list_) names.push_back(d.name);
  return names;
}

Parameters::Use Parameters::resolve_names(const std::vector<Name>& names) const {
  Use use;
  for (const Name& name : names) {
    const int index = find(name.text);
    if (index < 0) {
      use.faults.push_back({"unknown-parameter", "no parameter is called " + cited(name.text),
                            did_you_mean(name.text, this->names()), name.offset});
    } else {
      use.is_sound = use.is_sound && !list_[index].faulty;
      if (std::find(use.indices.begin(), use.indices.end(), index) == use.indices.end()) {
        use.indices.push_back(index);
      }
    }
  }
  use.is_sound = use.is_sound && use.faults.empty();
  return use;
}

void Parameters::report(ParameterDefinition& definition, const TextFault& fault, Faults& faults) {
  definition.faulty = true;
  definition.value = kUnknown;
  if (definition.is_overridden) {
    faults.add_outside(fault.code, definition.name, fault.message, fault.hint);
    return;
  }
  const std::size_t start = definition.node->text.size() - definition.expression.size();
  const int offset = fault.offset > 0 ? static_cast<int>(start) + fault.offset : 0;
  faults.add(fault.code, *definition.node, fault.message, fault.hint, offset);
}

void Parameters::find_order(Faults& faults) {
  const std::size_t n = list_.size();
  std::vector<int> open(n, 0);  // names not yet computed
  std::vector<std::vector<int>> users(n);
  for (std::size_t i = 0; i < n; ++i) {
    open[i] = static_cast<int>(list_[i].used.size());
    for (const int source : list_[i].used) users[source].push_back(static_cast<int>(i));
  }
  order_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    if (open[i] == 0) order_.push_back(static_cast<int>(i));
  }
  for (std::size_t done = 0; done < order_.size(); ++done) {
    for (const int user : users[order_[done]]) {
      if (--open[user] == 0) order_.push_back(user);
    }
  }
  if (order_.size() < n) report_cycles(open, faults);
}

/// Parameters that wait for others form cycles or hang on one: walking from name to name ends in a
/// cycle.
void Parameters::report_cycles(const std::vector<int>& waiting, Faults& faults) {
  std::vector<int> seen(list_.size(), -1);
  for (std::size_t start = 0; start < list_.size(); ++start) {
    if (waiting[start] == 0) continue;
    std::vector<int> walk;
    int at = static_cast<int>(start);
    while (seen[at] < 0) {
      seen[at] = static_cast<int>(start);
      walk.push_back(at);
      at = *std::find_if(list_[at].used.begin(), list_[at].used.end(),
                         [&](int next) { return waiting[next] > 0; });
    }
    list_[start].faulty = true;
    if (seen[at] != static_cast<int>(start)) continue;  // led into a cycle that is reported
    std::string cycle;
    for (auto i = std::find(walk.begin(), walk.end(), at); i != walk.end(); ++i) {
      cycle += list_[*i].name + " → ";
    }
    report(list_[at],
           {"cycle", "parameters that depend on each other: " + cycle + list_[at].name, ""},
           faults);
  }
}

void Parameters::find_names(ParameterDefinition& definition, Faults& faults) {
  definition.used.clear();
  if (!definition.is_expression || definition.faulty) return;
  const Outcome<std::vector<Name>> names = scan_expression(definition.expression);
  if (!names.value) return report(definition, names.fault, faults);
  Use use = resolve_names(*names.value);
  definition.used = std::move(use.indices);
  for (const TextFault& fault : use.faults) report(definition, fault, faults);
}

void Parameters::settle(Evaluator& evaluator, Faults& faults) {
  for (ParameterDefinition& d : list_) find_names(d, faults);
  find_order(faults);

  formula_.assign(list_.size(), -1);
  dimensions_.assign(list_.size(), kDimensionless);
  values_.assign(list_.size(), kUnknown);
  for (const int i : order_) {
    ParameterDefinition& d = list_[i];
    for (const int source : d.used) d.faulty = d.faulty || list_[source].faulty;
    if (d.faulty) {
      d.value = kUnknown;
    } else if (d.is_expression) {
      settle_expression(i, evaluator, faults);
    }
    dimensions_[i] = d.dimension;
    values_[i] = d.value;
    evaluator.values()[i] = d.value;
  }
}

void Parameters::settle_expression(int index, Evaluator& evaluator, Faults& faults) {
  ParameterDefinition& d = list_[index];
  const Outcome<int> formula = evaluator.add(d.expression);
  if (!formula.value) return report(d, formula.fault, faults);
  formula_[index] = *formula.value;
  const Outcome<Inferred> dimension = dimension_of(evaluator, *formula.value, d.used);
  if (!dimension.value) return report(d, dimension.fault, faults);
  d.dimension = dimension.value->dimension;
  d.value = evaluator.evaluate(*formula.value);
  if (!std::isfinite(d.value)) {
    report(d, {"non-finite", "the expression gives " + std::to_string(d.value), ""}, faults);
  }
}

Outcome<Inferred> Parameters::dimension_of(Evaluator& evaluator, int formula,
                                           const std::vector<int>& used) const {
  return infer_dimension(evaluator, formula, used, dimensions_, values_);
}

void Parameters::add_formulas(Evaluator& evaluator) const {
  for (const int i : order_) {
    if (formula_[i] >= 0) (void)evaluator.add(list_[i].expression);
  }
}

int Parameters::formula_count() const {
  return static_cast<int>(
      std::count_if(formula_.begin(), formula_.end(), [](int f) { return f >= 0; }));
}

void Parameters::compute(Evaluator& evaluator, const std::map<int, double>& fixed,
                         Faults& faults) const {
  const std::span<double> values = evaluator.values();
  for (const int i : order_) {
    const auto replaced = fixed.find(i);
    if (replaced != fixed.end()) {
      values[i] = replaced->second;
    } else {
      values[i] = formula_[i] >= 0 ? evaluator.evaluate(formula_[i]) : list_[i].value;
      if (!std::isfinite(values[i]) && !list_[i].faulty) {
        faults.add("non-finite", *list_[i].node,
                   "the expression gives " + std::to_string(values[i]));
      }
    }
  }
}

}  // namespace nuphi::loader
