#include <nuphi/models/schema.h>
namespace nuphi {
std::string schema_markdown() { return {}; }
}  // namespace nuphi
