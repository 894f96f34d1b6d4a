#pragma once

namespace nuphi {

/// "major.minor.patch" of the library linked.
[[nodiscard]] const char* version() noexcept;

}  // namespace nuphi
