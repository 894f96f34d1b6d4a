#pragma once

#include <nuphi/core/dynamic_response.h>

#include <string>

namespace nuphi::runner {

/// "exact" or "rate_only", as --refractoriness takes them. @throws UsageError
Refractoriness refractoriness_of(const std::string& name);

}  // namespace nuphi::runner
