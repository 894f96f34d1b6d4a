#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup solving
/// @{

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
