#pragma once

#include <nuphi/core/export.h>

#include <nuphi/solver/curve_tracer.h>

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "equilibrium_curve.h"

/// Branch points of networks whose components can be interchanged: there a real eigenvalue of
/// ∂Φ/∂x of multiplicity d ≥ 2 passes 1, which the minimally augmented systems of singular_points.h
/// (null spaces of one dimension) do not locate, and which for even d leaves the sign of
/// det(1 − ∂Φ/∂x) as it was.
namespace NUPHI_PUBLIC nuphi {

struct MultipleBranchPoint {
  Eigen::VectorXd z;           ///< (x, p)
  Eigen::MatrixXd null_space;  ///< of 1 − ∂Φ/∂x, orthonormal columns, shape=(n, d), d ≥ 2
  double error = 0;            ///< estimated error of its place along the step (arclength)
};

/// The first such point between the ends of one step, found by bisection on the number of real
/// eigenvalues beyond 1 and on the orientation, and by interpolation of the eigenvalue: the curve
/// itself cannot be evaluated closer to the point than rounding lets it be told from the others
/// that cross it. Nothing where fewer than two eigenvalues pass 1 there.
[[nodiscard]] std::optional<MultipleBranchPoint> locate_multiple_branch_point(
    EquilibriumCurve& curve, CurveTracer& tracer, const CurvePoint& a, const CurvePoint& b);

/// Directions in which other branches can leave a branch point at x. With a null space of one
/// dimension it is this one. Of larger ones come the projections of the indicators of the first
/// m = 1 … ⌊N/2⌋ of N interchangeable components: the branches on which m of them differ from the
/// others exist for every m where the N can be permuted at will (equivariant branching lemma;
/// Golubitsky, Stewart & Schaeffer 1988, ch. XIII). One of each kind, not its images under
/// permutations; unit vectors of shape (n,).
[[nodiscard]] std::vector<Eigen::VectorXd> branching_directions(const Eigen::MatrixXd& null_space,
                                                                const Eigen::VectorXd& x);

/// Whether |a_i − b_i| ≤ tolerance · max(1, |a_i|, |b_i|) once both are put into rising order: one
/// point, or images under an exchange of components.
[[nodiscard]] bool same_up_to_order(Eigen::VectorXd a, Eigen::VectorXd b, double tolerance);

}  // namespace nuphi
