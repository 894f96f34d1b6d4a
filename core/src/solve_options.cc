#include <nuphi/core/solve_options.h>

#include <array>
#include <utility>

namespace nuphi {
namespace {
constexpr std::array<std::pair<Method, std::string_view>, 6> kMethods = {{
    {Method::kAuto, "auto"},
    {Method::kNewton, "newton"},
    {Method::kCeres, "ceres"},
    {Method::kAnderson, "anderson"},
    {Method::kRelaxation, "relaxation"},
    {Method::kHomotopy, "homotopy"},
}};
}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [value, name] : kMethods) {
    if (value == method) return name;
  }
  return "unknown";
}

std::optional<Method> method_from_string(std::string_view name) {
  for (const auto& [value, known] : kMethods) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace nuphi
