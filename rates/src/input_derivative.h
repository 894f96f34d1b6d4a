#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/rates/sensitivity.h>

#include <Eigen/Core>
#include <array>
#include <functional>
#include <optional>

namespace nuphi {

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

/// input_derivative() along a branch, by differences over five values of p in [lower, upper], of
/// order 4. The distance of the values is adapted until differences of order 2 agree, and
/// remembered; so are the fields, for other rates at the same p.
class BranchDifferences {
 public:
  BranchDifferences(double lower, double upper)
      : lower_(lower), upper_(upper), widest_(1e-3 * (upper - lower)), distance_(widest_) {}

  /// @param family  nothing where there is no network
  /// @param middle  the field at p
  /// @return nothing when the family has no networks around p
  [[nodiscard]] std::optional<InputDerivative> at(
      const std::function<std::optional<MeanField>(double)>& family, double p,
      const MeanField& middle, const Eigen::VectorXd& rates);
  /// The fields kept are no longer those of the family.
  void forget() { near_.clear(); }

 private:
  [[nodiscard]] bool find_fields(const std::function<std::optional<MeanField>(double)>& family,
                                 double p);

  double lower_, upper_;
  double widest_, distance_;
  std::size_t middle_ = 2;       // which of the five values p is
  std::vector<MeanField> near_;  // the other four
  double near_p_ = 0, near_distance_ = 0;
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
