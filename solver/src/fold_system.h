#pragma once

#include <nuphi/solver/curve.h>

#include <Eigen/Core>
#include <optional>

#include <nuphi/solver/bordered_lu.h>
#include <nuphi/solver/scaled_map.h>
#include "singular_points.h"

namespace nuphi {

/// The folds of F(x; p, q) = 0 over two parameters: F = 0 and g = 0 (singular_points.h).
class FoldSystem final : public Curve {
 public:
  /// @param map    with two parameters; must outlive the system
  /// @param right  approximate null vector of 1 − ∂Φ/∂x, unscaled
  FoldSystem(ScaledMap& map, const Eigen::VectorXd& z, const Eigen::VectorXd& right);

  [[nodiscard]] Eigen::Index unknowns() const override { return map_.unknowns(); }
  [[nodiscard]] Eigen::Index parameters() const override { return map_.parameters(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return map_.scales().lower; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return map_.scales().upper; }
  [[nodiscard]] bool center(const Eigen::VectorXd& z) override;
  [[nodiscard]] const Eigen::VectorXd& weights() const override { return map_.weights(); }
  void project(Eigen::VectorXd& z) const override { map_.project(z); }
  [[nodiscard]] bool evaluate(const Eigen::VectorXd& z) override;
  [[nodiscard]] double residual_in_tolerances() override;
  [[nodiscard]] double residual_in_roundings() override;
  [[nodiscard]] bool factorize(const Eigen::VectorXd& row) override;
  [[nodiscard]] bool factorize_center(const Eigen::VectorXd& row) override {
    return factorize(row);
  }
  [[nodiscard]] Eigen::VectorXd correction() const override;
  [[nodiscard]] Eigen::VectorXd tangent() const override;
  [[nodiscard]] int determinant_sign() const override { return lu_.determinant_sign(); }

  /// wᵀ F_xx[v, v] at the center, w and v the unit null vectors. NaN when Φ is not finite nearby.
  [[nodiscard]] double quadratic_coefficient();

 private:
  ScaledMap& map_;
  Eigen::VectorXd left_;  // borders: unit null vectors at the center, in its weights
  Eigen::VectorXd right_;
  Eigen::VectorXd center_;
  Eigen::VectorXd z_;  // evaluated last
  Eigen::VectorXd residual_;
  std::optional<FoldTest> test_;
  BorderedLu test_lu_;
  BorderedLu lu_;
};

}  // namespace nuphi
