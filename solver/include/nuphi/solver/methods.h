#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/problem.h>
#include <nuphi/solver/summary.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

/// How hard a method tries; common to all of them.
struct FixedPointOptions {
  double tolerance = 1e-10;  ///< on |x_i − Φ_i(x)| / max(1, |x_i|), > 0
  /// > 0; of the solve, all methods and fallbacks together. One method alone gives up after 1000,
  /// or after 1 % of this where that is more.
  int max_iterations = 100000;
};

/// What a method returns.
struct FixedPointSolution {
  Eigen::VectorXd x;  ///< the fixed point, or the best point seen
  Summary summary;    ///< why it ended, and how good x is
  /// Largest real part of the eigenvalues of ∂Φ/∂x at x, where the method needed it.
  std::optional<double> leading_eigenvalue;
  /// x is a fixed point to the tolerance.
  [[nodiscard]] bool converged() const { return summary.termination == Termination::kConverged; }
};

/// A fixed point by the chosen method; kAuto tries one after the other and the summary says which
/// delivered.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution solve_fixed_point(FixedPointProblem& problem,
                                                   const Eigen::VectorXd& start, Method method,
                                                   const FixedPointOptions& options = {},
                                                   const SolveControl& control = {});

/// The fixed point that the flow dx/ds = −x + Φ(x) reaches from `start`; where the flow settles
/// nowhere, one that other methods find, which the summary's message says.
[[nodiscard]] FixedPointSolution flow_limit(FixedPointProblem& problem,
                                            const Eigen::VectorXd& start,
                                            const FixedPointOptions& options = {},
                                            const SolveControl& control = {});

/// Newton's method on x − Φ(x) with the analytic Jacobian. Steps are projected on the box instead
/// of being shortened for it, so that components at a bound (silent populations) do not stall the
/// others, and shortened until the residual or the next Newton correction shrinks (Deuflhard's
/// natural monotonicity). Where no fraction of the step does, pseudo-transient continuation from
/// the start (Kelley & Keyes 1998) follows the flow, along which the residual may rise.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution newton(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                        const FixedPointOptions& options = {},
                                        const SolveControl& control = {});

/// Anderson acceleration of x ← Φ(x) (Anderson 1965; Walker & Ni 2011): needs no Jacobian until
/// Newton takes over near the end. Where an accelerated step does not lower the residual it takes
/// a damped one, x + βF, with β short enough for the fastest mode of the flow. Stiff flows need
/// many of these, and limit cycles are followed up to max_iterations.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution anderson(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                          const FixedPointOptions& options = {},
                                          const SolveControl& control = {});

/// Follows the flow dx/ds = −x + Φ(x) from `start` to its limit: linearly implicit (Rosenbrock)
/// steps of order 3 with error control, then Newton once the flow has settled. A fixed point that
/// repels the flow is not its limit: where the flow does not settle (a limit cycle) the method ends
/// with Termination::kStalled or kMaxIterations.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution relaxation(FixedPointProblem& problem,
                                            const Eigen::VectorXd& start,
                                            const FixedPointOptions& options = {},
                                            const SolveControl& control = {});

/// Follows the fixed points of (1 − t)·start + t Φ(x) from t = 0, where `start` is the only one, to
/// t = 1 by pseudo-arclength continuation. Since Φ maps the box into itself the path cannot leave
/// it and cannot turn back to t = 0, so it reaches t = 1 for almost every start (Chow, Mallet-Paret
/// & Yorke 1978): slow and sure.
/// @throws std::invalid_argument for options out of range or a start of the wrong size; never for
/// the numerics.
[[nodiscard]] FixedPointSolution homotopy(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                          const FixedPointOptions& options = {},
                                          const SolveControl& control = {});

/// How hard find_fixed_points() looks.
struct DeflationOptions {
  FixedPointOptions limits;  ///< of every single solve
  int starts = 64;           ///< number of seeded starting points besides the systematic ones
  std::uint64_t seed = 1;    ///< of the starting points: the same seed finds the same points
  Eigen::VectorXd
      start_limits;    ///< upper ends of the starting points; empty: the problem's upper()
  double scale = 0.1;  ///< components nearer than this to 0 count as nearly the same
};

/// What find_fixed_points() returns.
struct FixedPointSet {
  std::vector<Eigen::VectorXd> points;  ///< distinct fixed points in the order they were found
  /// Sign of det(1 − Φ') at each: 1 or −1; 0 where it is zero to rounding, where Φ has a corner, or
  /// where nothing was factorised (beyond 1000 unknowns).
  std::vector<int> indices;
  std::optional<int> index_sum;  ///< of the indices; nothing where one of them is 0
  /// Whether the signs prove that points are missing: they add up to 1 over all fixed points where
  /// Φ maps the box into itself (FixedPointProblem::maps_box_into_itself()). False is no proof of
  /// completeness: points come and go in pairs of opposite sign. Nothing where that is not known or
  /// a sign is not.
  std::optional<bool> missing;
  Summary summary;  ///< how hard it looked; completeness is never claimed
};

/// Many fixed points, stable or not. Newton on F(x) Π_k (1/|w − w_k|² + 1), which does not return
/// to the points known already (deflation; Farrell, Birkisson & Funke 2015), and plain Newton start
/// from `first`, corners of the box, levels over decades, points between and beside the known ones,
/// mixtures of their components and seeded random ones. From every point the flow is followed both
/// ways along the directions in which it grows, and so are curves on which all equations but one
/// hold (Mascaro & Amit 1999). While the index sum shows that points are missing, up to eight times
/// as many random starts are made. Distances are taken in w = ±ln(1 + |x|/scale), so that decades
/// count alike (|x| from the side of the box nearest to 0 where that is outside).
/// @throws std::invalid_argument for options out of range; never for the numerics.
[[nodiscard]] FixedPointSet find_fixed_points(FixedPointProblem& problem,
                                              const Eigen::VectorXd& first,
                                              const DeflationOptions& options = {},
                                              const SolveControl& control = {});

/// @}
}  // namespace nuphi
