#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <optional>

#include "bordered_lu.h"

namespace NUPHI_PUBLIC nuphi {

/// What a continuation needs to know about its coordinates.
struct MapScales {
  double component = 0.1;    ///< size of x below which changes count absolutely
  double tolerance = 1e-10;  ///< on |x_i − Φ_i| / max(1, |x_i|)
  Eigen::VectorXd lower;     ///< of the parameters
  Eigen::VectorXd upper;
};

/// F(z) = Φ(x; p) − x, z = (x, p), in the coordinates of a step: each unknown times its weight,
/// each equation times the weight of its component. In these all lengths are Euclidean, and silent
/// components drop out. Points themselves are kept unscaled.
class ScaledMap {
 public:
  ScaledMap(ParametricProblem& problem, MapScales scales);

  [[nodiscard]] Eigen::Index size() const { return problem_.size(); }
  [[nodiscard]] Eigen::Index parameters() const { return scales_.lower.size(); }
  [[nodiscard]] Eigen::Index unknowns() const { return size() + parameters(); }
  [[nodiscard]] const MapScales& scales() const { return scales_; }
  [[nodiscard]] ParametricProblem& problem() { return problem_; }

  /// Takes the weights from z.
  void center(const Eigen::VectorXd& z);
  [[nodiscard]] const Eigen::VectorXd& weights() const { return weights_; }
  /// z + step in scaled coordinates.
  [[nodiscard]] Eigen::VectorXd moved(const Eigen::VectorXd& z, const Eigen::VectorXd& step) const;
  /// Into the box of x; parameters are left alone.
  void project(Eigen::VectorXd& z) const;
  /// Into the box of x and the intervals of the parameters.
  void confine(Eigen::VectorXd& z) const;
  /// Index of a parameter outside its interval, or −1.
  [[nodiscard]] Eigen::Index outside(const Eigen::VectorXd& z) const;

  /// False when Φ is not finite or a parameter lies outside its interval.
  [[nodiscard]] bool evaluate(const Eigen::VectorXd& z);
  [[nodiscard]] const Eigen::VectorXd& residual() const { return residual_; }
  [[nodiscard]] double raw_residual() const;  ///< max |Φ(x) − x|, unscaled
  /// ≤ 1: every |F_i| is within the tolerance or the rounding of Φ_i.
  [[nodiscard]] double residual_in_tolerances();
  [[nodiscard]] double residual_in_roundings();  ///< max |F_i| / rounding_i

  /// ∂Φ/∂x at z, unscaled and dense. Nothing where evaluate() fails.
  [[nodiscard]] std::optional<Eigen::MatrixXd> jacobian_at(const Eigen::VectorXd& z);

  /// Takes ∂F/∂x at the point evaluated last.
  void linearize();
  /// Takes ∂F/∂p too.
  void linearize_parameters();
  [[nodiscard]] const JacobianBlock& block() const { return block_; }
  [[nodiscard]] const Eigen::MatrixXd& parameter_columns() const { return columns_; }
  /// (∂F/∂z)ᵀ w, shape=(unknowns(),).
  [[nodiscard]] Eigen::VectorXd left_product(const Eigen::VectorXd& w) const;

 private:
  void scale(Eigen::MatrixXd& jacobian) const;
  void scale(Eigen::SparseMatrix<double>& jacobian) const;

  ParametricProblem& problem_;
  MapScales scales_;
  Eigen::VectorXd weights_;
  Eigen::VectorXd x_, value_, rounding_, column_;
  Eigen::VectorXd residual_;
  JacobianBlock block_;
  Eigen::MatrixXd columns_;
};

/// d/dε (∂F/∂z)ᵀw at z + ε·direction, that is wᵀ F_zz[direction, ·], by central differences;
/// one-sided where a parameter would leave its interval. Empty when Φ is not finite nearby.
[[nodiscard]] Eigen::VectorXd second_derivative(ScaledMap& map, const Eigen::VectorXd& z,
                                                const Eigen::VectorXd& direction,
                                                const Eigen::VectorXd& w);

}  // namespace nuphi
