// The characteristic matrix of a spatial rate model at one wave number.
#pragma once

#include <nuphi/analysis/spatial.h>
#include <nuphi/analysis/stability.h>

#include <optional>

namespace nuphi::detail {

/// Throws std::invalid_argument as spatial_modes() says.
void check(const SpatialRateModel& model);

/// A(λ) = diag(1 + λτ_i) − M_ij D_ij(λ), M_ij = W_ij p̂_ij(k).
class SpatialCharacteristic {
 public:
  SpatialCharacteristic(const SpatialRateModel& model, double wavenumber);

  [[nodiscard]] const Eigen::MatrixXd& coupling() const { return coupling_; }
  /// A and dA/dλ.
  [[nodiscard]] MatrixFunctionValue operator()(std::complex<double> lambda) const;
  /// The mode with eigenvalue λ; derivatives with respect to k from the null vectors of A.
  [[nodiscard]] SpatialMode mode(std::complex<double> lambda) const;
  /// Encloses every root with Re λ ≥ left (row sums: |λ + 1/τ_i| ≤ Σ_j |M_ij| max|D_ij|/τ_i). Empty
  /// when there can be none.
  [[nodiscard]] std::optional<Rectangle> enclosure(double left) const;

 private:
  const SpatialRateModel& model_;
  double wavenumber_;
  Eigen::MatrixXd coupling_;  ///< M
  Eigen::MatrixXd slope_;     ///< dM/dk
};

/// The one τ and one constant delay of a model that has no others; empty otherwise.
struct CommonTimes {
  double tau = 0;
  double delay = 0;
};
[[nodiscard]] std::optional<CommonTimes> common_times(const SpatialRateModel& model);

/// The largest real part where a delay's transform is singular, −1/mean of an exponential delay for
/// instance; −∞ without.
[[nodiscard]] double singular_growth(const SpatialRateModel& model);

}  // namespace nuphi::detail
