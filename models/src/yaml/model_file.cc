#include <nuphi/core/file.h>
#include <nuphi/models/yaml.h>

#include <charconv>
#include <cmath>
#include <mutex>
#include <utility>

#include "../parameter_names.h"
#include "build.h"
#include "given_numbers.h"
#include "parameters.h"
#include "reader.h"
#include "suggestion.h"
#include "text_check.h"

namespace nuphi {

using loader::Evaluator;
using loader::Faults;
using loader::GivenNumber;
using loader::ParameterDefinition;
using loader::Parameters;

struct ModelFile::Impl {
  loader::Source source;
  Parameters parameters;
  loader::Plan plan;
  mutable std::mutex mutex;
  mutable std::vector<Evaluator>
      idle;  // not thread-safe, and costly to make: each resolve() borrows one

  void read(std::string_view text, const std::filesystem::path& directory);
  [[nodiscard]] Model evaluate(const Parameters& of, Evaluator& evaluator,
                               const std::map<int, double>& fixed,
                               const std::vector<GivenNumber>& given, Faults& faults) const;
  [[nodiscard]] Evaluator make_evaluator(const Parameters& of) const;
  [[nodiscard]] Evaluator borrow() const;
  void give_back(Evaluator evaluator) const;
};

namespace {

void throw_if_any(const Faults& faults) {
  if (!faults.empty()) throw ModelError(faults.sorted());
}

std::vector<Parameter> describe(const Parameters& parameters, std::span<const double> values,
                                const std::map<int, double>& fixed) {
  std::vector<Parameter> list;
  for (const ParameterDefinition& d : parameters.list()) {
    const int index = static_cast<int>(list.size());
    Parameter p;
    p.name = d.name;
    p.value = values[index];
    p.dimension = loader::unit_text(d.dimension);
    p.unit = d.unit;
    p.is_expression = d.is_expression && !fixed.contains(index);
    list.push_back(std::move(p));
  }
  return list;
}

/// Entries and parameters of neurons have brackets in their names, parameters of files have not.
bool names_an_entry(std::string_view name) { return name.find('[') != std::string_view::npos; }

void report_unknown(const ModelFile& file, const std::string& name, Faults& faults) {
  const NameFault fault = name_fault(file.resolve(), name);
  faults.add_outside("unknown-parameter", name, fault.message, fault.hint);
}

/// Puts an override in the place of what the file says.
void override_parameter(ParameterDefinition& d, const std::string& text, Faults& faults) {
  d.is_overridden = true;
  if (const auto expression = loader::expression_text(text)) {
    d.is_expression = true;
    d.expression = *expression;
    d.unit.clear();
    return;
  }
  const loader::Outcome<loader::WrittenQuantity> quantity =
      loader::read_quantity(text, d.dimension, false);
  if (!quantity.value) {
    faults.add_outside(quantity.fault.code, d.name, quantity.fault.message, quantity.fault.hint);
    return;
  }
  d.is_expression = false;
  d.value = quantity.value->value;
  d.unit = quantity.value->unit;
}

}  // namespace

Evaluator ModelFile::Impl::make_evaluator(const Parameters& of) const {
  Evaluator evaluator(of.names());
  of.add_formulas(evaluator);
  for (const loader::Formula& formula : plan.formulas) (void)evaluator.add(formula.text);
  return evaluator;
}

Evaluator ModelFile::Impl::borrow() const {
  {
    const std::lock_guard lock(mutex);
    if (!idle.empty()) {
      Evaluator evaluator = std::move(idle.back());
      idle.pop_back();
      return evaluator;
    }
  }
  return make_evaluator(parameters);
}

void ModelFile::Impl::give_back(Evaluator evaluator) const {
  const std::lock_guard lock(mutex);
  idle.push_back(std::move(evaluator));
}

Model ModelFile::Impl::evaluate(const Parameters& of, Evaluator& evaluator,
                                const std::map<int, double>& fixed,
                                const std::vector<GivenNumber>& given, Faults& faults) const {
  of.compute(evaluator, fixed, faults);
  const int first = of.formula_count();
  std::vector<double> values;
  for (const loader::Formula& formula : plan.formulas) {
    values.push_back(evaluator.evaluate(first + static_cast<int>(values.size())));
    if (!std::isfinite(values.back())) {
      faults.add("non-finite", *formula.node,
                 "the expression gives " + std::to_string(values.back()));
      values.back() = loader::kUnknown;
    }
  }
  loader::GivenNeurons neurons(plan, given, faults);
  Model model = loader::build_model(plan, values, neurons.values, faults);
  model.parameters = describe(of, evaluator.values(), fixed);
  model.entries = std::move(neurons.parameters);
  if (faults.empty()) loader::set_entries(model, neurons.others, faults);
  return model;
}

void ModelFile::Impl::read(std::string_view text, const std::filesystem::path& directory) {
  Faults faults(source);
  if (!loader::read_yaml(text, source, faults)) throw_if_any(faults);

  // Parameters and units first: all other keys may use them, wherever they stand in the file.
  const loader::YamlNode& root = source.root;
  if (const loader::YamlNode* node = root.find("parameters")) parameters.read(*node, faults);
  Evaluator evaluator(parameters.names());
  parameters.settle(evaluator, faults);
  loader::Reader reader(faults, parameters, evaluator, plan, directory);
  const loader::MapView model(reader, root, "");
  if (!model.is_map()) throw_if_any(faults);
  (void)model.choice("schema");
  reader.nest = model.choice("units").has_value();
  plan.name = model.text("name");
  plan.reference = model.text("reference");
  loader::read_populations(reader, model);
  loader::read_connections(reader, model);
  loader::read_inputs(reader, model);
  loader::read_solve(reader, model);
  loader::read_expect(reader, model);

  // The values' own rules are part of reading: all faults of a file are reported together.
  (void)evaluate(parameters, evaluator, {}, {}, faults);
  throw_if_any(faults);
  idle.push_back(std::move(evaluator));
}

ModelFile::ModelFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ModelFile::ModelFile(ModelFile&&) noexcept = default;
ModelFile& ModelFile::operator=(ModelFile&&) noexcept = default;
ModelFile::~ModelFile() = default;

ModelFile ModelFile::parse(std::string_view text, const std::string& name,
                           const std::filesystem::path& directory) {
  auto impl = std::make_unique<Impl>();
  impl->source.file = name;
  impl->read(text, directory);
  return ModelFile(std::move(impl));
}

ModelFile ModelFile::load(const std::filesystem::path& path) {
  const std::optional<std::string> text = read_file(path, loader::kLargestModel);
  if (text) return parse(*text, path.string(), path.parent_path());
  loader::Source source;
  source.file = path.string();
  Faults faults(source);
  loader::report_too_large(faults);
  throw ModelError(faults.sorted());
}

Model ModelFile::resolve(const Overrides& overrides) const {
  Faults faults(impl_->source);
  if (overrides.empty()) return resolve(std::map<std::string, double, std::less<>>{});
  Parameters changed = impl_->parameters;
  std::vector<GivenNumber> given;
  for (const auto& [name, text] : overrides) {
    if (const int index = changed.find(name); index >= 0) {
      override_parameter(changed.at(index), text, faults);
    } else if (names_an_entry(name)) {
      given.push_back({name, text});
    } else {
      report_unknown(*this, name, faults);
    }
  }
  throw_if_any(faults);
  Evaluator fresh(changed.names());
  changed.settle(fresh, faults);
  for (const auto& [name, text] : overrides) {
    const int i = changed.find(name);
    if (i < 0) continue;
    const ParameterDefinition& now = changed.at(i);
    const ParameterDefinition& before = impl_->parameters.list()[i];
    if (now.faulty || now.dimension == before.dimension) continue;
    faults.add_outside("wrong-dimension", now.name,
                       "the new value is " + loader::spoken(now.dimension) + "; " +
                           loader::spoken(before.dimension) + " is due");
  }
  throw_if_any(faults);
  Evaluator evaluator = impl_->make_evaluator(changed);
  Model model = impl_->evaluate(changed, evaluator, {}, given, faults);
  throw_if_any(faults);
  return model;
}

Model ModelFile::resolve(const std::map<std::string, double, std::less<>>& values) const {
  Faults faults(impl_->source);
  std::map<int, double> fixed;
  std::vector<GivenNumber> given;
  for (const auto& [name, value] : values) {
    const int index = impl_->parameters.find(name);
    if (index >= 0 && std::isfinite(value)) {
      fixed[index] = value;
    } else if (index >= 0) {
      faults.add_outside("non-finite", name, "the value of the parameter is not finite");
    } else if (names_an_entry(name)) {
      given.push_back({name, {}, value});
    } else {
      report_unknown(*this, name, faults);
    }
  }
  throw_if_any(faults);
  Evaluator evaluator = impl_->borrow();
  Model model = impl_->evaluate(impl_->parameters, evaluator, fixed, given, faults);
  impl_->give_back(std::move(evaluator));
  throw_if_any(faults);
  return model;
}

void ModelFile::locate(Diagnostic& fault) const {
  const loader::YamlNode* node = &impl_->source.root;
  std::string_view rest = fault.path;
  while (!rest.empty()) {
    const std::size_t length = rest.find_first_of(".[]", 1);
    std::string_view step = rest.substr(0, length);
    rest.remove_prefix(step.size());
    const loader::YamlNode* next = nullptr;
    if (step.front() == '[') {
      std::size_t index = node->items.size();
      (void)std::from_chars(step.data() + 1, step.data() + step.size(), index);
      if (index < node->items.size()) next = &node->items[index];
      if (rest.starts_with(']')) rest.remove_prefix(1);
    } else {
      if (step.front() == '.') step.remove_prefix(1);
      next = node->find(step);
    }
    if (next == nullptr) break;
    node = next;
  }
  fault.file = impl_->source.file;
  fault.line = node->line;
  fault.column = node->column;
  if (node == &impl_->source.root) return;
  if (const auto line = impl_->source.line(node->line)) fault.source = *line;
}

std::vector<std::filesystem::path> ModelFile::matrix_files() const {
  return impl_->plan.matrix_files;
}

Model load_model(const std::filesystem::path& path, const Overrides& overrides) {
  return ModelFile::load(path).resolve(overrides);
}

Network load_network(const std::filesystem::path& path, const Overrides& overrides) {
  return load_model(path, overrides).network;
}

std::optional<Model> try_load_model(const std::filesystem::path& path,
                                    std::vector<Diagnostic>* diagnostics,
                                    const Overrides& overrides) {
  try {
    return load_model(path, overrides);
  } catch (const ModelError& error) {
    if (diagnostics != nullptr) *diagnostics = error.diagnostics();
    return std::nullopt;
  }
}

}  // namespace nuphi
