#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "commands.h"
#include "files.h"
#include "printable.h"

namespace nuphi::runner {
namespace {

/// The first comment line of a model: what it is.
std::string_view summary_of(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.find_first_not_of("# "), text.size()));
  return text;
}

}  // namespace

int run_init(const InitArguments& arguments) {
  const std::vector<EmbeddedModel>& models = embedded_models();
  if (arguments.list) {
    for (const EmbeddedModel& model : models)
      print_out(fmt::format("{:14} {}\n", model.name, summary_of(model.text)));
    return kSuccess;
  }
  const auto found = std::find_if(models.begin(), models.end(),
                                  [&](const EmbeddedModel& m) { return m.name == arguments.from; });
  if (found == models.end()) {
    throw UsageError(
        fmt::format("--from \"{}\": no such model; nuphi init --list names them", arguments.from));
  }
  if (std::filesystem::exists(arguments.path) && !arguments.force) {
    throw FileError(fmt::format("\"{}\" exists; --force replaces it", arguments.path));
  }
  OutputFile file(arguments.path);
  file.write(found->text);
  file.commit();
  print_out(fmt::format("next: nuphi solve {}\n", arguments.path));
  return kSuccess;
}

}  // namespace nuphi::runner
