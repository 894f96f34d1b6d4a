#pragma once

#include <nuphi/solver/fixed_point_problem.h>
#include <nuphi/solver/fixed_point_solution.h>
#include <nuphi/solver/solve_control.h>

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace nuphi {

struct DeflationOptions {
  FixedPointOptions limits;
  int starts = 64;         ///< number of seeded starting points besides the systematic ones
  std::uint64_t seed = 1;  ///< of the starting points: the same seed finds the same points
  Eigen::VectorXd
      start_limits;    ///< upper ends of the starting points; empty: upper() of the problem
  double scale = 0.1;  ///< components below it count as nearly the same
};

struct FixedPointSet {
  std::vector<Eigen::VectorXd> points;  ///< distinct fixed points in the order they were found
  Summary summary;                      ///< how hard it looked; completeness is never claimed
};

/// Many fixed points, stable or not: Newton on F(x) Π_k (1/|x − x_k|² + 1), which does not return
/// to the points x_k known already (deflation; Farrell, Birkisson & Funke 2015), and plain Newton,
/// each from `first`, corners of the box, levels over decades, points between and beside the known
/// ones and seeded random ones. Distances are taken in ln(1 + x/scale), so that decades count
/// alike.
/// @throws std::invalid_argument for options out of range; never for the numerics.
[[nodiscard]] FixedPointSet find_fixed_points(FixedPointProblem& problem,
                                              const Eigen::VectorXd& first,
                                              const DeflationOptions& options = {},
                                              const SolveControl& control = {});

}  // namespace nuphi
