#pragma once

#include <nuphi/models/yaml.h>

#include <memory>

#include "convert.h"

namespace nuphi::python {

/// What Python calls a Network: a model file at values of its parameters, or a network built in
/// code, with single entries changed.
struct PyModel {
  std::shared_ptr<const ModelFile> file;  ///< null: built in code
  std::string text, name, directory;      ///< of the file, to come back from a pickle
  Overrides overrides;
  std::map<std::string, double> entries;  ///< "indegree[E<-I]" and the like, SI
  Model model;

  /// A changed copy; names are parameters of the file or entries of the network.
  [[nodiscard]] PyModel with(const py::dict& values) const;
};

}  // namespace nuphi::python
