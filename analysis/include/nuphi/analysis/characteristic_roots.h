#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <complex>
#include <functional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// A holomorphic matrix function A(z) and dA/dz at one point, shape=(n, n) each.
struct MatrixFunctionValue {
  Eigen::MatrixXcd value;
  Eigen::MatrixXcd derivative;
};
using MatrixFunction = std::function<MatrixFunctionValue(std::complex<double>)>;

/// Closed rectangle of the complex plane.
struct Rectangle {
  double left = 0, right = 0;
  double bottom = 0, top = 0;
};

struct CharacteristicRootsOptions {
  double tolerance =
      1e-13;  ///< last Newton step relative to max(|z|, size of the region · 1e-6), > 0
  int max_evaluations = 100000;  ///< of A, > 0; reaching it ends with complete = false
};

struct CharacteristicRoots {
  std::vector<std::complex<double>>
      roots;      ///< by falling real part, then falling imaginary part; multiple ones repeated
  int count = 0;  ///< roots inside by the argument principle
  bool complete = false;  ///< as many roots found as counted, in every part of the region
  int evaluations = 0;
};

/// All roots of det A(z) = 0 in a rectangle. The argument principle counts them along the boundary,
/// with steps refined until the phase of the determinant turns by less than π/4 in each and as d ln
/// det A/dz = tr(A⁻¹ dA/dz) foretells; Newton's method on det A with the roots already found
/// divided out (deflation) finds them; where it does not, the rectangle is halved. A must have no
/// pole inside or on the boundary. A root on the boundary makes the count undefined; the rectangle
/// is then moved outward by 1e-6 of its size.
/// @throws std::invalid_argument for an empty rectangle or options out of range.
[[nodiscard]] CharacteristicRoots characteristic_roots(
    const MatrixFunction& function, const Rectangle& region,
    const CharacteristicRootsOptions& options = {});

/// Newton's method on det A(z) from `start`; NaN when it does not settle within 50 steps.
[[nodiscard]] std::complex<double> characteristic_root(const MatrixFunction& function,
                                                       std::complex<double> start,
                                                       double tolerance = 1e-13);

}  // namespace nuphi
