// Why a count of modes is undecided, in the user's words.
#pragma once

#include <string>
#include <vector>

namespace nuphi::detail {

[[nodiscard]] std::string unfollowed(double omega, int evaluations);
[[nodiscard]] std::string on_axis(double omega);
[[nodiscard]] std::string not_a_number(double omega);
[[nodiscard]] std::string unclear(double omega);
[[nodiscard]] std::string interrupted();
/// @param names  of populations whose response does not decay; may be empty
/// @param walked ω up to which modes were looked for
[[nodiscard]] std::string unclosed(const std::vector<std::string>& names, double walked,
                                   double max_frequency);

}  // namespace nuphi::detail
