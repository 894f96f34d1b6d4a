#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/stationary.h>

#include <nuphi/core/eigen.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// Above this relative error of a rate, notes warn of the size of the jumps.
inline constexpr double kLargestJumpError = 0.05;

/// Estimated relative errors of the rates of a state because input comes in jumps, not as Gaussian
/// noise: true rate ≈ ν (1 + error). δ is jump_correction() of each population at its input,
/// continued beyond first order as simulations show (tanh δ below 0, δ + δ²/4 above); through the
/// network the rates solve ν = Φ(ν)(1 + δ(ν)), to first order where the state is unstable or that
/// does not settle. Above 200 populations, or where one is silent, δ itself.
/// @return one a population; 0 where theory has no estimate (adiabatic, τ_syn > τ_m/4, a rate
///   that is not positive)
/// @throws std::invalid_argument when the state is not one of the network.
[[nodiscard]] Eigen::VectorXd jump_errors(const Network& network, const StationaryState& state);

/// @}
}  // namespace nuphi
