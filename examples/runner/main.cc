#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "cli.h"
#include "commands.h"
#include "logging.h"

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

Model load(const ModelArguments& arguments) {
  return load_model(arguments.model, overrides_of(arguments));
}

namespace {

/// Faults without a file come from the command line: an override that names no parameter or has no
/// fitting value.
bool is_usage(const ModelError& error) {
  const auto from_override = [](const Diagnostic& d) { return d.file.empty(); };
  return std::any_of(error.diagnostics().begin(), error.diagnostics().end(), from_override);
}

int run(int argc, char** argv) {
  try {
    start_logging(argv[0], false);
    catch_interrupt();
    return run_command_line(argc, argv);
  } catch (const UsageError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kUsage;
  } catch (const ModelError& error) {
    const bool usage = is_usage(error);
    fmt::print(stderr, "{}{}\n", usage ? "--set " : "", error.what());
    return usage ? kUsage : kBadModel;
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

}  // namespace
}  // namespace nuphi::runner

int main(int argc, char** argv) { return nuphi::runner::run(argc, argv); }
