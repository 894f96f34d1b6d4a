#pragma once

#include <nuphi/models/network.h>

#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

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

/// Shortest and longest time constant of the synapses that reach a population.
struct SynapticTimes {
  double shortest = std::numeric_limits<double>::infinity();
  double longest = -std::numeric_limits<double>::infinity();

  [[nodiscard]] bool any() const { return shortest <= longest; }
  [[nodiscard]] bool differ() const { return shortest < longest; }
};
std::vector<SynapticTimes> synaptic_times(const Network& network);

/// "20 mV", for messages.
std::string display(double value, std::string_view unit);

}  // namespace nuphi
