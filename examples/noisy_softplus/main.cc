// Brunel's (2000) network of LIF neurons, and the same network of the rate units that stand for
// them: a Noisy Softplus fitted to the neuron, and a threshold-linear unit of the same slope.
#include <fmt/format.h>
#include <nuphi/core/transfer_function.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>
#include <nuphi/rates/stationary.h>

#include <cstdio>

using namespace nuphi::units;

namespace {

constexpr double kUnsolved = -1;

/// Rate of E at the stationary state, with another transfer function in place of the LIF neuron's.
double rate_of(nuphi::MeanField field, const nuphi::TransferFunction& function) {
  field.nodes.assign(field.names.size(), function);
  const nuphi::StationaryResult result = nuphi::solve_stationary(field);
  return result.converged() ? result.state.rates[0] : kUnsolved;
}

}  // namespace

int main() {
  const nuphi::LifParameters neuron = nuphi::mean_field(nuphi::brunel2000()).lif(0).neuron;
  const nuphi::LifTransfer lif = {neuron, nuphi::Correction::kNone};
  const nuphi::NoisySoftplusFit fit =
      nuphi::fit_noisy_softplus(lif, Eigen::VectorXd::LinSpaced(31, 0 * mV, 30 * mV),
                                Eigen::VectorXd::LinSpaced(8, 1 * mV, 8 * mV), neuron.V_th);
  const nuphi::ThresholdLinearTransfer linear = {.gain = fit.function.S, .theta = neuron.V_th};

  fmt::print("g,lif,noisy_softplus,threshold_linear\n");
  for (const double g : {4.5, 5.0, 5.5, 6.0, 7.0, 8.0}) {
    const nuphi::MeanField field = nuphi::mean_field(nuphi::brunel2000({.g = g}));
    fmt::print("{},{},{},{}\n", g, rate_of(field, lif), rate_of(field, fit.function),
               rate_of(field, linear));
  }
  return 0;
}
