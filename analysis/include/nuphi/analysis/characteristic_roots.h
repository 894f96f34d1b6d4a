#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <complex>
#include <functional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// A holomorphic matrix function A(z) and dA/dz at one point, shape=(n, n) each.
struct MatrixFunctionValue {
  Eigen::MatrixXcd value;       ///< A(z)
  Eigen::MatrixXcd derivative;  ///< dA/dz
};
/// z ↦ A(z) and dA/dz, of one size everywhere.
using MatrixFunction = std::function<MatrixFunctionValue(std::complex<double>)>;

/// Closed rectangle of the complex plane.
struct Rectangle {
  double left = 0;    ///< least real part
  double right = 0;   ///< largest real part, > left
  double bottom = 0;  ///< least imaginary part
  double top = 0;     ///< largest imaginary part, > bottom
};

/// How hard characteristic_roots() tries.
struct CharacteristicRootsOptions {
  /// Last Newton step relative to max(|z|, size of the region · 1e-6), > 0.
  double tolerance = 1e-13;
  int max_evaluations = 100000;  ///< of A, > 0; reaching it ends with complete = false
};

/// What characteristic_roots() finds.
struct CharacteristicRoots {
  /// By falling real part, then falling imaginary part; multiple ones repeated.
  std::vector<std::complex<double>> roots;
  int count = 0;          ///< roots inside by the argument principle
  bool complete = false;  ///< as many roots found as counted, in every part of the region
  int evaluations = 0;    ///< of A
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

/// @}
}  // namespace nuphi
