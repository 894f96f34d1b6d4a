#include "guard.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <new>

#include "arguments.h"
#include "commands.h"
#include "files.h"
#include "printable.h"
#include "response_names.h"

namespace nuphi::runner {

Overrides overrides_of(const ModelArguments& arguments) {
  Overrides overrides;
  for (const std::string& text : arguments.set) {
    const std::size_t equals = end_of_name(text);
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(
          fmt::format("--set \"{}\": write name=value, e.g. --set \"J=0.2 mV\" or --set "
                      "\"indegree[E<-I]=100\"",
                      text));
    }
    const std::string name = text.substr(0, equals);
    if (!overrides.emplace(name, text.substr(equals + 1)).second)
      throw UsageError(fmt::format("--set: \"{}\" is given twice", name));
  }
  return overrides;
}

namespace {

/// The model the command works on, for faults that only show once it is used.
std::string model_path;
std::shared_ptr<const ModelFile> last_opened;

}  // namespace

std::shared_ptr<const ModelFile> open(const ModelArguments& arguments) {
  model_path = arguments.model;
  note_input(arguments.model);
  last_opened = std::make_shared<const ModelFile>(ModelFile::load(arguments.model));
  for (const std::filesystem::path& matrix : last_opened->matrix_files()) note_input(matrix);
  return last_opened;
}

Model resolve(const ModelFile& file, const Overrides& overrides) try {
  Model model = file.resolve(overrides);
  if (model.network.name.empty())
    model.network.name = std::filesystem::path(model_path).filename().string();
  return model;
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
  (void)choice_of(arguments.response);  // a wrong word shows before the file is read
  Model model = resolve(*open(arguments), overrides);
  model.network.response = chosen_response(model.network.response, arguments.response);
  return model;
}

namespace {

/// Faults of a network know a key at most: its place in the file, else the file's top.
ModelError located(const ModelError& error) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& d : diagnostics) {
    if (!d.file.empty()) continue;
    d.file = model_path;
    d.line = d.column = 1;
    // Connections are merged into projections: which of them is not known any more.
    if (d.path.starts_with("projections[")) d.path = "connections";
    if (last_opened && !d.path.empty()) last_opened->locate(d);
  }
  return ModelError(std::move(diagnostics));
}

int report(const std::string& message, int code) {
  print_error(message + "\n");
  return code;
}

}  // namespace

int guarded(const std::function<int()>& command) {
  try {
    const int code = command();
    // A full disk or a closed stream behind standard output shows here at the latest.
    flush_out();
    return code;
  } catch (const UsageError& error) {
    return report(std::string("error: ") + error.what(), kUsage);
  } catch (const ModelError& error) {
    return report(located(error).what(), kBadModel);
  } catch (const FileError& error) {
    return report(std::string("error: ") + error.what(), kInputOutput);
  } catch (const std::bad_alloc&) {
    return report("error: out of memory", kInputOutput);
  } catch (const std::exception& error) {
    return report(std::string("error: ") + error.what(), kUsage);
  }
}

}  // namespace nuphi::runner
