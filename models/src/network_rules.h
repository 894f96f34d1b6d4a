#pragma once

#include <nuphi/models/network.h>

#include <functional>
#include <string>
#include <string_view>

namespace nuphi {

/// Element of a network that a rule speaks of; the loader turns it into a place of the file.
struct NetworkPlace {
  enum class Part { kNetwork, kPopulation, kProjection, kInput };
  Part part = Part::kNetwork;
  int index = 0;
  std::string_view field;
};

using NetworkReport = std::function<void(const NetworkPlace& place, std::string code,
                                         std::string message, std::string hint)>;

/// The one set of rules that a network must obey, built in code or loaded.
void check_network(const Network& network, const NetworkReport& report);

/// Correction of the network, or the default of its models.
Correction effective_correction(const Network& network);

/// Kinds of synapses that reach a population: by the kind of the source, else by the sign of the
/// weight.
struct IncomingSynapses {
  bool excitatory = false;
  bool inhibitory = false;
};
std::vector<IncomingSynapses> incoming_synapses(const Network& network);

/// "20 mV", for messages.
std::string display(double value, std::string_view unit);

}  // namespace nuphi
