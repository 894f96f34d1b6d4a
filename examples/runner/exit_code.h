#pragma once

#include <functional>

namespace nuphi::runner {

/// Runs a command; what it throws is printed on standard error and becomes the exit code.
int exit_code_of(const std::function<int()>& command);

}  // namespace nuphi::runner
