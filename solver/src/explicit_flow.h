#pragma once

#include <nuphi/solver/steps.h>

namespace nuphi {

/// Whether an evaluation of Φ is so much cheaper than a linear system that the flow is better
/// begun by explicit steps.
[[nodiscard]] bool is_worth_explicit_steps(Eigen::Index n);

/// Follows dx/ds = −x + Φ(x) by explicit steps of order 3 with error control (Bogacki & Shampine
/// 1989) until it has calmed down, the steps are used up, or it turns out to be eventful. Leaves at
/// `point` where it got.
/// @return a step to go on with, or nothing when the flow is eventful and the limits say quick
[[nodiscard]] std::optional<double> explicit_steps(Session& session, Point& point,
                                                   const FlowLimits& limits);

}  // namespace nuphi
