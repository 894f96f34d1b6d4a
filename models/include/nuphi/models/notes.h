#pragma once

#include <nuphi/core/export.h>
#include <nuphi/models/network.h>

#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// What a user should know of a network or of a state that is valid, but may not be what was meant
/// or what theory describes. docs/validity.md explains each code.
struct Note {
  std::string code;                      ///< stable name, e.g. "strong-coupling"
  std::string message;                   ///< a sentence with the numbers
  std::vector<std::string> populations;  ///< those concerned; empty: the network as a whole

  bool operator==(const Note&) const = default;
};

/// Slips that solve without complaint, seen from the parameters alone; empty where there are none.
///   units                 tau_m above 1 s and V_th − V_reset above 1 V: ms and mV given as SI
///   tau-m, t-ref          tau_m > 1 s, t_ref ≥ 0.1 s
///   threshold             V_th − V_reset > 1 V
///   rest-missing          V_th < 0 while E_L is 0: absolute potentials without E_L
///   threshold-below-rest  V_th < E_L: the neuron fires without input
///   mixed-potentials      V_th ≥ 0 while E_L < −20 mV: one absolute, one relative
///   jump-above-threshold  a spike moves the membrane by more than V_th − V_reset
///   indegree-below-one    an in-degree in (0, 1) that looks like a probability
///   unused-distribution   in-degrees are distributed, stationary rates are those of their means
///   own-spikes            synapses of a single neuron onto itself
/// The network must be valid (validate()).
[[nodiscard]] std::vector<Note> network_notes(const Network& network);

/// @}
}  // namespace nuphi
