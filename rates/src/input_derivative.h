#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/models/model_family.h>
#include <nuphi/rates/sensitivity.h>

#include <Eigen/Core>
#include <functional>
#include <optional>

#include <nuphi/solver/differences.h>

namespace nuphi {

/// ∂s/∂p in closed form: the chain rule over the numbers of a network, which move as `slope` holds
/// in their place.
/// @param field  mean_field(network)
[[nodiscard]] InputDerivative input_derivative(const Network& network, const Network& slope,
                                               const MeanField& field,
                                               const Eigen::VectorXd& rates);

/// Numbers at values of all parameters of a family.
using NumbersAt = std::function<Eigen::VectorXd(const Eigen::VectorXd& values)>;
/// What each number of a network does as a parameter of its family moves: 1 and 0 where it is an
/// entry, else as `differences` of the numbers say.
/// @param network  at `values`
/// @return nothing where the networks beside are built otherwise
[[nodiscard]] std::optional<Network> network_slope(
    const ModelFamily& family, const Eigen::VectorXd& values, Eigen::Index index,
    const Network& network, const std::function<Eigen::VectorXd(const NumbersAt&)>& differences);

/// Everything that Φ takes at fixed rates as one vector, to be differenced: blocks of size n for μ,
/// σ², g, the parameters of LIF neurons, and F of other transfer functions at fixed sums.
class PhiInputs {
 public:
  /// @param field  the one at which the derivative is taken: its sums are those held
  PhiInputs(const MeanField& field, const Eigen::VectorXd& rates);

  [[nodiscard]] Eigen::VectorXd of(const MeanField& field) const;
  /// The derivative of such a vector.
  [[nodiscard]] static InputDerivative unpacked(const Eigen::VectorXd& derivative, Eigen::Index n);

 private:
  Eigen::VectorXd rates_;
  Eigen::MatrixXd sums_;
};

/// Partials of one node in its sums, g and the neuron's parameters: of F or ln F.
struct NodeGain {
  NodePartials sums;
  LifPartials neuron;

  /// The change of F that a parameter makes directly. 0 · ∞ is 0 here: a parameter that does not
  /// move an input does not care how steep the rate is in it.
  [[nodiscard]] double change(const InputDerivative& parameter, Eigen::Index i) const;
};

/// 0 · ∞ = 0.
[[nodiscard]] inline double times(double gain, double change) {
  return change == 0 ? 0 : gain * change;
}

/// The change that moving neuron parameters make.
[[nodiscard]] double change(const LifPartials& partials, const LifPartials& moved);

}  // namespace nuphi
