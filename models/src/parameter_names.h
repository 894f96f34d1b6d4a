#pragma once

#include <nuphi/models/yaml.h>

#include <optional>
#include <string>
#include <string_view>

namespace nuphi {

/// "neuron.tau_m[E]" in its parts.
struct NeuronName {
  std::string_view parameter, population;
};
/// Empty where the name has another form.
[[nodiscard]] std::optional<NeuronName> neuron_name(std::string_view name);

/// Why a name stands for nothing.
struct NameFault {
  std::string message;
  std::string hint;  ///< the nearest name; may be empty
};
/// Of a name that find_parameter() does not find.
[[nodiscard]] NameFault name_fault(const Model& model, std::string_view name);

}  // namespace nuphi
