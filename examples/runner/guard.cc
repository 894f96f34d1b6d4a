#include "guard.h"

#include <fmt/format.h>

#include <exception>
#include <new>

#include "commands.h"

namespace nuphi::runner {

Overrides overrides_of(const ModelArguments& arguments) {
  Overrides overrides;
  for (const std::string& text : arguments.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(
          fmt::format("--set \"{}\": write name=value, e.g. --set \"J=0.2 mV\"", text));
    }
    overrides[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return overrides;
}

namespace {

/// The model the command works on, for faults that only show once it is used.
std::string model_path;

}  // namespace

ModelFile open(const ModelArguments& arguments) {
  model_path = arguments.model;
  return ModelFile::load(arguments.model);
}

Model resolve(const ModelFile& file, const Overrides& overrides) try {
  return file.resolve(overrides);
} catch (const ModelError& error) {
  // Faults without a file are those of an override: one that names no parameter or has no fitting
  // value.
  for (const Diagnostic& d : error.diagnostics()) {
    if (d.file.empty()) throw UsageError("--set " + format_diagnostic(d));
  }
  throw;
}

Model load(const ModelArguments& arguments) {
  const Overrides overrides = overrides_of(arguments);
  return resolve(open(arguments), overrides);
}

namespace {

/// Faults of the network as a whole have no line of their own: they are reported at the top of its
/// file.
ModelError located(const ModelError& error) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& d : diagnostics) {
    if (!d.file.empty()) continue;
    d.file = model_path;
    d.line = d.column = 1;
  }
  return ModelError(std::move(diagnostics));
}

}  // namespace

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const UsageError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kUsage;
  } catch (const ModelError& error) {
    fmt::print(stderr, "{}\n", located(error).what());
    return kBadModel;
  } catch (const FileError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kInputOutput;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: out of memory\n");
    return kInputOutput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kUsage;
  }
}

}  // namespace nuphi::runner
