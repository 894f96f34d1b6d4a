#pragma once

#include <nuphi/core/export.h>

/// Version of these headers, for the preprocessor:
///   #if NUPHI_VERSION_MAJOR > 0 || NUPHI_VERSION_MINOR >= 2
#define NUPHI_VERSION_MAJOR 0
#define NUPHI_VERSION_MINOR 1  ///< second of the three numbers
#define NUPHI_VERSION_PATCH 0  ///< third of the three numbers
#define NUPHI_VERSION "0.1.0"  ///< the three as text

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup basics
/// @{

/// "major.minor.patch" of the library linked, which may be another one than that of the headers.
[[nodiscard]] const char* version() noexcept;

/// @}
}  // namespace nuphi
