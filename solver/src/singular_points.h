#pragma once

#include <Eigen/Core>
#include <optional>

#include <nuphi/solver/bordered_lu.h>
#include <nuphi/solver/scaled_map.h>

/// Points at which F_x, or the whole of [F_x, F_p], is singular, located by minimally augmented
/// systems (Govaerts 2000): bordering the singular matrix A by its approximate null vectors b, c,
///   [A, b; cᵀ, 0] [v; g] = [0; 1],  [Aᵀ, c; bᵀ, 0] [w; h] = [0; 1],
/// makes it regular, and g is zero just where A is singular, with derivative g' = −wᵀ A' v. F = 0
/// and g = 0 together are regular equations for the point, whatever step found it.
namespace nuphi {

/// The bordered solutions v, w and the test function g of F_x.
struct FoldTest {
  double value = 0;       ///< g
  Eigen::VectorXd right;  ///< v, shape=(n,)
  Eigen::VectorXd left;   ///< w, shape=(n,)
};
/// At the point the map was linearised at. Nothing when the borders do not regularise the matrix.
[[nodiscard]] std::optional<FoldTest> fold_test(const ScaledMap& map,
                                                const Eigen::VectorXd& border_left,
                                                const Eigen::VectorXd& border_right,
                                                BorderedLu& lu);
/// Gradient of g in z. Empty when Φ is not finite nearby.
[[nodiscard]] Eigen::VectorXd fold_gradient(ScaledMap& map, const Eigen::VectorXd& z,
                                            const FoldTest& test);

/// What a location returns; vectors in the scaled coordinates of the map.
struct SingularPoint {
  Eigen::VectorXd z;
  Eigen::VectorXd right;    ///< unit null vector of F_x, shape=(n,)
  Eigen::VectorXd left;     ///< unit null vector of F_xᵀ, shape=(n,)
  double error = 0;         ///< length of the last correction
  double imperfection = 0;  ///< branch points: distance of F from zero there; a fold has none
};

/// Newton's method on F = 0, g = 0 over (x, p). Nothing when it does not converge.
/// @param map   centered near z, with one parameter
/// @param left, right  approximate null vectors of F_xᵀ and F_x
[[nodiscard]] std::optional<SingularPoint> locate_fold(ScaledMap& map, const Eigen::VectorXd& z,
                                                       const Eigen::VectorXd& left,
                                                       const Eigen::VectorXd& right);

/// Newton's method on F + β b = 0, g₁ = g₂ = 0 over (x, p, β): the matrix [F_x, F_p] loses a rank,
/// β is zero at a branch point and not where two branches only come close. Nothing when it does not
/// converge.
/// @param kernel  two orthonormal columns close to the null space of [F_x, F_p], shape=(n + 1, 2)
[[nodiscard]] std::optional<SingularPoint> locate_branch_point(ScaledMap& map,
                                                               const Eigen::VectorXd& z,
                                                               const Eigen::VectorXd& left,
                                                               const Eigen::MatrixXd& kernel);

}  // namespace nuphi
