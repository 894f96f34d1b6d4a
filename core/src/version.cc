#include <nuphi/core/version.h>

namespace nuphi {

const char* version() noexcept { return NUPHI_VERSION; }

}  // namespace nuphi
