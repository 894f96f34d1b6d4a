#include "cli.h"
#include "guard.h"
#include "logging.h"
#include "signals.h"

int main(int argc, char** argv) {
  nuphi::runner::guard_standard_streams();
  nuphi::runner::watch_signals();
  return nuphi::runner::guarded([argc, argv] {
    nuphi::runner::start_logging(argv[0], false);
    return nuphi::runner::run_command_line(argc, argv);
  });
}
