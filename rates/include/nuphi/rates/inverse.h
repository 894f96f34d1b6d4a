#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/solver/summary.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

// --- Inputs that give wanted rates: one population at a time, exact ---

/// External synapses of one type onto a population.
struct ExternalSynapses {
  double indegree = 1;   ///< K
  double weight = 0;     ///< J [V], not 0
  double weight_cv = 0;  ///< w
};

/// Why a number is what it is.
enum class Attained {
  kYes,
  kRateOutOfRange,  ///< the target is not in (0, 1/t_ref)
  kOnlyNegative,    ///< without the excitatory source the neuron fires more already
  kNever,           ///< no input of this kind gives the target
};

/// One number per population, NaN where `attained` is not kYes.
struct InverseInput {
  Eigen::VectorXd value;           ///< [V] or [Hz], as the function says; NaN where not attained
  std::vector<Attained> attained;  ///< one a population
  /// Every population has its number.
  [[nodiscard]] bool all_attained() const;
};

/// External mean a [V] in place of field.external_mean() with which `rates` are stationary,
/// ν = Φ(Aν + a, Bν + b): the mean μ of the wanted rate at the given σ (siegert_inverse_mu), less
/// the recurrent part. As a current: I = C_m/τ_m (a − a_other).
/// @param field  the network; its own external mean is ignored
/// @param rates  ν [Hz]
/// @throws std::invalid_argument for a wrong size.
[[nodiscard]] InverseInput external_mean_for_rates(const MeanField& field,
                                                   const Eigen::VectorXd& rates);

/// Rates x [Hz] of external Poisson sources added to the field, one type of synapses a population,
/// with which `rates` are stationary: μ = Aν + a + τ_m K J x, σ² = Bν + b + τ_m K J² (1 + w²) x
/// both move with x.
/// @throws std::invalid_argument for a wrong size.
[[nodiscard]] InverseInput external_rates_for_rates(const MeanField& field,
                                                    const Eigen::VectorXd& rates,
                                                    const std::vector<ExternalSynapses>& synapses);

/// External excitatory and inhibitory rates that set working points.
struct WorkingPointInput {
  Eigen::VectorXd excitatory;  ///< [Hz]
  Eigen::VectorXd inhibitory;  ///< [Hz]
  Eigen::VectorXd rates;       ///< the stationary rates Φ(μ, σ) there [Hz]
  /// No external rate is negative: the working point can be had.
  [[nodiscard]] bool non_negative() const;
};

/// Two sources per population set both μ and σ: the linear system
///   τ_m (K_e J_e x_e + K_i J_i x_i) = μ − Aν − a
///   τ_m (K_e J_e² (1 + w_e²) x_e + K_i J_i² (1 + w_i²) x_i) = σ² − Bν − b
/// with ν = Φ(μ, σ) (Senk et al. 2020). Rates that would be negative are returned so.
/// @param field        the network
/// @param mean, sigma  the working points μ, σ [V], size n
/// @param excitatory, inhibitory  synapses of the two sources, size n each
/// @throws std::invalid_argument for a wrong size or synapses that do not span μ and σ² (J_e
/// (1+w_e²) = J_i (1+w_i²)).
[[nodiscard]] WorkingPointInput external_rates_for_working_points(
    const MeanField& field, const Eigen::VectorXd& mean, const Eigen::VectorXd& sigma,
    const std::vector<ExternalSynapses>& excitatory,
    const std::vector<ExternalSynapses>& inhibitory);

// --- Parameters that give wanted rates: a least-squares fit ---

/// minimise ½ Σ_i w_i (ν_i(p) − t_i)²
struct FitTarget {
  Eigen::VectorXd rates;    ///< t [Hz], size n; NaN: this population is free
  Eigen::VectorXd weights;  ///< w [1/Hz²], ≥ 0, size n; empty: 1 for all
  /// The weights are inverse variances of the targets: they alone give the standard errors.
  /// Otherwise the scatter of the residuals does, where there are more targets than parameters.
  bool weights_are_inverse_variances = false;
};

/// Where a parameter must stay, SI.
struct FitBounds {
  double lower = -std::numeric_limits<double>::infinity();  ///< ≤ upper
  double upper = std::numeric_limits<double>::infinity();   ///< ≥ lower
};

/// A fit has converged when the targets are met to `tolerance`, or, of more targets than
/// parameters, when no free parameter lowers the cost: the residual is at right angles to what each
/// of them does, to `gradient_tolerance`. Where the parameters do nothing, or could meet the
/// targets and do not, it has stalled.
struct FitOptions {
  double tolerance = 1e-9;           ///< on |ν − t| / max(1 Hz, t) [Hz], > 0
  double gradient_tolerance = 1e-6;  ///< on the cosine of that angle, in (0, 1)
  int max_iterations = 200;          ///< of the trust region, > 0
  /// Singular values below this share of the largest count as zero, in (0, 1); the sensitivities
  /// are good to about 1e-10.
  double rank_tolerance = 1e-7;
  SolveOptions solve;  ///< of the fixed point at the start; from there the state is followed
};

/// What a fit says of one parameter.
struct FittedParameter {
  std::string name;       ///< as in the family
  std::string unit;       ///< SI unit, "1" when dimensionless
  double initial = 0;     ///< where the fit started, SI
  double value = 0;       ///< where it ended, SI
  FitBounds bounds;       ///< those of the caller and of the family
  bool at_bound = false;  ///< held at one of them
  /// No direction in which the targets do not change has a part along this parameter.
  bool identifiable = false;
  /// SI; infinite where not identifiable, NaN where the data say nothing about the scatter.
  double standard_error = 0;
};

/// A direction in parameter space in which the rates (all but) stay.
struct NullDirection {
  double relative_singular_value = 0;  ///< over the largest
  /// Unit vector of changes in units of the parameters' scales (ModelFamily), in their order.
  Eigen::VectorXd direction;
  std::string text;  ///< the same in words: "0.707 J - 0.707 g"
};

/// What fit_parameters() returns.
struct FitResult {
  std::vector<FittedParameter> parameters;  ///< in the order of the family
  StationaryState state;                    ///< at the fitted values
  Eigen::VectorXd residuals;                ///< ν − t [Hz], NaN where free
  double cost = 0;                          ///< ½ Σ w (ν − t)²
  /// Every target is met to `tolerance`, or to three standard deviations where the weights are
  /// inverse variances. A fit may have converged to a compromise that meets none.
  bool targets_met = false;
  Eigen::MatrixXd covariance;       ///< of the parameters, SI; NaN where undetermined
  Eigen::VectorXd singular_values;  ///< of √w ∂ν/∂p · scale, largest first [√w Hz]
  int rank = 0;                     ///< number of singular values that count
  std::vector<NullDirection> null_directions;  ///< as many as `rank` falls short of the parameters
  Summary summary;                             ///< why the fit ended

  /// See FitOptions for what this means.
  [[nodiscard]] bool converged() const { return summary.termination == Termination::kConverged; }
  /// The targets fix every parameter.
  [[nodiscard]] bool identifiable() const { return rank == static_cast<int>(parameters.size()); }
  /// Fitted values in the order of the family, SI.
  [[nodiscard]] Eigen::VectorXd values() const;
};

/// Fits the parameters of a family to target rates by Ceres' trust region, with ν(p) re-solved from
/// the last accepted state and dν/dp from Sensitivity. Where the model is wrong or has no
/// stationary state the trust region draws back.
/// @param family  the model over the parameters to be fitted
/// @param target  wanted rates and their weights
/// @param bounds  one per parameter, or empty: none beside the limits of the family. A start
///   outside is moved to the nearest bound. Those that press against a bound are held there while
///   the others go on.
/// @param options  tolerances
/// @param control  stop, progress, logger
/// @throws ModelError when the model is wrong at the start; std::invalid_argument for sizes, an
/// empty family, lower > upper or options out of range; std::runtime_error when built without
/// Ceres. Never for the numerics: see summary.
[[nodiscard]] FitResult fit_parameters(const ModelFamily& family, const FitTarget& target,
                                       const std::vector<FitBounds>& bounds = {},
                                       const FitOptions& options = {},
                                       const SolveControl& control = {});

/// @}
}  // namespace nuphi
