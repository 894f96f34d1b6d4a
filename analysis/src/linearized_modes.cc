#include "linearized_modes.h"

#include <nuphi/solver/linear_algebra.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <limits>

#include "arnoldi.h"

namespace nuphi::detail {
namespace {

constexpr double kClear = 0.05;          // residual of a Ritz pair that is worth refining
constexpr Eigen::Index kDimensions = 3;  // of Arnoldi's space for each mode wanted
constexpr double kNull = 1e-7;           // |1 − m| of modes that coincide
constexpr double kDifference = 1e-7;     // of derivatives, over |z|
constexpr double kLeastDifference = 1e-10;
constexpr double kBeside = 1e-13;
constexpr double kLongest = 0.3;       // of a step, over the reach
constexpr int kQuotients = 24;         // steps of a Rayleigh quotient
constexpr int kInverseIterations = 4;  // of the first step
constexpr int kFactorisations = 6;
constexpr int kSteps = 12;        // with one of them
constexpr double kShrinks = 0.3;  // steps that shrink less want another

/// 1 − M and its derivative, by a difference over h.
struct Loop {
  Eigen::MatrixXcd value, slope;

  Loop(LoopMatrix& matrix, Complex z, double h) {
    matrix.effective_connectivity(z + h, slope);
    matrix.effective_connectivity(z, value);
    slope = (value - slope) / h;
    value = -value;
    value.diagonal().array() += 1.0;
  }
};

/// T and T' at a point. T' by one-sided differences: their error makes steps longer or shorter by a
/// millionth of themselves.
struct Linearized {
  dense::Lu<Complex> lu;
  Eigen::MatrixXcd slope;

  /// @param regular  T = diag(R)(1 − M), else 1 − M
  Linearized(LoopMatrix& matrix, Complex z, bool regular = true) {
    z += 1e-9 * std::max(std::abs(z), 1.0);  // beside a mode
    const double h = kDifference * std::max(std::abs(z), 1.0);
    if (!regular) {
      Loop at(matrix, z, h);
      slope = std::move(at.slope);
      lu.compute(at.value);
      return;
    }
    Eigen::MatrixXcd T;
    matrix.regular_loop(z + h, slope);
    matrix.regular_loop(z, T);
    slope = (slope - T) / h;
    lu.compute(T);
  }
};

/// Left null vector of 1 − M from that of T.
Eigen::VectorXcd left_null_vector(const Linearized& at, const Eigen::VectorXcd& right) {
  Eigen::VectorXcd left = right;
  for (int iteration = 0; iteration < 4; ++iteration)
    left = at.lu.solve_transposed(left.conjugate()).conjugate().normalized();
  return left;
}

}  // namespace

std::vector<NullPair> modes_about(LoopMatrix& matrix, Complex shift, Eigen::Index count,
                                  bool regular) {
  const Linearized at(matrix, shift, regular);
  const Eigen::Index n = matrix.size(), dimensions = std::min(kDimensions * count, n);
  Arnoldi arnoldi(
      [&](const Eigen::VectorXcd& v) -> Eigen::VectorXcd {
        return at.lu.solve(Eigen::VectorXcd(at.slope * v));
      },
      n, dimensions);
  arnoldi.grow_to(dimensions);
  const RitzPairs ritz = arnoldi.largest(count);
  std::vector<NullPair> modes;
  for (Eigen::Index k = 0; k < ritz.values.size(); ++k)
    if (ritz.residuals[k] <= kClear)
      modes.push_back({shift - 1.0 / ritz.values[k], ritz.vectors.col(k), {}});
  return modes;
}

std::optional<NullPair> refine(LoopMatrix& matrix, const NullPair& estimate, double reach) {
  NullPair mode = estimate;
  Eigen::MatrixXcd T;
  for (int factorisation = 0; factorisation < kFactorisations; ++factorisation) {
    const Linearized at(matrix, mode.z);
    mode.right = at.lu.solve(Eigen::VectorXcd(at.slope * mode.right)).normalized();
    mode.left = left_null_vector(at, mode.right);
    double previous = std::numeric_limits<double>::infinity();
    for (int k = 0; k < kSteps; ++k) {
      matrix.regular_loop(mode.z, T);
      const Eigen::VectorXcd residual = T * mode.right;
      const Complex step = -mode.left.dot(residual) / mode.left.dot(at.slope * mode.right);
      const double size = std::abs(step), scale = std::max(std::abs(mode.z), 1.0);
      if (!std::isfinite(size)) return std::nullopt;
      mode.z += step;
      if (std::abs(mode.z - estimate.z) > reach) return std::nullopt;
      mode.right -= at.lu.solve(Eigen::VectorXcd(residual + step * (at.slope * mode.right)));
      mode.right.normalize();
      if (size <= 1e-14 * scale || (size <= 1e-10 * scale && size >= 0.5 * previous)) {
        mode.left = matrix.regular_scale(mode.z).conjugate().cwiseProduct(mode.left).normalized();
        return mode;
      }
      if (k > 0 && size > kShrinks * previous) break;
      previous = size;
    }
  }
  return std::nullopt;
}

std::optional<NullPair> refine_place(LoopMatrix& matrix, Complex z, const Eigen::VectorXcd& start,
                                     double reach) {
  NullPair mode{z, start, start};
  double previous = std::numeric_limits<double>::infinity();
  for (int k = 0; k < kQuotients; ++k) {
    const double scale = std::max(std::abs(mode.z), 1.0);
    // Beside a pole of M its derivative changes over the distance to it.
    const Loop at(matrix, mode.z,
                  std::clamp(previous, kLeastDifference * scale, kDifference * scale));
    // A mode to the last digit has no inverse; the quotient is one of 1 − M as it is.
    Eigen::MatrixXcd beside = at.value;
    beside.diagonal().array() += kBeside;
    const dense::Lu<Complex> lu(beside);
    for (int i = 0; i < (k == 0 ? kInverseIterations : 1); ++i) {
      mode.right = lu.solve(Eigen::VectorXcd(at.slope * mode.right)).normalized();
      const Eigen::VectorXcd left = (at.slope.adjoint() * mode.left).conjugate();
      mode.left = lu.solve_transposed(left).conjugate().normalized();
    }
    Complex step = -mode.left.dot(at.value * mode.right) / mode.left.dot(at.slope * mode.right);
    const double size = std::abs(step);
    if (size > kLongest * reach) step *= kLongest * reach / size;
    mode.z += step;
    if (!(std::abs(mode.z - z) <= reach)) return std::nullopt;
    if (size <= 1e-14 * scale || (size <= 1e-12 * scale && size >= 0.5 * previous)) return mode;
    previous = size;
  }
  return previous <= 1e-10 * std::max(std::abs(mode.z), 1.0) ? std::optional(mode) : std::nullopt;
}

namespace {

/// Orthonormal basis of the columns.
Eigen::MatrixXcd orthonormal(const Eigen::MatrixXcd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXcd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXcd::Identity(columns.rows(), columns.cols());
}

Eigen::MatrixXcd scattered(Eigen::Index rows, Eigen::Index columns) {
  Eigen::MatrixXcd X(rows, columns);
  for (Eigen::Index j = 0; j < columns; ++j)
    for (Eigen::Index i = 0; i < rows; ++i)
      X(i, j) = Complex(std::cos(static_cast<double>((i + 1) * (i + 2 * j + 3))),
                        std::sin(static_cast<double>((i + 2) * (3 * i + j + 1))));
  return X;
}

/// By subspace iteration with (1 − M)⁻¹, `most` vectors at once; empty where all of them are null.
std::optional<NullSpace> null_space_of_at_most(const Eigen::MatrixXcd& M, Eigen::Index most) {
  const Eigen::Index n = M.rows();
  Eigen::MatrixXcd A = -M;
  A.diagonal().array() += 1.0 + 1e-9;  // beside the mode
  const dense::Lu<Complex> lu(A), adjoint(A.adjoint());
  Eigen::MatrixXcd right = scattered(n, most), left = right;
  for (int iteration = 0; iteration < 3; ++iteration) {
    right = orthonormal(lu.solve_columns(right));
    left = orthonormal(adjoint.solve_columns(left));
  }
  // Eigenvalues of M in the subspace.
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> ritz(
      Eigen::MatrixXcd((left.adjoint() * right).inverse() * (left.adjoint() * M * right)));
  std::vector<Eigen::Index> null;
  for (Eigen::Index k = 0; k < most; ++k)
    if (std::abs(1.0 - ritz.eigenvalues()[k]) < kNull) null.push_back(k);
  NullSpace space{static_cast<Eigen::Index>(null.size()), Eigen::VectorXd::Zero(n)};
  if (space.dimension == most && most < n) return std::nullopt;
  const Eigen::MatrixXcd dual =
      ritz.eigenvectors().inverse() * (left.adjoint() * right).inverse() * left.adjoint();
  Eigen::MatrixXcd projector = Eigen::MatrixXcd::Zero(n, 1);
  for (const Eigen::Index k : null)
    projector += (right * ritz.eigenvectors().col(k)).cwiseProduct(dual.row(k).transpose());
  space.participation = projector.cwiseAbs();
  const double sum = space.participation.sum();
  if (sum > 0) space.participation /= sum;
  return space;
}

}  // namespace

NullSpace null_space_at(LoopMatrix& matrix, Complex z) {
  Eigen::MatrixXcd M;
  matrix.effective_connectivity(z, M);
  for (Eigen::Index most = 4;; most *= 4)
    if (auto space = null_space_of_at_most(M, std::min(most, M.rows()))) return *space;
}

}  // namespace nuphi::detail
