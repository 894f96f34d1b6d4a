// Eigenvalues of a large matrix near 1, which decide peaks of spectra: the others cost most of the
// time and mean nothing there.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace nuphi::detail {

struct NearOne {
  Eigen::VectorXcd values;  ///< nearest to 1 first
  Eigen::MatrixXcd right;   ///< their eigenvectors of norm 1, by columns
};

/// By Arnoldi's method with P, whose eigenvalues 1/(1 − m) are largest there; all eigenvalues are
/// calculated where it does not converge.
/// @param P  (1 − M)⁻¹
[[nodiscard]] NearOne eigenvalues_near_one(const Eigen::MatrixXcd& M, const Eigen::MatrixXcd& P,
                                           Eigen::Index count);

/// Puts each into the order of the one before: by overlaps of eigenvectors, the largest first. An
/// eigenvalue that is no longer among those looked at leaves its place to another.
void keep_order(std::vector<NearOne>& along);

/// Left and right eigenvector of the eigenvalue of M next to `value`, uᴴv = 1, by inverse
/// iteration.
struct EigenPair {
  std::complex<double> value;
  Eigen::VectorXcd left, right;
};
[[nodiscard]] EigenPair eigenpair_near(const Eigen::MatrixXcd& M, std::complex<double> value);

}  // namespace nuphi::detail
