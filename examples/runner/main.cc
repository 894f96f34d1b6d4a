#include "cli.h"
#include "exit_code.h"
#include "logging.h"
#include "signals.h"

int main(int argc, char** argv) {
  nuphi::runner::guard_standard_streams();
  nuphi::runner::watch_signals();
  return nuphi::runner::exit_code_of([argc, argv] {
    nuphi::runner::start_logging(argv[0], false);
    return nuphi::runner::run_command_line(argc, argv);
  });
}
