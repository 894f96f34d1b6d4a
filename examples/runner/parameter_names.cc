#include "parameter_names.h"

#include <fmt/format.h>
#include <nuphi/solver/network_entries.h>

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
  std::vector<std::string> chosen;
  std::set<std::string> known;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& name : all) {
      if (!matches(pattern, name)) continue;
      found = true;
      if (known.insert(name).second) chosen.push_back(name);
    }
    if (found) continue;
    if (pattern.find_first_of("*?") == std::string::npos) {
      if (const std::string fault = entry_fault(model.network, pattern); !fault.empty())
        throw UsageError(fault);
    }
    throw UsageError(fmt::format(
        "the model has no parameter \"{}\"; its parameters are{} {}, and entries of the network "
        "such "
        "as \"{}\"",
        pattern, model.parameters.empty() ? "" : ":",
        model.parameters.empty() ? "none" : fmt::format("{}", fmt::join(named(model), ", ")),
        entries.empty() ? "tau_m[E]" : entries.front()));
  }
  return chosen;
}

}  // namespace nuphi::runner
