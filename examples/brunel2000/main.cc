// Brunel's (2000) sparse E/I network built in code: the same numbers as `nuphi solve
// examples/models/brunel2000.yaml`.
#include <fmt/format.h>
#include <nuphi/core/units.h>
#include <nuphi/models/network.h>
#include <nuphi/rates/stationary.h>

#include <cstdio>

using namespace nuphi::units;

namespace {

nuphi::Network build() {
  const double J = 0.1 * mV;
  const double g = 5;
  const double C_E = 1000;
  const nuphi::Neuron neuron = {.model = nuphi::NeuronModel::kLifDelta,
                                .tau_m = 20 * ms,
                                .t_ref = 2 * ms,
                                .V_th = 20 * mV,
                                .V_reset = 10 * mV};
  const double threshold_rate = neuron.V_th / (C_E * J * neuron.tau_m);

  nuphi::Network network;
  network.name = "brunel2000";
  network.populations = {
      {.name = "E", .kind = nuphi::PopulationKind::kExcitatory, .size = 10000, .neuron = neuron},
      {.name = "I", .kind = nuphi::PopulationKind::kInhibitory, .size = 2500, .neuron = neuron}};
  const nuphi::Delay delay = {.mean = 1.5 * ms};
  for (const int target : {0, 1}) {
    network.projections.push_back(
        {.source = 0, .target = target, .indegree = C_E, .weight = J, .delay = delay});
    network.projections.push_back(
        {.source = 1, .target = target, .indegree = C_E / 4, .weight = -g * J, .delay = delay});
    network.inputs.push_back(
        {.target = target,
         .source = nuphi::PoissonInput{.indegree = C_E, .rate = 2 * threshold_rate, .weight = J}});
  }
  return network;
}

}  // namespace

int main() {
  const nuphi::Network network = build();
  const nuphi::StationaryResult result = nuphi::solve_stationary(network);
  if (!result.converged()) {
    fmt::print(stderr, "{}\n", result.summary.full_report());
    return 4;
  }
  fmt::print("population,rate,mean_input,std_input,cv\n");
  for (Eigen::Index i = 0; i < result.state.rates.size(); ++i) {
    fmt::print("{},{},{},{},{}\n", network.populations[i].name, result.state.rates[i],
               result.state.mean_input[i], result.state.std_input[i], result.state.cv[i]);
  }
  return 0;
}
