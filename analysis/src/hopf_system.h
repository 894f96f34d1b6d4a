#pragma once

#include <nuphi/analysis/hopf.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/solver/curve.h>
#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Core>
#include <complex>

namespace nuphi::detail {

/// The Hopf points of a network over two parameters: z = (ν, ω, p, q) with
///   Φ(ν; p, q) − ν = 0,   g(ν, ω, p, q) = 0 ∈ ℂ,
/// g the minimally augmented test function (Govaerts 2000) of a singular 1 − M(iω),
///   [1 − M, b; cᴴ, 0] (v, g) = (0, 1),   ∂g/∂y = wᴴ (∂M/∂y) v,
/// with borders b, c that are unit null vectors near by. det(1 − M) would do, but loses its scale
/// in large networks.
class HopfSystem final : public Curve {
 public:
  /// @param problem, network  of one family over (p, q); must outlive the system
  HopfSystem(RateFamily& problem, const NetworkPlane& network, const HopfCurveOptions& options);

  [[nodiscard]] Eigen::Index unknowns() const override { return n_ + 3; }
  [[nodiscard]] Eigen::Index parameters() const override { return 2; }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  [[nodiscard]] bool center(const Eigen::VectorXd& z) override;
  [[nodiscard]] const Eigen::VectorXd& weights() const override { return weights_; }
  void project(Eigen::VectorXd& z) const override;
  [[nodiscard]] bool evaluate(const Eigen::VectorXd& z) override;
  [[nodiscard]] double residual_in_tolerances() override;
  [[nodiscard]] double residual_in_roundings() override;
  [[nodiscard]] bool factorize(const Eigen::VectorXd& row) override;
  [[nodiscard]] bool factorize_center(const Eigen::VectorXd& row) override {
    return factorize(row);
  }
  [[nodiscard]] Eigen::VectorXd correction() const override;
  [[nodiscard]] Eigen::VectorXd tangent() const override;
  [[nodiscard]] int determinant_sign() const override { return sign_; }

 private:
  [[nodiscard]] Eigen::MatrixXcd connectivity(const Eigen::VectorXd& z) const;
  /// v, w and g from M; false where the bordered matrix is singular.
  [[nodiscard]] bool test(const Eigen::MatrixXcd& matrix);
  /// Starts the borders where nothing is known about the null vectors.
  void find_borders(const Eigen::MatrixXcd& matrix);
  /// ∂g/∂z, scaled; empty where M is not finite near by.
  [[nodiscard]] Eigen::VectorXcd test_gradient() const;

  RateFamily& problem_;
  const NetworkPlane& network_;
  const HopfCurveOptions& options_;
  Eigen::Index n_;
  Eigen::VectorXd lower_, upper_;
  Eigen::VectorXd weights_;
  Eigen::VectorXcd b_, c_;  // borders
  Eigen::VectorXcd v_, w_;
  Eigen::VectorXd z_;  // evaluated last
  Eigen::VectorXd x_, value_, rounding_;
  std::complex<double> g_;
  double rounding_of_g_ = 0;
  dense::Lu<double> lu_;  // of the bordered Jacobian
  int sign_ = 0;
};

}  // namespace nuphi::detail
