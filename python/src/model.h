#pragma once

#include <nuphi/models/yaml.h>

#include <map>
#include <memory>
#include <string>

#include "convert.h"

namespace nuphi::python {

/// Values of parameters of a file or entries of a network, SI.
using Values = std::map<std::string, double, std::less<>>;

/// What Python calls a Network: a model file at values of its parameters, or a network built in
/// code, with single entries changed.
struct PyModel {
  std::shared_ptr<const ModelFile> file;  ///< null: built in code
  std::string text{};                     ///< of the file, to come back from a pickle
  std::string source{};                   ///< what messages call the file
  std::string directory{};                ///< that its matrix files are relative to
  Overrides overrides{};
  Values entries{};  ///< "indegree[E<-I]" and the like
  Model model{};

  /// A changed copy; names are parameters of the file or entries of the network.
  [[nodiscard]] PyModel with(const py::dict& values) const;
  /// The network at other values of some parameters or entries. Needs no GIL. @throws ModelError
  [[nodiscard]] Network at(const Values& values) const;
  /// The file it came from; of a network built in code what it would be written as.
  [[nodiscard]] std::shared_ptr<const ModelFile> as_file() const;
  [[nodiscard]] const Parameter* find_parameter(const std::string& name) const;
  /// Of a parameter or entry, SI. @throws as fail_unknown()
  [[nodiscard]] double value_of(const std::string& name) const;
  /// @throws ModelError, code "unknown-parameter", with the names there are
  [[noreturn]] void fail_unknown(const std::string& name) const;
};

}  // namespace nuphi::python
