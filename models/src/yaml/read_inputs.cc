#include "reader.h"

namespace nuphi::loader {
namespace {

/// A grid over the targets, with the dimension that the schema states.
Grid over_targets(Reader& reader, const MapView& view, std::string_view section,
                  std::string_view key, const std::vector<int>& targets) {
  const YamlNode* node = view.get(key);
  if (node == nullptr) return {};
  const SchemaKey* entry = schema_key(section, key);
  return read_grid(reader, *node,
                   {.due = dimension_of(entry->type), .rows = static_cast<int>(targets.size())});
}

void read_poisson(Reader& reader, const YamlNode& node, InputPlan& input) {
  constexpr std::string_view kSection = "inputs[].poisson";
  const MapView view(reader, node, kSection);
  if (!view.is_map()) return;
  input.indegree = over_targets(reader, view, kSection, "indegree", input.targets);
  input.rate = over_targets(reader, view, kSection, "rate", input.targets);
  input.weight_cv = over_targets(reader, view, kSection, "weight_cv", input.targets);
  input.tau_syn = over_targets(reader, view, kSection, "tau_syn", input.targets);
  const GridRules rules{.rows = static_cast<int>(input.targets.size())};
  input.weight = read_weight(reader, view, rules, input.targets);
  if (node.find("weight") == nullptr && node.find("psp") == nullptr) {
    reader.fault("missing-key", node,
                 "the strength of the synapses is missing: `weight` or `psp` is due");
  }
}

void read_dc(Reader& reader, const YamlNode& node, InputPlan& input) {
  constexpr std::string_view kSection = "inputs[].dc";
  const MapView view(reader, node, kSection);
  if (!view.is_map()) return;
  const YamlNode* current = view.find("current");
  const YamlNode* drive = view.find("drive");
  if ((current == nullptr) == (drive == nullptr)) {
    reader.fault(drive == nullptr ? "missing-key" : "conflicting-keys", node,
                 "exactly one of `drive` and `current` is due");
  }
  input.kind = current != nullptr ? InputKind::kDcCurrent : InputKind::kDcDrive;
  input.mean =
      over_targets(reader, view, kSection, current != nullptr ? "current" : "drive", input.targets);
}

void read_noise(Reader& reader, const YamlNode& node, InputPlan& input) {
  constexpr std::string_view kSection = "inputs[].noise";
  const MapView view(reader, node, kSection);
  if (!view.is_map()) return;
  input.kind = InputKind::kNoise;
  input.mean = over_targets(reader, view, kSection, "mean", input.targets);
  input.sigma = over_targets(reader, view, kSection, "sigma", input.targets);
  input.tau_syn = over_targets(reader, view, kSection, "tau_syn", input.targets);
}

InputPlan read_input(Reader& reader, const YamlNode& node) {
  const MapView view(reader, node, "inputs[]");
  InputPlan input;
  input.node = &node;
  if (!view.is_map()) return input;
  if (const YamlNode* to = view.get("to")) input.targets = population_names(reader, *to);
  const YamlNode* poisson = view.find("poisson");
  const YamlNode* dc = view.find("dc");
  const YamlNode* noise = view.find("noise");
  const int given = (poisson != nullptr) + (dc != nullptr) + (noise != nullptr);
  if (given != 1) {
    reader.fault(given == 0 ? "missing-key" : "conflicting-keys", node,
                 "exactly one of `poisson`, `dc` and `noise` is due",
                 given == 0 ? "" : "write one entry of `inputs` for each; they add up");
  }
  if (poisson != nullptr) read_poisson(reader, *poisson, input);
  if (dc != nullptr) read_dc(reader, *dc, input);
  if (noise != nullptr) read_noise(reader, *noise, input);
  if (!reader.count_elements(node, static_cast<double>(input.targets.size())))
    input.targets.clear();
  return input;
}

}  // namespace

void read_inputs(Reader& reader, const MapView& model) {
  const YamlNode* list = model.find("inputs");
  if (list == nullptr) return;
  for (const YamlNode& node : list_items(reader, *list, "inputs")) {
    reader.plan.inputs.push_back(read_input(reader, node));
  }
}

}  // namespace nuphi::loader
