#include <nuphi/core/colored_noise.h>
#include <nuphi/core/node_function.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <type_traits>

namespace nuphi {
namespace {

/// Negative rates (kTaylor) may outweigh the others: no colour is left then.
double filter_weight_of(const NodeInput& input) {
  return std::max(0.0, input.filtered) / input.variance;
}

}  // namespace

std::vector<NodeFunction> lif_nodes(const std::vector<LifParameters>& neurons,
                                    Correction correction) {
  std::vector<NodeFunction> nodes;
  nodes.reserve(neurons.size());
  for (const LifParameters& neuron : neurons) nodes.emplace_back(LifTransfer{neuron, correction});
  return nodes;
}

bool is_same(const NodeFunction& a, const NodeFunction& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& function) {
        using Function = std::decay_t<decltype(function)>;
        if constexpr (std::equality_comparable<Function>) {
          return function == std::get<Function>(b);
        } else {
          return false;
        }
      },
      a);
}

LifParameters effective_neuron(const LifTransfer& node, const NodeInput& input) noexcept {
  LifParameters neuron = node.neuron;
  if (node.several_tau_syn && input.variance > 0) {
    neuron.tau_syn = filter_time(filter_weight_of(input), node.correction);
  }
  return neuron;
}

SiegertRate evaluate_at(const NodeFunction& node, const LifParameters& neuron, double mu,
                        double sigma) {
  if (const LifTransfer* lif = as_lif(node)) return siegert(mu, sigma, neuron, lif->correction);
  const TransferRate r = evaluate(node, mu, sigma);
  return {r.rate,         std::log(r.rate),     r.drate_dmu,
          r.drate_dsigma, r.drate_dmu / r.rate, r.drate_dsigma / r.rate};
}

SiegertRate evaluate(const NodeFunction& node, const NodeInput& input) {
  const double sigma = std::sqrt(std::max(0.0, input.variance));
  const LifTransfer* lif = as_lif(node);
  return evaluate_at(node, lif != nullptr ? effective_neuron(*lif, input) : LifParameters{},
                     input.mean, sigma);
}

RatePartials node_partials(const NodeFunction& node, const LifParameters& neuron, double mu,
                           double sigma, const SiegertRate& at) noexcept {
  RatePartials partials{{at.drate_dmu, at.drate_dsigma / (2 * sigma)},
                        {at.dlog_rate_dmu, at.dlog_rate_dsigma / (2 * sigma)}};
  const LifTransfer* lif = as_lif(node);
  if (lif != nullptr && sigma > 0 && has_effective_filter(lif->correction)) {
    const FilterWeightGain gain = filter_weight_gain(mu, sigma, at, neuron, lif->correction);
    partials.rate.weight = gain.drate;
    partials.log_rate.weight = gain.dlog_rate;
  }
  return partials;
}

SumPartials sum_partials(const NodeFunction& node, const NodePartials& partials,
                         const NodeInput& input) noexcept {
  SumPartials sums{partials.mean, partials.variance};
  if (!takes_filtered(node) || !(input.variance > 0) || input.filtered < 0) return sums;
  sums.filtered = partials.weight / input.variance;
  sums.variance -= sums.filtered * filter_weight_of(input);
  return sums;
}

}  // namespace nuphi
