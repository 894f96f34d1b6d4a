// Zeros of det(1 − M) counted along a fine closed contour: from values of M alone, without any of
// the bounds by which the library proves its steps.
#pragma once

#include <nuphi/analysis/linear_response.h>

#include <Eigen/LU>
#include <cmath>
#include <complex>
#include <limits>
#include <optional>

namespace nuphi::test {

class Contour {
 public:
  explicit Contour(const NetworkResponse& response) : response_(response) {}

  /// Zeros with 0 < Re z < right, |Im z| < top, a pair counted as two.
  /// @param spacing  of the points; halved where the phase turns fast
  std::optional<int> zeros(double right, double top, double spacing) {
    // The lower half of the rectangle is the mirror image.
    const double turned = turn({right, 0}, {right, top}, 20 * spacing) +
                          turn({right, top}, {0, top}, 20 * spacing) +
                          turn({0, top}, {0, 0}, spacing);
    const double count = turned / M_PI;
    if (!(std::abs(count - std::round(count)) < 1e-3)) return std::nullopt;
    return static_cast<int>(std::lround(count));
  }

 private:
  std::complex<double> direction(std::complex<double> z) {
    response_.effective_connectivity(z, matrix_);
    const Eigen::Index n = matrix_.rows();
    const Eigen::PartialPivLU<Eigen::MatrixXcd> lu(Eigen::MatrixXcd::Identity(n, n) - matrix_);
    std::complex<double> d = static_cast<double>(lu.permutationP().determinant());
    for (Eigen::Index i = 0; i < n; ++i) {
      const std::complex<double> pivot = lu.matrixLU()(i, i);
      d *= pivot / std::abs(pivot);
    }
    return d;
  }

  double turn(std::complex<double> from, std::complex<double> to, double spacing) {
    const int parts = static_cast<int>(std::ceil(std::abs(to - from) / spacing)) + 8;
    double turned = 0;
    std::complex<double> at = from, d = direction(from);
    for (int k = 1; k <= parts; ++k) {
      const std::complex<double> next = from + (to - from) * (static_cast<double>(k) / parts);
      const std::complex<double> e = direction(next);
      turned += turn_between(at, d, next, e, 40);
      at = next;
      d = e;
    }
    return turned;
  }

  /// Halved until both halves turn by little.
  double turn_between(std::complex<double> a, std::complex<double> d, std::complex<double> b,
                      std::complex<double> e, int depth) {
    const std::complex<double> middle = 0.5 * (a + b), f = direction(middle);
    const double first = std::arg(f * std::conj(d)), second = std::arg(e * std::conj(f));
    if (depth == 0) return std::numeric_limits<double>::quiet_NaN();
    if (std::abs(first) < 0.4 && std::abs(second) < 0.4) return first + second;
    return turn_between(a, d, middle, f, depth - 1) + turn_between(middle, f, b, e, depth - 1);
  }

  const NetworkResponse& response_;
  Eigen::MatrixXcd matrix_;
};

}  // namespace nuphi::test
