#pragma once

#include <nuphi/core/export.h>

namespace NUPHI_PUBLIC nuphi {

/// "major.minor.patch" of the library linked.
[[nodiscard]] const char* version() noexcept;

}  // namespace nuphi
