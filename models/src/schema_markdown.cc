#include <fmt/format.h>
#include <nuphi/models/schema.h>

#include <array>
#include <utility>

namespace nuphi {
namespace {

constexpr std::string_view kIntroduction = R"(# The model file (`schema: nuphi/1`)

<!-- Generated from the table in models/src/schema.cc by schema_markdown(); a test compares the two. -->

A model file states what a paper's parameter table states. Names are NEST's. Voltages may be absolute: `E_L` is subtracted
once, at loading. Matrices have rows = target, columns = source. Unknown keys are faults; all faults are reported at once.

## Values
- **Quantity**: `10 ms`, `-65 mV`, `87.8 pA`. Units are s, V, A, F, Hz, Ohm, S with f, p, n, u, m, k, M before them, and
  products such as `mV/ms`. The decimal text is rounded once: `0.1 mV` is the double 1e-4.
- **Number**: decimal, without unit. `010`, `0x10`, `.inf` and `.nan` are faults.
- **Expression**: `= theta / (C_E * J * tau)`, over names in `parameters`, in SI. Its dimension is checked. Functions: sin,
  cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh, exp, ln, log, log2, log10, sqrt, sign, rint, abs,
  min, max, sum, avg; constants `_pi`, `_e`; `"= a > b ? c : d"` chooses. An expression with a colon must stand in
  quotes, inside `{…}` and `[…]` also one with a comma.
- **Several values**: where the tables say "per target", a list with one value a target, `[1 Hz, 2 Hz]`,
  `{val: [1, 2], unit: Hz}` or `{file: rates.csv, unit: Hz}`. Where they say "per pair", `{excitatory: …, inhibitory: …}` by
  the kind of the source and, in and beside `matrix:`, a matrix: `[[…], […]]`, `{val: [[…], […]], unit: pA}` or
  `{file: W.csv, unit: pA}`.
- **Matrix files**, relative to the model file: `.csv` (no header), `.npy` (little-endian numbers), `.mtx` (Matrix Market).
- Anchors, aliases, tags, merges, duplicate keys and further documents are faults.
)";

struct Section {
  std::string_view name;
  std::string_view title;
};
constexpr std::array kSections = {
    Section{"", "Top level"},
    Section{"neuron", "`neuron`, and `neuron` of a population"},
    Section{"power_law", "`neuron` with `model: power_law`"},
    Section{"populations[]", "`populations`: a list"},
    Section{"connections[]",
            "`connections`: a list. Each entry has `from` and `to`, or `matrix`; exactly one of "
            "`indegree`, "
            "`probability` and `synapses`; one of `weight` and `psp`"},
    Section{"connections[].matrix", "`matrix` of a connection"},
    Section{"connections[].except[]", "`except` of a connection: a list"},
    Section{"indegree", "`indegree` with a distribution"},
    Section{"delay", "`delay` with a distribution"},
    Section{"inputs[]",
            "`inputs`: a list. Each entry has exactly one of `poisson`, `dc` and `noise`"},
    Section{"inputs[].poisson", "`poisson` of an input. One of `weight` and `psp`"},
    Section{"inputs[].dc", "`dc` of an input. One of `drive` and `current`"},
    Section{"inputs[].noise", "`noise` of an input"},
    Section{"solve", "`solve`"},
    Section{"expect", "`expect`"},
    Section{"expect.fixed_points[]",
            "`fixed_points`: a list. A fixed point x is as expected, e, if "
            "|x - e| <= atol + rtol |e|"},
    Section{"array", "Values in one unit"},
    Section{"by kind", "Values by kind of the source"},
};

std::string_view type_text(SchemaType type) {
  switch (type) {
    case SchemaType::kText:
      return "text";
    case SchemaType::kChoice:
      return "";
    case SchemaType::kBoolean:
      return "`true`, `false`";
    case SchemaType::kInteger:
      return "whole number";
    case SchemaType::kNumber:
      return "number";
    case SchemaType::kTime:
      return "time";
    case SchemaType::kVoltage:
      return "voltage";
    case SchemaType::kCurrent:
      return "current";
    case SchemaType::kCapacitance:
      return "capacitance";
    case SchemaType::kRate:
      return "rate";
    case SchemaType::kWeight:
      return "voltage or current";
    case SchemaType::kNames:
      return "names";
    case SchemaType::kMap:
      return "map";
    case SchemaType::kList:
      return "list";
    case SchemaType::kAny:
      return "value";
  }
  return "";
}

std::string choices_text(std::string_view allowed) {
  std::string text;
  while (!allowed.empty()) {
    const std::size_t end = allowed.find('|');
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", allowed.substr(0, end));
    allowed.remove_prefix(end == std::string_view::npos ? allowed.size() : end + 1);
  }
  return text;
}

/// A bar ends a cell of a table, unless it is escaped.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string row(const SchemaKey& key) {
  std::string holds(type_text(key.type));
  if (key.type == SchemaType::kChoice) holds = choices_text(key.allowed);
  if (key.shape == SchemaShape::kPerTarget) holds += ", per target";
  if (key.shape == SchemaShape::kPerPair) holds += ", per pair";
  std::string fallback = key.required ? "required" : "";
  if (!key.fallback.empty()) fallback = fmt::format("`{}`", key.fallback);
  return fmt::format("| `{}` | {} | {} | {} |\n", key.key, holds, fallback, cell(key.doc));
}

}  // namespace

std::string schema_markdown() {
  std::string text(kIntroduction);
  for (const Section& section : kSections) {
    text += fmt::format("\n## {}\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
                        section.title);
    for (const SchemaKey& key : schema()) {
      if (key.section == section.name) text += row(key);
    }
  }
  return text;
}

}  // namespace nuphi
