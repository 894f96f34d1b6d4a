#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/transfer_function.h>

#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// A node function ν = F(s_1 … s_K): the rate of a population as a function of its sums. F is a
/// transfer function of (μ, σ), s = (μ, σ²); a LIF neuron with synapses of several time constants
/// has a third sum q = Σ σ_k² g(τ_k) and the effective time constant τ of effective_filter(),
/// g(τ) = q/σ², which moves with its input.
using NodeFunction = TransferFunction;

/// The sums of one node.
struct NodeInput {
  double mean = 0;      ///< μ [V]
  double variance = 0;  ///< σ² [V²]
  double filtered = 0;  ///< q, in V² times the unit of g
};

/// Partials of F, or of ln F, in what it takes.
struct NodePartials {
  double mean = 0;      ///< ∂/∂μ
  double variance = 0;  ///< ∂/∂σ² at fixed g
  double weight = 0;  ///< ∂/∂g; 0 but for LIF neurons with noise and an effective time constant
};

/// Partials in the sums: Φ(μ, σ², g) with g = q/σ².
///   ∂F/∂q = (∂F/∂g)/σ²,  ∂F/∂σ² = ∂F/∂σ²|_g − g ∂F/∂q
struct SumPartials {
  double mean = 0;      ///< ∂/∂μ
  double variance = 0;  ///< ∂/∂σ² at fixed q
  double filtered = 0;  ///< ∂/∂q
};

/// The LIF neurons of a network, all with one correction.
[[nodiscard]] std::vector<NodeFunction> lif_nodes(const std::vector<LifParameters>& neurons,
                                                  Correction correction = Correction::kShift);

/// The LIF neuron that a node is; null for other transfer functions.
[[nodiscard]] inline const LifTransfer* as_lif(const NodeFunction& node) {
  return std::get_if<LifTransfer>(&node);
}

/// Whether two nodes are known to be one function: tables and callables never are.
[[nodiscard]] bool is_same(const NodeFunction& a, const NodeFunction& b);

/// Whether F takes q: only neurons of several time constants do.
[[nodiscard]] inline bool takes_filtered(const NodeFunction& node) {
  const LifTransfer* lif = as_lif(node);
  return lif != nullptr && lif->several_tau_syn;
}

/// The neuron with the τ_syn that acts at an input: that of g = max(0, q)/σ² where it has several
/// and there is noise, else its own.
[[nodiscard]] LifParameters effective_neuron(const LifTransfer& node,
                                             const NodeInput& input) noexcept;

/// F with all its derivatives in μ and σ at fixed τ_syn.
/// `neuron` is effective_neuron(), whose τ_syn acts; of no meaning for other transfer functions.
[[nodiscard]] SiegertRate evaluate_at(const NodeFunction& node, const LifParameters& neuron,
                                      double mu, double sigma);
/// F at its sums; negative variances count as 0.
[[nodiscard]] SiegertRate evaluate(const NodeFunction& node, const NodeInput& input);

/// Partials of F and of ln F.
struct RatePartials {
  NodePartials rate;      ///< of F
  NodePartials log_rate;  ///< of ln F; accurate where F underflows
};
/// Partials of a node at a point; NaN in `variance` where σ = 0.
/// @param node       the node
/// @param neuron     effective_neuron(); of no meaning for other transfer functions
/// @param mu, sigma  the point [V]
/// @param at         evaluate_at() there
[[nodiscard]] RatePartials node_partials(const NodeFunction& node, const LifParameters& neuron,
                                         double mu, double sigma, const SiegertRate& at) noexcept;

/// The chain rule of q, the only place where it stands. Where a node takes no q, or that is
/// negative (held at 0) or without noise, g does not move.
[[nodiscard]] SumPartials sum_partials(const NodeFunction& node, const NodePartials& partials,
                                       const NodeInput& input) noexcept;

/// @}
}  // namespace nuphi
