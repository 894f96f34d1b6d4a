#include "parameter_names.h"

#include <fmt/format.h>
#include <nuphi/solver/network_entries.h>

#include <algorithm>

#include "commands.h"

namespace nuphi::runner {
namespace {

bool matches_from(const char* pattern, const char* text) {
  for (; *pattern != '\0'; ++pattern, ++text) {
    if (*pattern == '*') {
      do {
        if (matches_from(pattern + 1, text)) return true;
      } while (*text++ != '\0');
      return false;
    }
    if (*pattern != *text) return false;
  }
  return *text == '\0';
}

std::vector<std::string> named(const Model& model) {
  std::vector<std::string> names;
  for (const Parameter& p : model.parameters) names.push_back(p.name);
  return names;
}

}  // namespace

bool matches(const std::string& pattern, const std::string& text) {
  return matches_from(pattern.c_str(), text.c_str());
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
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& name : all) {
      if (!matches(pattern, name)) continue;
      found = true;
      if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.push_back(name);
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
