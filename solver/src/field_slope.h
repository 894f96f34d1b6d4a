#pragma once

#include <nuphi/models/mean_field.h>

#include <Eigen/Core>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace nuphi {

/// Derivative of a mean field's entries in one parameter of its family.
struct FieldSlope {
  std::variant<DenseCoupling, SparseCoupling> coupling;
  Eigen::VectorXd external_mean;
  Eigen::VectorXd external_variance;
  /// Of q = Q ν + q₀ of all neurons, those of one time constant included, where a field near by has
  /// filters; the neurons' tau_syn does not move then.
  bool has_filters = false;
  std::variant<Eigen::MatrixXd, Eigen::SparseMatrix<double, Eigen::RowMajor>> filter_coupling;
  Eigen::VectorXd external_filter;
  std::vector<LifParameters> neurons;  ///< derivatives of their parameters
  std::vector<bool> neuron_moves;      ///< whether any of them is not zero
};

/// Differences over five values of p in [lower, upper], of order 4. The distance of the values is
/// adapted until differences of order 2 agree, and remembered.
class FieldDifferences {
 public:
  FieldDifferences(double lower, double upper)
      : lower_(lower), upper_(upper), widest_(1e-3 * (upper - lower)), distance_(widest_) {}

  /// @param family  nothing where there is no network
  /// @param middle  the field at p
  /// @return nothing when the family has no networks around p
  [[nodiscard]] std::optional<FieldSlope> slope(
      const std::function<std::optional<MeanField>(double)>& family, double p,
      const MeanField& middle);

 private:
  double lower_, upper_;
  double widest_, distance_;
};

/// ∂Φ_i/∂p through the neuron's own parameters, at fixed μ and σ.
[[nodiscard]] double neuron_derivative(double mu, double sigma, const LifParameters& neuron,
                                       const LifParameters& slope, Correction correction);

}  // namespace nuphi
