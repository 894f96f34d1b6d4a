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

bool Parameters::resolve_names(const YamlNode& node, int offset, const std::vector<Name>& names,
                               std::vector<int>& used, Faults& faults) const {
  bool sound = true;
  for (const Name& name : names) {
    const int index = find(name.text);
    if (index < 0) {
      faults.add("unknown-parameter", node, "no parameter is called " + cited(name.text),
                 did_you_mean(name.text, this->names()), offset + name.offset);
      sound = false;
    } else {
      sound = sound && !list_[index].faulty;
      if (std::find(used.begin(), used.end(), index) == used.end()) used.push_back(index);
    }
  }
  return sound;
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
    faults.add("cycle", *list_[at].node,
               "parameters that depend on each other: " + cycle + list_[at].name);
  }
}

void Parameters::settle(Evaluator& evaluator, Faults& faults) {
  for (ParameterDefinition& d : list_) {
    d.used.clear();
    if (!d.is_expression || d.faulty) continue;
    const Outcome<std::vector<Name>> names = scan_expression(d.expression);
    const int offset = static_cast<int>(d.node->text.size() - d.expression.size());
    if (!names.value) {
      faults.add(names.fault.code, *d.node, names.fault.message, names.fault.hint,
                 offset + names.fault.offset);
      d.faulty = true;
    } else {
      resolve_names(*d.node, offset, *names.value, d.used, faults);
      for (const Name& name : *names.value) d.faulty = d.faulty || find(name.text) < 0;
    }
  }
  find_order(faults);

  std::vector<Dimension> dimensions(list_.size());
  formula_.assign(list_.size(), -1);
  for (const int i : order_) {
    ParameterDefinition& d = list_[i];
    for (const int source : d.used) d.faulty = d.faulty || list_[source].faulty;
    if (d.faulty) {
      d.value = kUnknown;
    } else if (d.is_expression) {
      settle_expression(i, evaluator, faults);
    }
    evaluator.values()[i] = d.value;
  }
}

void Parameters::settle_expression(int index, Evaluator& evaluator, Faults& faults) {
  ParameterDefinition& d = list_[index];
  const auto report = [&](const TextFault& fault) {
    const int offset = static_cast<int>(d.node->text.size() - d.expression.size());
    faults.add(fault.code, *d.node, fault.message, fault.hint,
               fault.offset > 0 ? offset + fault.offset : 0);
    d.faulty = true;
    d.value = kUnknown;
  };
  const Outcome<int> formula = evaluator.add(d.expression);
  if (!formula.value) return report(formula.fault);
  formula_[index] = *formula.value;
  const Outcome<Inferred> dimension = dimension_of(evaluator, *formula.value, d.used);
  if (!dimension.value) return report(dimension.fault);
  d.dimension = dimension.value->dimension;
  d.value = evaluator.evaluate(*formula.value);
  if (!std::isfinite(d.value)) {
    report({"non-finite", "the expression gives " + std::to_string(d.value), ""});
  }
}

Outcome<Inferred> Parameters::dimension_of(Evaluator& evaluator, int formula,
                                           const std::vector<int>& used) const {
  std::vector<Dimension> dimensions;
  std::vector<double> own;
  for (const ParameterDefinition& d : list_) {
    dimensions.push_back(d.dimension);
    own.push_back(d.value);
  }
  return infer_dimension(evaluator, formula, used, dimensions, own);
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

void Parameters::compute(Evaluator& evaluator, const std::map<int, double>& fixed) const {
  const std::span<double> values = evaluator.values();
  for (const int i : order_) {
    const auto replaced = fixed.find(i);
    if (replaced != fixed.end()) {
      values[i] = replaced->second;
    } else {
      values[i] = formula_[i] >= 0 ? evaluator.evaluate(formula_[i]) : list_[i].value;
    }
  }
}

}  // namespace nuphi::loader
