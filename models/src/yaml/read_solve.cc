#include <nuphi/models/words.h>

#include "reader.h"

namespace nuphi::loader {
namespace {

ExpectPlan read_fixed_point(Reader& reader, const YamlNode& node) {
  const MapView view(reader, node, "expect.fixed_points[]");
  ExpectPlan expected;
  expected.node = &node;
  if (!view.is_map()) return expected;
  if (const YamlNode* rates = view.get("rates")) {
    const int n = static_cast<int>(reader.plan.populations.size());
    expected.rates = read_grid(reader, *rates, {.due = kRate, .rows = n});
  }
  expected.stable = view.boolean("stable");
  expected.rtol = view.quantity("rtol");
  expected.atol = view.quantity("atol");
  return expected;
}

}  // namespace

void read_solve(Reader& reader, const MapView& model) {
  const YamlNode* node = model.find("solve");
  if (node == nullptr) return;
  const MapView view(reader, *node, "solve");
  if (!view.is_map()) return;
  SolvePlan& solve = reader.plan.solve;
  if (view.choice("find") == "all") solve.options.find = Find::kAll;
  if (const auto method = view.choice("method"))
    solve.options.method = *method_from_string(*method);
  solve.correction = from_word(kCorrections, view.choice("correction"));
  solve.tolerance = view.quantity("tolerance");
  solve.max_iterations = view.quantity("max_iterations");
  solve.starts = view.quantity("starts");
  solve.seed = view.quantity("seed");
  solve.max_rate = view.quantity("max_rate");
}

void read_expect(Reader& reader, const MapView& model) {
  const YamlNode* node = model.find("expect");
  if (node == nullptr) return;
  const MapView view(reader, *node, "expect");
  const YamlNode* list = view.get("fixed_points");
  if (list == nullptr) return;
  for (const YamlNode& entry : list_items(reader, *list, "fixed_points")) {
    reader.plan.expect.push_back(read_fixed_point(reader, entry));
  }
}

}  // namespace nuphi::loader
