// Modes of large networks, several from one factorisation: 1 − M(z) made linear about a point.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "loop_matrix.h"

namespace nuphi::detail {

/// A zero z of det(1 − M), or an estimate of one, with (1 − M) right = 0, leftᴴ (1 − M) = 0, both
/// of norm 1.
struct NullPair {
  Complex z;
  Eigen::VectorXcd right;
  Eigen::VectorXcd left;  ///< empty in an estimate
};

/// Estimates of the modes nearest to `shift`, the nearest first: with T = 1 − M the largest
/// eigenvalues of T⁻¹T' there are −1/(z − shift) (the method of successive linear problems: Ruhe
/// 1973), by Arnoldi's method.
/// @param regular  with T = diag(R)(1 − M), regular where populations resonate, but with zeros and
/// poles of R' / R at a distance |shift|; else with T = 1 − M, of whose poles mirror images come too
[[nodiscard]] std::vector<NullPair> modes_about(LoopMatrix& matrix, Complex shift,
                                                Eigen::Index count, bool regular = true);

/// A mode from an estimate of it by residual inverse iteration (Neumaier 1985): one factorisation
/// serves until the steps stop shrinking. Empty where they lead farther away than `reach`.
[[nodiscard]] std::optional<NullPair> refine(LoopMatrix& matrix, const NullPair& estimate,
                                             double reach);

/// A mode from a good estimate of its place alone, by two-sided Rayleigh quotients (Schreiber 2008):
/// a factorisation each step, cubic convergence. Empty where it leads farther away than `reach`.
/// @param start  is not orthogonal to the mode's null vectors
[[nodiscard]] std::optional<NullPair> refine_place(LoopMatrix& matrix, Complex z,
                                                   const Eigen::VectorXcd& start, double reach);

/// The null space of 1 − M at a mode: where populations are equal several modes coincide.
struct NullSpace {
  Eigen::Index dimension = 0;
  Eigen::VectorXd participation;  ///< share of each row in it, sums to 1: |R (LᴴR)⁻¹ Lᴴ|_ii
};
[[nodiscard]] NullSpace null_space_at(LoopMatrix& matrix, Complex z);

}  // namespace nuphi::detail
