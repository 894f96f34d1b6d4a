#pragma once

#include <nuphi/core/lif.h>

#include <string>
#include <vector>

namespace nuphi::runner {

/// A neuron given on the command line.
struct NeuronArgument {
  LifParameters neuron;
  double C_m = 0;  ///< [F]; 0 when not given
};

/// "tau_m=10 ms, V_th=20 mV": what is not named keeps the default of LifParameters. With E_L,
/// voltages are absolute. @throws UsageError
NeuronArgument parse_neuron(const std::string& text);

/// A quantity of an option, in SI. @param unit  that is due. @throws UsageError
double option_quantity(const std::string& option, const std::string& text, const std::string& unit);

/// Quantities separated by commas. @throws UsageError
std::vector<double> option_quantities(const std::string& option, const std::string& text,
                                      const std::string& unit);

}  // namespace nuphi::runner
