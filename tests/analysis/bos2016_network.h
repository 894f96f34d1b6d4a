// The network of Bos, Diesmann & Helias (2016) and the settings of its published spectra.
#pragma once

#include <nuphi/analysis/spectra.h>
#include <nuphi/core/units.h>
#include <nuphi/models/network.h>

#include "support/csv.h"

namespace nuphi::test {

using namespace units;

/// The microcircuit with the changes of Bos, Diesmann & Helias (2016), from its table.
inline Network bos2016() {
  const CsvTable table("bos2016_network.csv");
  const Neuron neuron = {.model = NeuronModel::kLifExp,
                         .tau_m = 10 * ms,
                         .t_ref = 2 * ms,
                         .V_th = 15 * mV,
                         .V_reset = 0 * mV,
                         .C_m = 250 * pF,
                         .tau_syn_ex = 0.5 * ms,
                         .tau_syn_in = 0.5 * ms};
  Network network;
  network.correction = Correction::kShift;  // that of its figures
  for (std::size_t row = 0; row < table.size(); ++row) {
    const int target = static_cast<int>(table.number(row, "target"));
    const int source = static_cast<int>(table.number(row, "source"));
    if (source == 0) {
      network.populations.push_back({.name = std::to_string(target),
                                     .size = table.number(row, "size_of_target"),
                                     .neuron = neuron});
      network.inputs.push_back(
          {.target = target,
           .source = PoissonInput{.indegree = table.number(row, "external_indegree"),
                                  .rate = 8 * Hz,
                                  .weight = 0.0001756}});
    }
    network.projections.push_back(
        {.source = source,
         .target = target,
         .indegree = table.number(row, "indegree"),
         .weight = table.number(row, "weight"),
         .delay = Delay{.distribution = DelayDistribution::kTruncatedGaussian,
                        .mean = table.number(row, "delay"),
                        .sd = table.number(row, "delay_sd")}});
  }
  return network;
}

/// Settings of the published spectra: the refractory time in the rate alone, no response to the
/// variance.
inline SpectraOptions published() {
  SpectraOptions options;
  options.response.refractoriness = Refractoriness::kRateOnly;
  options.response.variance_response = false;
  return options;
}

}  // namespace nuphi::test
