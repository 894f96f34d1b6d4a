#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nuphi::loader {

/// Closest of the known names, as a hint "did you mean `tau_m`?"; empty if none is close.
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

/// Help for a key that other packages use (`tau`, `V_r`, `K`), given the keys that are allowed
/// here; else did_you_mean.
std::string help_for_key(std::string_view name, std::span<const std::string> allowed);

}  // namespace nuphi::loader
