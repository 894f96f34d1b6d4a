#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/schema.h>
#include <nuphi/models/words.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

#include "reader.h"

namespace nuphi::loader {
namespace {

/// The section of the schema whose keys a map of a model may have.
/// @param base  the model of a population that names none
std::string_view section_of(const YamlNode& node, std::optional<NeuronModel> base) {
  const YamlNode* model = node.find("model");
  const bool power_law = model != nullptr
                             ? model->kind == YamlNode::Kind::kScalar && model->text == "power_law"
                             : base == NeuronModel::kPowerLaw;
  return power_law ? "power_law" : "neuron";
}

NeuronPlan read_neuron_map(Reader& reader, const YamlNode& node,
                           std::optional<NeuronModel> base = {}) {
  const std::string_view section = section_of(node, base);
  const MapView view(reader, node, section);
  NeuronPlan neuron;
  neuron.node = &node;
  if (!view.is_map()) {
    neuron.model_is_faulty = true;
    return neuron;
  }
  if (node.find("model") != nullptr) {
    neuron.model = neuron_model_of(view.choice("model").value_or(""));
    neuron.model_is_faulty = !neuron.model;
  }
  for (const SchemaKey& key : schema())
    if (key.section == section && key.key != "model" && node.find(key.key) != nullptr)
      neuron.given[key.key] = view.quantity(key.key);
  return neuron;
}

NeuronPlan merged(const NeuronPlan& base, NeuronPlan over) {
  if (over.node == nullptr) over.node = base.node;
  if (!over.model && !over.model_is_faulty) {
    over.model = base.model;
    over.model_is_faulty = base.model_is_faulty;
  }
  over.given.insert(base.given.begin(), base.given.end());
  return over;
}

std::string missing_parameters(const NeuronPlan& neuron) {
  std::string names;
  const auto require = [&](std::string_view key, bool given) {
    if (!given) names.append(names.empty() ? "" : ", ").append(cited(key));
  };
  require("model", neuron.model || neuron.model_is_faulty);
  for (const NeuronParameter& parameter :
       neuron_parameters(neuron.model.value_or(NeuronModel::kLifDelta)))
    require(parameter.name, parameter.fallback || neuron.value(parameter.name).given());
  return names;
}

/// Reported once where all populations share the map.
void check_parameters(Reader& reader, const NeuronPlan& base) {
  std::set<std::string> reported;
  for (const PopulationPlan& population : reader.plan.populations) {
    if (population.node->kind != YamlNode::Kind::kMap) continue;
    const std::string missing = missing_parameters(population.neuron);
    if (missing.empty() || (base.node != nullptr && !reported.insert(missing).second)) continue;
    reader.fault(
        "missing-key", base.node != nullptr ? *base.node : *population.node,
        "neuron parameters are missing: " + missing,
        base.node != nullptr ? "" : "`neuron:` at the top level gives them for all populations");
  }
}

/// Tables name populations in a field, `--delay-of` and entries of the network as TARGET<-SOURCE.
bool can_be_addressed(const std::string& name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte < 0x20 || byte == 0x7F || byte == ',' || byte == '"') return false;
    // C1, U+0080 to U+009F: terminals obey them.
    if (byte == 0xC2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xA0)
      return false;
  }
  return !name.empty() && name.front() != ' ' && name.back() != ' ' &&
         name.find("<-") == std::string::npos;
}

void check_name(Reader& reader, const YamlNode& node, const std::string& name) {
  if (!can_be_addressed(name)) {
    reader.fault("bad-name", node,
                 "a population's name is a text without commas, quotes, `<-` and control "
                 "characters, with no blank at its ends");
  } else if (name == "all") {
    reader.fault("bad-name", node, "`all` stands for all populations", "choose another name");
  }
}

PopulationPlan read_population(Reader& reader, const YamlNode& node, const NeuronPlan& base) {
  const MapView view(reader, node, "populations[]");
  PopulationPlan population;
  population.node = &node;
  population.neuron = base;
  if (!view.is_map()) return population;
  population.name = view.text("name");
  if (const YamlNode* name = view.find("name");
      name != nullptr && name->kind == YamlNode::Kind::kScalar) {
    check_name(reader, *name, population.name);
  }
  population.kind =
      from_word(kPopulationKinds, view.choice("kind")).value_or(PopulationKind::kUnspecified);
  population.size = view.quantity("size");
  if (const YamlNode* own = view.find("neuron")) {
    population.neuron = merged(base, read_neuron_map(reader, *own, base.model));
  }
  return population;
}

/// Fills the index of names; a second population of one name is a fault.
void index_names(Reader& reader) {
  const std::vector<PopulationPlan>& populations = reader.plan.populations;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    const YamlNode* name = populations[i].node->find("name");
    if (name == nullptr || populations[i].name.empty()) continue;
    const auto [first, is_new] =
        reader.population_index.emplace(populations[i].name, static_cast<int>(i));
    if (is_new) continue;
    reader.fault("duplicate-name", *name,
                 "a population " + cited(populations[i].name) + " is defined in line " +
                     std::to_string(populations[first->second].node->line) + " already");
  }
}

}  // namespace

void read_populations(Reader& reader, const MapView& model) {
  NeuronPlan base;
  if (const YamlNode* node = model.find("neuron")) base = read_neuron_map(reader, *node);
  const YamlNode* list = model.get("populations");
  if (list == nullptr) return;
  for (const YamlNode& node : list_items(reader, *list, "populations")) {
    reader.plan.populations.push_back(read_population(reader, node, base));
  }
  if (list->kind == YamlNode::Kind::kSequence && list->items.empty()) {
    reader.fault("missing-value", *list, "a model needs at least one population");
  }
  check_parameters(reader, base);
  index_names(reader);
}

}  // namespace nuphi::loader
