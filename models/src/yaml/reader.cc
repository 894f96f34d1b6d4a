#include "reader.h"

#include <algorithm>

#include "suggestion.h"

namespace nuphi::loader {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> keys_of(std::string_view section) {
  std::vector<std::string> keys;
  for (const SchemaKey& entry : schema()) {
    if (entry.section == section) keys.emplace_back(entry.key);
  }
  return keys;
}

}  // namespace

Dimension dimension_of(SchemaType type) {
  switch (type) {
    case SchemaType::kTime:
      return kTime;
    case SchemaType::kVoltage:
      return kVoltage;
    case SchemaType::kCurrent:
      return kCurrent;
    case SchemaType::kCapacitance:
      return kCapacitance;
    case SchemaType::kRate:
      return kRate;
    default:
      return kDimensionless;
  }
}

Reader::Reader(Faults& faults_, Parameters& parameters, Evaluator& evaluator, Plan& plan_,
               std::filesystem::path directory_)
    : faults(faults_),
      plan(plan_),
      directory(std::move(directory_)),
      parameters_(&parameters),
      evaluator_(&evaluator) {}

bool Reader::count_elements(const YamlNode& node, double count) {
  constexpr double kMostElements = 5e6;
  elements_ += count;
  if (elements_ <= kMostElements) return true;
  fault("too-large", node, "the model has more than 5 million projections and inputs");
  return false;
}

const std::string* Reader::scalar(const YamlNode& node, const Dimension& due) {
  if (node.kind == YamlNode::Kind::kScalar) return &node.text;
  if (node.kind == YamlNode::Kind::kNull) {
    fault("missing-value", node, "no value; " + spoken(due) + " is due");
  } else if (node.kind != YamlNode::Kind::kFaulty) {
    fault("wrong-type", node,
          std::string(node.kind == YamlNode::Kind::kMap ? "a map" : "a list") + " where " +
              spoken(due) + " is due");
  }
  return nullptr;
}

Value Reader::quantity(const YamlNode& node, const Dimension& due, std::string_view help) {
  const std::string* text = scalar(node, due);
  if (text == nullptr) return {.node = &node};
  if (const auto formula = expression_text(*text)) return expression(node, *formula, due, help);
  Outcome<WrittenQuantity> quantity = read_quantity(*text, due, nest);
  if (quantity.value) return {.node = &node, .number = quantity.value->value};
  if (quantity.fault.code == "wrong-unit") quantity.fault.hint = help;
  if (quantity.fault.code == "missing-unit" && !nest_unit(due).empty())
    quantity.fault.hint += ", or `units: nest` at the top: bare numbers in ms, mV, pA, pF, Hz";
  fault(with_expression_hint(std::move(quantity.fault), *text), node);
  return {.node = &node};
}

Value Reader::number(const YamlNode& node, const Unit& unit) {
  const std::string* text = scalar(node, unit.dimension);
  if (text == nullptr) return {.node = &node};
  if (const auto formula = expression_text(*text))
    return expression(node, *formula, unit.dimension, {});
  const Outcome<double> number = read_number(*text, unit.exponent);
  if (number.value) return {.node = &node, .number = *number.value};
  fault(with_expression_hint(number.fault, *text), node);
  return {.node = &node};
}

TextFault Reader::with_expression_hint(TextFault fault, std::string_view text) const {
  if (fault.code != "bad-number" || !fault.hint.empty()) return fault;
  const Outcome<std::vector<Name>> names = scan_expression(text);
  if (!names.value || names.value->empty()) return fault;
  if (!parameters_->resolve_names(*names.value).is_sound) return fault;
  fault.hint = "an expression starts with `=`: write " + cited("= " + std::string(text));
  return fault;
}

Value Reader::expression(const YamlNode& node, std::string_view text, const Dimension& due,
                         std::string_view help) {
  auto known = known_.find(text);
  if (known == known_.end()) known = known_.emplace(std::string(text), compile(node, text)).first;
  if (known->second.formula < 0) return {.node = &node};
  if (!known->second.always_zero && !(known->second.dimension == due)) {
    const std::string_view units = usual_units(due);
    if (help.empty() && known->second.dimension == kDimensionless) {
      help = "a parameter brings its unit along: `J: 0.1 mV`";
    }
    fault("wrong-dimension", node,
          cited(node.text) + " is " + spoken(known->second.dimension) + "; " + spoken(due) +
              (units.empty() ? "" : " (" + std::string(units) + ")") + " is due",
          std::string(help));
    return {.node = &node};
  }
  return {.node = &node, .formula = known->second.formula};
}

Reader::Known Reader::compile(const YamlNode& node, std::string_view text) {
  const int offset = static_cast<int>(node.text.size() - text.size());
  const Outcome<std::vector<Name>> names = scan_expression(text);
  if (!names.value) {
    faults.add(names.fault.code, node, names.fault.message, names.fault.hint,
               offset + names.fault.offset);
    return {};
  }
  const Parameters::Use use = parameters_->resolve_names(*names.value);
  for (const TextFault& f : use.faults)
    faults.add(f.code, node, f.message, f.hint, offset + f.offset);
  if (!use.is_sound) return {};
  const Outcome<int> formula = evaluator_->add(text);
  if (!formula.value) {
    faults.add(formula.fault.code, node, formula.fault.message, formula.fault.hint,
               offset + formula.fault.offset);
    return {};
  }
  // Kept even if its dimension is wrong: formulas count from the evaluator's first one.
  plan.formulas.push_back({std::string(text), &node});
  const Outcome<Inferred> dimension =
      parameters_->dimension_of(*evaluator_, *formula.value, use.indices);
  if (!dimension.value) {
    fault(dimension.fault, node);
    return {};
  }
  return {static_cast<int>(plan.formulas.size()) - 1, dimension.value->dimension,
          dimension.value->always_zero};
}

MapView::MapView(Reader& reader, const YamlNode& node, std::string_view section)
    : reader_(&reader), node_(&node), section_(section) {
  if (is_map()) {
    check_keys();
  } else if (node.kind != YamlNode::Kind::kFaulty) {
    reader.fault("wrong-type", node, "a map is due, with the keys " + joined(keys_of(section)));
  }
}

void MapView::check_keys() const {
  const std::vector<std::string> allowed = keys_of(section_);
  for (const YamlEntry& entry : node_->entries) {
    const std::string& key = entry.key.text;
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    if (key == "<<" && !entry.key.quoted) continue;  // reported by read_yaml
    reader_->fault("unknown-key", entry.key,
                   "unknown key " + cited(key) + "; allowed are " + joined(allowed),
                   help_for_key(key, allowed));
  }
}

const YamlNode* MapView::find(std::string_view key) const {
  const YamlNode* value = node_->find(key);
  if (value == nullptr || value->kind == YamlNode::Kind::kFaulty) return nullptr;
  if (value->kind == YamlNode::Kind::kNull) {
    reader_->fault("missing-value", *value, "the key " + cited(key) + " has no value");
    return nullptr;
  }
  return value;
}

void MapView::report_missing(std::string_view key) const {
  const SchemaKey* entry = schema_key(section_, key);
  std::string what;
  if (entry != nullptr) {
    const Dimension due = dimension_of(entry->type);
    if (!(due == kDimensionless)) what = " (" + spoken(due) + ")";
    if (!entry->allowed.empty()) what = " (" + joined(split(entry->allowed, '|')) + ")";
  }
  reader_->fault("missing-key", *node_, "the key " + cited(key) + what + " is missing");
}

const YamlNode* MapView::get(std::string_view key) const {
  const SchemaKey* entry = schema_key(section_, key);
  if (is_map() && node_->find(key) == nullptr && entry != nullptr && entry->required) {
    report_missing(key);
  }
  return find(key);
}

Value MapView::quantity(std::string_view key) const {
  const YamlNode* value = get(key);
  const SchemaKey* entry = schema_key(section_, key);
  if (value == nullptr || entry == nullptr) return {.node = node_->find(key)};
  return reader_->quantity(*value, dimension_of(entry->type));
}

std::string MapView::text(std::string_view key) const {
  const YamlNode* value = get(key);
  if (value == nullptr) return {};
  if (value->kind == YamlNode::Kind::kScalar) return value->text;
  reader_->fault("wrong-type", *value, "the key " + cited(key) + " takes a text");
  return {};
}

std::optional<bool> MapView::boolean(std::string_view key) const {
  const YamlNode* value = get(key);
  if (value == nullptr) return std::nullopt;
  if (value->text == "true") return true;
  if (value->text == "false") return false;
  reader_->fault("bad-value", *value, "the key " + cited(key) + " takes true or false");
  return std::nullopt;
}

std::optional<std::string> MapView::choice(std::string_view key) const {
  const YamlNode* value = get(key);
  const SchemaKey* entry = schema_key(section_, key);
  if (value == nullptr || entry == nullptr) return std::nullopt;
  const std::vector<std::string> choices = split(entry->allowed, '|');
  const bool known = value->kind == YamlNode::Kind::kScalar &&
                     std::find(choices.begin(), choices.end(), value->text) != choices.end();
  if (known) return value->text;
  const std::string found =
      value->kind == YamlNode::Kind::kScalar ? cited(value->text) + " is" : "this is";
  reader_->fault("bad-value", *value,
                 found + " no value of " + cited(key) + "; allowed are " + joined(choices),
                 did_you_mean(value->text, choices));
  return std::nullopt;
}

std::span<const YamlNode> list_items(Reader& reader, const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kSequence) return node.items;
  if (node.kind != YamlNode::Kind::kFaulty) {
    reader.fault("wrong-type", node, cited(what) + " takes a list", "each entry starts with `- `");
  }
  return {};
}

namespace {

void report_unknown_population(Reader& reader, const YamlNode& name) {
  std::vector<std::string> names;
  for (const PopulationPlan& p : reader.plan.populations) names.push_back(p.name);
  const std::string help = did_you_mean(name.text, names);
  constexpr std::size_t kMostShown = 20;
  names.resize(std::min(names.size(), kMostShown));
  reader.fault("unknown-population", name,
               "no population is called " + cited(name.text) + "; there are " + joined(names),
               help);
}

}  // namespace

std::vector<int> population_names(Reader& reader, const YamlNode& node) {
  std::vector<int> indices;
  const std::vector<PopulationPlan>& populations = reader.plan.populations;
  if (node.kind == YamlNode::Kind::kScalar && node.text == "all") {
    for (std::size_t i = 0; i < populations.size(); ++i) indices.push_back(static_cast<int>(i));
    return indices;
  }
  const std::span<const YamlNode> nodes =
      node.kind == YamlNode::Kind::kSequence ? std::span(node.items) : std::span(&node, 1);
  if (nodes.empty()) {
    reader.fault("missing-value", node, "the list of populations is empty");
  }
  std::vector<bool> used(populations.size(), false);
  for (const YamlNode& name : nodes) {
    if (name.kind == YamlNode::Kind::kFaulty) continue;
    if (name.kind != YamlNode::Kind::kScalar) {
      reader.fault("wrong-type", name, "a population's name is due, a list of names, or `all`");
      continue;
    }
    const auto found = reader.population_index.find(name.text);
    if (found == reader.population_index.end()) {
      report_unknown_population(reader, name);
      continue;
    }
    const int index = found->second;
    if (used[index]) {
      reader.fault("repeated-population", name, cited(name.text) + " is in this list already");
      continue;
    }
    used[index] = true;
    indices.push_back(index);
  }
  return indices;
}

}  // namespace nuphi::loader
