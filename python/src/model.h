#pragma once

#include <nuphi/models/yaml.h>

#include <map>
#include <memory>
#include <string>

#include "convert.h"

namespace nuphi::python {

/// Values of parameters by name, SI.
using Values = std::map<std::string, double, std::less<>>;

/// What Python calls a Network: a model file at values of its parameters, or a network built in
/// code.
struct PyModel {
  std::shared_ptr<const ModelFile> file;  ///< null: built in code
  std::string text{};                     ///< of the file, to come back from a pickle
  std::string source{};                   ///< what messages call the file
  std::string directory{};                ///< that its matrix files are relative to
  Overrides overrides{};
  Model model{};

  /// A changed copy, by the names that find_parameter() takes. @throws as parameter()
  [[nodiscard]] PyModel with(const py::dict& values) const;
  /// The file it came from; of a network built in code what it would be written as.
  [[nodiscard]] std::shared_ptr<const ModelFile> as_file() const;
  /// The number of that name. @throws ModelError, code "unknown-parameter", with the names there are
  [[nodiscard]] Parameter parameter(const std::string& name) const;
};

}  // namespace nuphi::python
