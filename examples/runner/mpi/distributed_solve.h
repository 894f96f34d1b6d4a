#pragma once

#include "../commands.h"

namespace nuphi::runner {

/// Takes the program's arguments apart. An exit code when there is nothing left to do, else −1.
using Parse = int (*)(int argc, char** argv, SolveArguments& arguments);

/// `solve` on all ranks: rank 0 reads and writes, the rows of the network are spread over all.
/// @return the exit code, the same on every rank
int run_distributed(int argc, char** argv, Parse parse);

}  // namespace nuphi::runner
