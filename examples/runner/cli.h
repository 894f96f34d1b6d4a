#pragma once

namespace nuphi::runner {

/// Parses the command line and runs the command it names. @return the exit code, also for --help
/// and usage errors.
int run_command_line(int argc, char** argv);

}  // namespace nuphi::runner
