// Why a count of modes is undecided, in the user's words.
#pragma once

#include <string>

namespace nuphi::detail {

[[nodiscard]] std::string unfollowed(double omega, int evaluations);
[[nodiscard]] std::string on_axis(double omega);
[[nodiscard]] std::string not_a_number(double omega);
[[nodiscard]] std::string unclear(double omega);
[[nodiscard]] std::string interrupted();

}  // namespace nuphi::detail
