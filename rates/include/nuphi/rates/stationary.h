#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/network.h>
#include <nuphi/solver/summary.h>

#include <optional>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// A stationary state ν = Φ(ν) of a network and the proof of its quality. Arrays have one entry per
/// population.
struct StationaryState {
  Eigen::VectorXd rates;         ///< ν [Hz]
  Eigen::VectorXd log_rates;     ///< ln(ν/Hz); finite where ν underflows
  Eigen::VectorXd mean_input;    ///< μ [V]
  Eigen::VectorXd std_input;     ///< σ [V]
  Eigen::VectorXd cv;            ///< of the inter-spike intervals; NaN where there is none
  Eigen::VectorXd drate_dmu;     ///< ∂Φ/∂μ [Hz/V]
  Eigen::VectorXd drate_dsigma;  ///< ∂Φ/∂σ [Hz/V], at fixed τ_syn
  double residual = 0;           ///< max |ν − Φ(ν)|, recomputed [Hz]
  /// Per rate: |J⁻¹F| plus the rounding of Φ carried through J⁻¹ [Hz].
  Eigen::VectorXd error_estimate;
  /// All eigenvalues of ∂Φ/∂ν have real part < 1: stable under dν/ds = −ν + Φ(ν) with one time
  /// constant for all (the convention of NEST and NNMT), not the dynamics with delays. Empty when
  /// undecided.
  std::optional<bool> rate_dynamics_stable;
  std::optional<double> leading_eigenvalue;  ///< largest real part of the eigenvalues of ∂Φ/∂ν
  /// Sign of det(1 − ∂Φ/∂ν): 1 or −1, after an even or odd number of real eigenvalues above 1.
  /// Empty where it is zero to rounding, Φ has a corner, or nothing was factorised (n > 1000).
  std::optional<int> index;
  /// Number of eigenvalues of ∂Φ/∂ν with real part ≥ 1: of directions in which the state repels the
  /// rate dynamics, 0 if stable. Empty when undecided.
  std::optional<int> unstable_directions;
};

/// What solve_stationary() returns.
struct StationaryResult {
  StationaryState state;  ///< the fixed point, or the best point seen
  Summary summary;        ///< why the solve ended
  /// The state is stationary to the tolerance.
  [[nodiscard]] bool converged() const { return summary.termination == Termination::kConverged; }
};

/// What find_stationary_states() returns.
struct StationarySet {
  /// The fixed points found, ordered by total rate; completeness is never claimed.
  std::vector<StationaryState> states;
  std::optional<int> index_sum;  ///< Σ of the states' indices; empty where one of them is
  /// Whether index_sum proves that states are missing. With all t_ref > 0, Φ maps 0 ≤ ν ≤ 1/t_ref
  /// into itself and the indices of all states add up to 1. False is no proof of completeness:
  /// states come and go in pairs of opposite index. Empty where a t_ref is 0, with `taylor` or
  /// other transfer functions, or without index_sum.
  std::optional<bool> missing_states;
  Summary summary;  ///< how hard it looked
  /// At least one state was found.
  [[nodiscard]] bool converged() const { return !states.empty(); }
};

/// One stationary state, as options.find = kOne says (kAll is refused, see
/// find_stationary_states()). With kAuto and no initial rates: the fixed point that relaxation from
/// zero rates reaches.
/// @throws ModelError for an unsound network, std::invalid_argument for options out of range. Never
///   for the numerics.
[[nodiscard]] StationaryResult solve_stationary(const MeanField& field,
                                                const SolveOptions& options = {},
                                                const SolveControl& control = {});
/// That of mean_field(network).
[[nodiscard]] StationaryResult solve_stationary(const Network& network,
                                                const SolveOptions& options = {},
                                                const SolveControl& control = {});

/// As many fixed points as the search finds, unstable ones included (find_fixed_points()), whatever
/// options.find says.
[[nodiscard]] StationarySet find_stationary_states(const MeanField& field,
                                                   const SolveOptions& options = {},
                                                   const SolveControl& control = {});
/// Those of mean_field(network).
[[nodiscard]] StationarySet find_stationary_states(const Network& network,
                                                   const SolveOptions& options = {},
                                                   const SolveControl& control = {});

/// The state at given rates, as if they were stationary: inputs, gradients, CV and the residual
/// tell how far they are from it.
[[nodiscard]] StationaryState evaluate_state(const MeanField& field, const Eigen::VectorXd& rates);

/// Whether a state is one of this field: its inputs and its residual, recomputed at its rates, are
/// those that it holds, to 1e-6. A state that has not converged passes.
[[nodiscard]] bool is_state_of(const MeanField& field, const StationaryState& state);

/// All faults of the options for a network of n populations; empty when they are sound.
/// @param options         those of solve_stationary() or find_stationary_states()
/// @param n               number of populations
/// @param negative_rates  rates below 0 are possible (kTaylor)
[[nodiscard]] std::vector<std::string> validate(const SolveOptions& options, Eigen::Index n,
                                                bool negative_rates = false);

/// @}
}  // namespace nuphi
