#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/network.h>
#include <nuphi/models/notes.h>
#include <nuphi/rates/stationary.h>

#include <optional>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// From here on, notes warn: fluctuations of single neurons feed on themselves.
inline constexpr double kStrongCoupling = 0.95;

/// What coupling_radius() returns.
struct CouplingRadius {
  std::optional<double> value;  ///< R ≥ 0, dimensionless
  std::string reason;           ///< why there is none
};

/// Radius of the neuron-to-neuron coupling at a stationary state, the radius within which the
/// eigenvalues of the connectivity of single neurons lie (Rajan & Abbott 2006; Ostojic 2014):
///   R² = spectral radius of K_ij ⟨w_ij²⟩,  w_ij = τ_m,i (∂Φ_i/∂μ J_ij + ∂Φ_i/∂σ² J_ij²)
/// with the mean over weights of relative s.d. weight_cv (normal). As R approaches 1 fluctuations
/// of single neurons grow, and rates leave those of theory.
/// Cost: products with the matrix of the projections; networks of more than 4·10⁶ projections have
/// none.
/// @throws std::invalid_argument when the state is not one of the network.
[[nodiscard]] CouplingRadius coupling_radius(const Network& network, const StationaryState& state);

/// Above this relative error of a rate, notes warn of the size of the jumps.
inline constexpr double kLargestJumpError = 0.05;

/// Estimated relative errors of the rates of a state because input comes in jumps, not as Gaussian
/// noise: true rate ≈ ν (1 + error). δ is jump_correction() of each population at its input,
/// continued beyond first order as simulations show (tanh δ below 0, δ + δ²/4 above); through the
/// network the rates solve ν = Φ(ν)(1 + δ(ν)), to first order where the state is unstable or that
/// does not settle. Above 200 populations, or where one is silent, δ itself.
/// @return one a population; 0 where theory has no estimate (adiabatic, τ_syn > τ_m/4, a rate
///   that is not positive, a unit that is no LIF neuron)
/// @throws std::invalid_argument when the state is not one of the network.
[[nodiscard]] Eigen::VectorXd jump_errors(const Network& network, const StationaryState& state);

/// Where a state lies outside what its rate function is good for; empty where it does not.
///   rate-near-ceiling    a rate above 0.9/t_ref
///   taylor-negative      kTaylor: a rate is negative
///   taylor-large         kTaylor: first order takes more than half of the white-noise rate
///   colour-expansion     kShift, kShiftRefractory, kTaylor: √(τ_syn/τ_m), the parameter of the
///                        expansion, is above 1/2
///   colour-adiabatic     kAdiabatic: τ_syn < τ_m
///   colour-uniform       kUniform: τ_syn > 2 τ_m
///   colour-mixed         kUniform, kExact: synapses of one neuron differ in τ_syn and share an
///                        effective one
/// Each sentence names the population that is farthest off. docs/theory/simulation.md has errors.
/// @throws std::invalid_argument when the state is not one of the field.
[[nodiscard]] std::vector<Note> validity_notes(const MeanField& field,
                                               const StationaryState& state);

/// All there is to say of a state of a network: network_notes(), those above, and
///   strong-coupling      R = coupling_radius() ≥ kStrongCoupling
///   large-jumps          |jump_errors()| > kLargestJumpError of a state that is stable under rate
///                        dynamics
///   default-correction   the network states no correction, and kUniform, the default, moves a rate
///                        by more than 1 % against kShift, the default before
/// docs/validity.md explains each and what to do about it.
/// @throws ModelError for an unsound network; std::invalid_argument when the state is not one of
/// it.
[[nodiscard]] std::vector<Note> validity_notes(const Network& network,
                                               const StationaryState& state);

/// @}
}  // namespace nuphi
