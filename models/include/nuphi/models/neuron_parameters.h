#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <optional>
#include <span>
#include <string_view>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// What a parameter of a neuron may be.
enum class ParameterRange {
  kAny,          ///< finite
  kNotNegative,  ///< finite, ≥ 0
  kPositive,     ///< finite, > 0
};

/// One parameter of a neuron model. Reading, defaults, checks, writing and describing follow from
/// this table: a parameter that stands here stands in all of them.
struct NeuronParameter {
  std::string_view name;          ///< key in model files; NEST's where there is one
  std::string_view unit;          ///< SI: "s", "V", "F", "Hz", "1"
  std::string_view shown_unit{};  ///< in which people read it: "ms", "mV", "pF", "Hz", ""
  ParameterRange range = ParameterRange::kAny;  ///< which values are refused
  /// An absolute potential in files, relative to E_L in Neuron.
  bool is_potential = false;
  /// Value where a file gives none [SI], of a potential relative to E_L; empty: it must be given.
  std::optional<double> fallback{};
  std::string_view fallback_text{};  ///< the same as documented; empty: to be left out
  std::string_view doc{};            ///< half a sentence
  /// The number itself.
  double& (*in)(Neuron&) = nullptr;

  /// Its value in a neuron [SI].
  [[nodiscard]] double of(const Neuron& neuron) const {
    Neuron copy = neuron;
    return in(copy);
  }
  /// Left out of what is written: it has no default but 0, and is 0.
  [[nodiscard]] bool is_left_out(const Neuron& neuron) const {
    return fallback == 0.0 && fallback_text.empty() && !is_potential && of(neuron) == 0;
  }
};

/// All parameters of a model, in the order of documents and tables.
[[nodiscard]] std::span<const NeuronParameter> neuron_parameters(NeuronModel model);
/// The parameter of that name; null if the model has none.
[[nodiscard]] const NeuronParameter* neuron_parameter(NeuronModel model, std::string_view name);

/// "lif_delta", as in model files.
[[nodiscard]] std::string_view neuron_model_name(NeuronModel model);
/// Empty if there is no such model.
[[nodiscard]] std::optional<NeuronModel> neuron_model_of(std::string_view name);

/// @}
}  // namespace nuphi
