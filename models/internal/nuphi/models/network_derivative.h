#pragma once

#include <nuphi/core/export.h>

#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/node_function.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/network_entries.h>

#include <vector>

/// ∂s/∂p at fixed rates, in closed form: the only place that turns numbers of a network into what
/// moves in its sums and neurons.
///   μ = τ_m Σ K J x + …,  σ² = τ_m Σ K J² (1 + w²) x + …,  q = Σ σ_k² g(τ_k)
namespace NUPHI_PUBLIC nuphi {

/// What moves for one population as a parameter p does, the rates held.
struct PopulationDerivative {
  NodeInput sums;  ///< ∂s/∂p; that of q where synapses of the neuron differ in τ_syn
  /// Of the neuron's parameters; τ_syn moves by the shares in σ² of the synapses whose own moves,
  /// where q does not say it.
  LifPartials neuron;
  double other = 0;  ///< ∂F/∂p at fixed sums of a unit that is no LIF neuron [Hz per unit of p]
};

/// Of one network at given rates.
class NetworkDerivative {
 public:
  /// @param network  must outlive it
  /// @param field    mean_field(network); must outlive it
  /// @param rates    ν [Hz], held
  NetworkDerivative(const Network& network, const MeanField& field, const Eigen::VectorXd& rates);

  /// Of the one population that an entry touches, entry_population(), as its number moves.
  [[nodiscard]] PopulationDerivative in(const NetworkEntry& entry) const;
  /// Of all populations, as every number moves by dp times what `slope` holds in its place.
  [[nodiscard]] std::vector<PopulationDerivative> along(const Network& slope) const;

  /// The sums of the field at the rates, sums_at().
  [[nodiscard]] const Eigen::MatrixXd& sums() const { return sums_; }

 private:
  class Sum;

  const Network& network_;
  const MeanField& field_;
  Eigen::VectorXd rates_;
  Eigen::MatrixXd sums_;
  std::vector<std::vector<int>> projections_, inputs_;  // by target
};

/// The numbers of a network that stationary rates depend on, as one vector: for differences.
[[nodiscard]] Eigen::VectorXd numbers_of(const Network& network);
/// A network of the same build with these numbers in place.
[[nodiscard]] Network with_numbers(Network network, const Eigen::VectorXd& numbers);

}  // namespace nuphi
