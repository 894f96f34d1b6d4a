#include "cli.h"
#include "guard.h"
#include "logging.h"

int main(int argc, char** argv) {
  return nuphi::runner::guarded([argc, argv] {
    nuphi::runner::start_logging(argv[0], false);
    nuphi::runner::catch_interrupt();
    return nuphi::runner::run_command_line(argc, argv);
  });
}
