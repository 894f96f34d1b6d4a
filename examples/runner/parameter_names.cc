#include "parameter_names.h"

#include <nuphi/models/network_entries.h>

#include <set>

#include "commands.h"

namespace nuphi::runner {
namespace {

std::vector<std::string> named(const Model& model) {
  std::vector<std::string> names;
  for (const Parameter& p : model.parameters) names.push_back(p.name);
  return names;
}

}  // namespace

bool matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string::npos;  // the last one met
  std::size_t after = 0;                 // where the text it stands for ends
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string::npos) {
      p = star + 1;  // one character more; earlier stars need not move
      t = ++after;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string::npos;
}

std::vector<std::string> parameter_names(const Model& model,
                                         const std::vector<std::string>& patterns) {
  std::vector<std::string> all = named(model);
  if (patterns.empty() && !all.empty()) return all;
  const std::vector<std::string> entries =
      entry_names(model.network, network_entries(model.network));
  if (patterns.empty()) return entries;
  all.insert(all.end(), entries.begin(), entries.end());
  const std::vector<std::string> of_neurons = neuron_parameter_names(model.network);
  std::vector<std::string> chosen;
  std::set<std::string> known;  // those chosen
  const auto choose = [&](const std::string& name) {
    if (known.insert(name).second) chosen.push_back(name);
  };
  for (const std::string& pattern : patterns) {
    // "neuron.tau_m[E]" is another way to vary τ_m than the entry "tau_m[E]": * means the entries.
    const std::vector<std::string>& names = pattern.starts_with("neuron.") ? of_neurons : all;
    bool found = false;
    if (pattern.find('*') == std::string::npos && find_parameter(model, pattern)) {
      found = true;
      choose(pattern);
    }
    for (const std::string& name : names) {
      if (!matches(pattern, name)) continue;
      found = true;
      choose(name);
    }
    if (!found) throw UsageError(parameter_fault(model, pattern));
  }
  return chosen;
}

}  // namespace nuphi::runner
