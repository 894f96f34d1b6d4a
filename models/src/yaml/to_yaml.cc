#include <nuphi/models/yaml.h>
namespace nuphi {
std::string to_yaml(const Model&) { return {}; }
}  // namespace nuphi
