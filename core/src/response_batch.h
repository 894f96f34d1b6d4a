// Many frequencies of one working point.
#pragma once

#include <cstddef>
#include <span>

#include "response_scalar.h"

namespace nuphi::detail {

inline constexpr std::size_t kBlock = 64;

/// At λ = iω for at most kBlock frequencies ω > 0.
void terms_of_block(const Interval& x, std::span<const double> omega,
                    scalar_response::Terms<double>* out) noexcept;

}  // namespace nuphi::detail
