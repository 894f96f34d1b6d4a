#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// The numbers of a network that a sensitivity or a fit can be taken in, beside the named
/// parameters of a model file. Voltages J are what varies, not currents: J = τ_syn W/C_m of a
/// projection stays as τ_m or τ_syn move.
enum class EntryKind {
  kIndegree,  ///< K of a projection
  kWeight,    ///< J of a projection [V]
  kWeightCv,  ///< w of a projection
  kDelay,     ///< mean delay of a projection that has one [s]; stationary rates do not depend on it
  kTauM,      ///< τ_m of a population [s]; also inside μ and σ² (a dc drive in volt stays)
  kTRef,      ///< t_ref of a population [s]
  kVTh,       ///< V_th − E_L of a population [V]
  kVReset,    ///< V_reset − E_L of a population [V]
  kTauSyn,  ///< τ_syn of the colour correction of a population [s], excitatory and inhibitory alike
  kTauSynEx,       ///< that of the excitatory synapses, where they differ [s]
  kTauSynIn,       ///< that of the inhibitory synapses, where they differ [s]
  kInputIndegree,  ///< of a Poisson input
  kInputRate,      ///< of a Poisson input [Hz]
  kInputWeight,    ///< J of a Poisson input [V]
  kInputWeightCv,  ///< w of a Poisson input
  kDcDrive,        ///< drive of a dc input [V]
  kNoiseMean,      ///< mean of a noise input [V]
  kNoiseSigma,     ///< σ of a noise input [V]
  kInputTauSyn,    ///< τ_syn of a Poisson or noise input that has its own [s]
};

/// One number of a network.
struct NetworkEntry {
  EntryKind kind = EntryKind::kIndegree;  ///< which number
  int index = 0;  ///< into Network::projections, populations or inputs, as the kind says
  bool operator==(const NetworkEntry&) const = default;
};

/// All that stationary rates depend on: projections, inputs, populations (τ_syn only where the model
/// is lif_exp).
[[nodiscard]] std::vector<NetworkEntry> network_entries(const Network& network);

/// "indegree[E<-I]" (target first), "tau_m[E]", "input_rate[E]". Where several projections or
/// inputs share both ends, "#2" follows from the second on. The kinds in words: indegree, weight,
/// weight_cv, delay, tau_m, t_ref, V_th, V_reset, tau_syn (tau_syn_ex, tau_syn_in), input_indegree,
/// input_rate, input_weight, input_weight_cv, dc_drive, noise_mean, noise_sigma, input_tau_syn.
[[nodiscard]] std::vector<std::string> entry_names(const Network& network,
                                                   const std::vector<NetworkEntry>& entries);
/// The entry of that name; empty where there is none, for which entry_fault() has the reason.
[[nodiscard]] std::optional<NetworkEntry> find_entry(const Network& network, std::string_view name);

/// Why find_entry() finds nothing, with the kinds, populations or names that there are; "" where
/// the name is not meant as an entry: it holds no bracket and is no kind.
[[nodiscard]] std::string entry_fault(const Network& network, std::string_view name);

/// Whether entries of this kind belong to projections.
[[nodiscard]] bool is_of_projection(EntryKind kind);
/// Whether they belong to inputs; those of the others to populations.
[[nodiscard]] bool is_of_input(EntryKind kind);

/// SI unit: "V", "s", "Hz" or "1".
[[nodiscard]] std::string_view entry_unit(EntryKind kind);
/// Its value, SI.
[[nodiscard]] double entry_value(const Network& network, const NetworkEntry& entry);
/// Sets it, SI; the network is not checked.
void set_entry_value(Network& network, const NetworkEntry& entry, double value);
/// Index of the population whose input or neuron the entry belongs to.
[[nodiscard]] int entry_population(const Network& network, const NetworkEntry& entry);

/// @}
}  // namespace nuphi
