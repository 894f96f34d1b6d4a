#pragma once

#include <nuphi/models/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults.h"
#include "plan.h"

/// Numbers that --set and its like give beside the `parameters:` of a file: "neuron.tau_m[E]" in
/// place of what the file says, "indegree[E<-I]" in place of what it leads to.
namespace nuphi::loader {

/// One of them.
struct GivenNumber {
  std::string name;
  std::optional<std::string> text;  ///< with its unit
  double value = 0;                 ///< SI, where there is no text

  /// In SI; NaN where the text was at fault, which has been reported.
  [[nodiscard]] Parameter read(std::string_view unit, Faults& faults) const;
};

/// Those of neurons, which the network is built with, and the others.
struct GivenNeurons {
  NeuronValues values;
  std::vector<Parameter> parameters;  ///< the same by name
  std::vector<GivenNumber> others;

  GivenNeurons(const Plan& plan, const std::vector<GivenNumber>& given, Faults& faults);
};

/// Sets entries of the network, and notes them in the model.
void set_entries(Model& model, const std::vector<GivenNumber>& numbers, Faults& faults);

}  // namespace nuphi::loader
