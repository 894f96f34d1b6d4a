#pragma once

#include <nuphi/models/yaml.h>

#include <string>
#include <vector>

namespace nuphi::runner {

/// The names of parameters that patterns stand for: parameters of the file and entries of its
/// network ("weight[E<-I]"), `*` for any text. Each once, in the order of the patterns. No
/// patterns: all parameters of the file, or all entries of the network where it has none.
/// @throws UsageError for a pattern nothing matches; a parameter of the file comes first.
std::vector<std::string> parameter_names(const Model& model,
                                         const std::vector<std::string>& patterns);

/// Whether `text` is `pattern` with some text in place of each `*`.
bool matches(const std::string& pattern, const std::string& text);

}  // namespace nuphi::runner
