#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/curve.h>

#include <Eigen/Core>

#include "bordered_lu.h"
#include "scaled_map.h"

namespace NUPHI_PUBLIC nuphi {

/// The fixed points F(x, p) = 0 over one parameter.
class EquilibriumCurve final : public Curve {
 public:
  /// @param map  with one parameter; must outlive the curve
  explicit EquilibriumCurve(ScaledMap& map) : map_(map) {}

  [[nodiscard]] Eigen::Index unknowns() const override { return map_.unknowns(); }
  [[nodiscard]] Eigen::Index parameters() const override { return map_.parameters(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return map_.scales().lower; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return map_.scales().upper; }
  [[nodiscard]] bool center(const Eigen::VectorXd& z) override;
  [[nodiscard]] const Eigen::VectorXd& weights() const override { return map_.weights(); }
  void project(Eigen::VectorXd& z) const override { map_.project(z); }
  [[nodiscard]] bool evaluate(const Eigen::VectorXd& z) override { return map_.evaluate(z); }
  [[nodiscard]] double residual_in_tolerances() override { return map_.residual_in_tolerances(); }
  [[nodiscard]] double residual_in_roundings() override { return map_.residual_in_roundings(); }
  [[nodiscard]] bool factorize(const Eigen::VectorXd& row) override;
  [[nodiscard]] bool factorize_center(const Eigen::VectorXd& row) override;
  [[nodiscard]] Eigen::VectorXd correction() const override;
  [[nodiscard]] Eigen::VectorXd tangent() const override;
  [[nodiscard]] int determinant_sign() const override { return lu_.determinant_sign(); }

  /// [∂G; row]ᵀ y = rhs with the factors of the last factorize().
  [[nodiscard]] Eigen::VectorXd solve_transposed(const Eigen::VectorXd& rhs) const {
    return lu_.solve_transposed(rhs);
  }
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const { return lu_.solve(rhs); }
  [[nodiscard]] ScaledMap& map() { return map_; }

 private:
  ScaledMap& map_;
  BorderedLu lu_;
};

}  // namespace nuphi
