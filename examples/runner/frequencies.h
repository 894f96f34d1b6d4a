#pragma once

#include <Eigen/Core>
#include <string>

namespace nuphi::runner {

/// "from:to:step" or one number, in Hz, as --frequencies takes them. @throws UsageError
Eigen::VectorXd frequencies_of(const std::string& text);

}  // namespace nuphi::runner
