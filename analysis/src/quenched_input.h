// How frozen differences between neurons enter their input.
#pragma once

#include <nuphi/models/mean_field.h>
#include <nuphi/models/network.h>

#include <Eigen/Core>

namespace nuphi::detail {

/// A covariance of inputs over neurons as a quadratic form of the rates:
///   Σ_j (by_square_ij ⟨ν_j²⟩ − by_mean_ij ⟨ν_j⟩²) + external_i
struct QuenchedMoment {
  Eigen::MatrixXd by_square;
  Eigen::MatrixXd by_mean;
  Eigen::VectorXd external;

  explicit QuenchedMoment(Eigen::Index n)
      : by_square(Eigen::MatrixXd::Zero(n, n)),
        by_mean(Eigen::MatrixXd::Zero(n, n)),
        external(Eigen::VectorXd::Zero(n)) {}
};

struct QuenchedInput {
  MeanField field;          ///< dense
  QuenchedMoment mean;      ///< Var μ [V²]
  QuenchedMoment mixed;     ///< Cov(μ, σ²) [V³]
  QuenchedMoment variance;  ///< Var σ² [V⁴]
};

/// @throws as solve_rate_distribution().
[[nodiscard]] QuenchedInput quenched_input(const Network& network);

}  // namespace nuphi::detail
