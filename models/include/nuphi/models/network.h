#pragma once

#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/error.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/transfer_function.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// @file
/// A network as a paper's parameter table states it. SI units; voltages relative to E_L (subtracted
/// once, at loading).

/// Neuron and synapses, as `neuron: {model: …}`.
enum class NeuronModel {
  kLifDelta,  ///< iaf_psc_delta
  kLifExp,    ///< iaf_psc_exp
  kPowerLaw,  ///< a unit that is no spiking neuron: PowerLawTransfer
};
/// Sign of the weights of a population's synapses.
enum class PopulationKind {
  kUnspecified,  ///< any
  kExcitatory,   ///< ≥ 0
  kInhibitory,   ///< ≤ 0
};

/// A LIF neuron with its synapses, or another unit.
struct Neuron {
  NeuronModel model = NeuronModel::kLifDelta;  ///< which of the numbers below matter
  /// Membrane time constant [s]; of other units what turns spikes into volts, μ = τ_m Σ K J ν; 0
  /// where they have no synapses.
  double tau_m = 0;
  double t_ref = 0;  ///< refractory time [s]
  double E_L = 0;  ///< resting potential [V], kept for display: V_th and V_reset are relative to it
  double V_th = 0;               ///< threshold − E_L [V]
  double V_reset = 0;            ///< reset − E_L [V]
  double C_m = 0;                ///< membrane capacitance [F]; lif_exp, or for currents
  double tau_syn_ex = 0;         ///< [s]; lif_exp
  double tau_syn_in = 0;         ///< [s]; lif_exp
  PowerLawTransfer power_law{};  ///< of kPowerLaw; its θ relative to E_L

  bool operator==(const Neuron&) const = default;
};

/// A LIF neuron with delta or exponential synapses.
[[nodiscard]] inline bool is_lif(const Neuron& neuron) {
  return neuron.model == NeuronModel::kLifDelta || neuron.model == NeuronModel::kLifExp;
}

/// Neurons with equal parameters and statistically equal input.
struct Population {
  std::string name{};                                  ///< unique in the network
  PopulationKind kind = PopulationKind::kUnspecified;  ///< checked against the weights
  double size = 0;                                     ///< number of neurons; 0 when not given
  Neuron neuron;                                       ///< of each of them

  bool operator==(const Population&) const = default;
};

/// How delays are distributed over synapses.
enum class DelayDistribution {
  kConstant,           ///< all equal to the mean
  kUniform,            ///< on [min, max]
  kExponential,        ///< mean
  kGamma,              ///< mean, sd
  kTruncatedGaussian,  ///< mean and sd of the untruncated normal, conditioned on d > 0
  kGaussian,           ///< acausal; allowed in spectra only
  kLognormal,          ///< its own mean and sd
};

/// Time from a spike to its effect.
struct Delay {
  DelayDistribution distribution = DelayDistribution::kConstant;  ///< which of the numbers matter
  double mean = 0;                                                ///< [s], ≥ 0; not of kUniform
  double sd = 0;   ///< [s], ≥ 0; of those with two parameters
  double min = 0;  ///< [s], ≥ 0; kUniform
  double max = 0;  ///< [s], ≥ min; kUniform

  bool operator==(const Delay&) const = default;
};

/// How in-degrees are distributed over neurons; enters rate distributions only.
enum class IndegreeDistribution {
  kFixed,     ///< all equal
  kBinomial,  ///< pairs connected independently
  kPoisson,   ///< several synapses a pair allowed (multapses)
};

/// Synapses from one population to another.
struct Projection {
  int source = 0;        ///< index into Network::populations
  int target = 0;        ///< index into Network::populations
  double indegree = 0;   ///< mean number of synapses a target neuron receives from the source
  double weight = 0;     ///< jump of the membrane J [V]; lif_exp: τ_syn·PSC/C_m
  double weight_cv = 0;  ///< relative s.d. of the weights
  IndegreeDistribution indegree_distribution = IndegreeDistribution::kFixed;  ///< over targets
  std::optional<Delay> delay{};  ///< dynamics need one, stationary states do not

  bool operator==(const Projection&) const = default;
};

/// Poisson spike trains, independent for each neuron.
struct PoissonInput {
  double indegree = 1;   ///< K, number of sources of a neuron, ≥ 0
  double rate = 0;       ///< per source [Hz], ≥ 0
  double weight = 0;     ///< jump of the membrane [V]
  double weight_cv = 0;  ///< relative s.d. of the weights
  /// Of these synapses [s], ≥ 0; without it that of the neuron, by the sign of the weight. lif_exp.
  std::optional<double> tau_syn{};
  bool operator==(const PoissonInput&) const = default;
};
/// Constant input.
struct DcInput {
  double drive = 0;  ///< contribution to μ [V]; a current I contributes τ_m I / C_m
  bool operator==(const DcInput&) const = default;
};
/// Gaussian noise, independent for each neuron.
struct NoiseInput {
  double mean = 0;  ///< contribution to μ [V]
  double sigma = 0;  ///< contribution σ² to the variance; τ_m dV = −(V−μ)dt + σ√τ_m dW [V]
  /// Of the filter the noise passes [s], ≥ 0; without it tau_syn_ex. lif_exp.
  std::optional<double> tau_syn{};
  bool operator==(const NoiseInput&) const = default;
};
/// Input from outside the network.
struct ExternalInput {
  int target = 0;                                          ///< index into Network::populations
  std::variant<PoissonInput, DcInput, NoiseInput> source;  ///< what it is
  bool operator==(const ExternalInput&) const = default;
};

/// How the linear response of a network is taken, where its model says so (`solve: {response: …}`).
/// What an analysis is told itself goes before it; else it is moving, exact, with the variance.
struct ResponseChoice {
  std::optional<ColourResponse> colour{};          ///< how shifted boundaries follow σ
  std::optional<Refractoriness> refractoriness{};  ///< where t_ref enters
  std::optional<bool> variance{};                  ///< keep δν/δσ²
  bool operator==(const ResponseChoice&) const = default;
};

/// Populations, the synapses between them, and their input.
struct Network {
  std::string name{};                    ///< used in results
  std::string reference{};               ///< where it comes from: free text, a DOI
  std::vector<Population> populations;   ///< the others count by position in this list
  std::vector<Projection> projections;   ///< several between the same two add up
  std::vector<ExternalInput> inputs;     ///< several onto one population add up
  std::optional<Correction> correction;  ///< none given: uniform for lif_exp, none for lif_delta
  ResponseChoice response{};             ///< of stability, spectra and covariances

  /// Position of a population in `populations`.
  /// @throws std::invalid_argument for a name there is none of, with those there are
  [[nodiscard]] int index(std::string_view population) const;

  bool operator==(const Network&) const = default;
};

/// The network of a table: population i gets K_ij synapses of weight J_ij from population j,
/// nothing where K_ij is 0; excitatory and inhibitory as the signs of its column are.
/// @param names     of the populations, n of them
/// @param neurons   one a population, or one for all
/// @param indegree  K, shape=(n, n), row = target
/// @param weight    J [V], shape=(n, n)
/// @param delay     of all synapses
/// @param inputs    from outside
/// @throws std::invalid_argument for other sizes. What the numbers say is left to validate().
[[nodiscard]] Network network_from_matrices(const std::vector<std::string>& names,
                                            const std::vector<Neuron>& neurons,
                                            const Eigen::MatrixXd& indegree,
                                            const Eigen::MatrixXd& weight,
                                            const std::optional<Delay>& delay = {},
                                            std::vector<ExternalInput> inputs = {});

/// τ_syn of a projection's synapses [s]: that of the target by the sign of the weight, and by the
/// kind of the source where the weight is 0; 0 for delta synapses.
[[nodiscard]] double synaptic_time(const Network& network, const Projection& projection);
/// The time constant an input states itself [s].
[[nodiscard]] std::optional<double> own_tau_syn(const ExternalInput& input);
/// τ_syn of an input that brings noise [s]; empty for a dc input.
[[nodiscard]] std::optional<double> synaptic_time(const Network& network,
                                                  const ExternalInput& input);

/// All faults of a network built in code (a loaded one has been checked already, with positions).
/// Empty when it is sound.
std::vector<Diagnostic> validate(const Network& network);

/// @}
}  // namespace nuphi
