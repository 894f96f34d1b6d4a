#include "arnoldi.h"

#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>
#include <utility>
#include <vector>

namespace nuphi::detail {

using Complex = std::complex<double>;

namespace {

constexpr double kRemains = 0.7;  // of a vector that need not be made orthogonal again

}  // namespace

Arnoldi::Arnoldi(Operator apply, Eigen::Index size, Eigen::Index most)
    : apply_(std::move(apply)), V_(size, most + 1), H_(Eigen::MatrixXcd::Zero(most + 1, most)) {
  // No structure of a network is likely to be orthogonal to it.
  for (Eigen::Index i = 0; i < size; ++i)
    V_(i, 0) = Complex(std::cos(1.7 * static_cast<double>(i * i + 1)), 0.3);
  V_.col(0).normalize();
}

bool Arnoldi::grow_to(Eigen::Index dimensions) {
  for (; size_ < dimensions; ++size_) {
    Eigen::VectorXcd w = apply_(V_.col(size_));
    const double before = w.norm();
    double rest = before, last = 0;
    do {
      const Eigen::VectorXcd h = V_.leftCols(size_ + 1).adjoint() * w;
      w -= V_.leftCols(size_ + 1) * h;
      H_.col(size_).head(size_ + 1) += h;
      last = rest;
      rest = w.norm();
      // Where most of it is gone, what remains is not orthogonal to rounding.
    } while (rest <= kRemains * last && rest > 1e-13 * before);
    H_(size_ + 1, size_) = rest;
    if (!(rest > 1e-13 * before)) {
      ++size_;
      return false;
    }
    V_.col(size_ + 1) = w / rest;
  }
  return true;
}

namespace {

/// Solves H x = b, H upper Hessenberg, by elimination with exchanges of neighbouring rows. A pivot
/// of zero, which an eigenvalue to the last digit leaves, is replaced by rounding.
Eigen::VectorXcd solve_hessenberg(Eigen::MatrixXcd H, Eigen::VectorXcd b) {
  const Eigen::Index n = H.rows();
  const double least = 1e-16 * H.cwiseAbs().maxCoeff();
  for (Eigen::Index k = 0; k < n; ++k) {
    const Eigen::Index right = n - k;
    if (k + 1 < n && std::abs(H(k + 1, k)) > std::abs(H(k, k))) {
      H.row(k).tail(right).swap(H.row(k + 1).tail(right));
      std::swap(b[k], b[k + 1]);
    }
    if (!(std::abs(H(k, k)) > least)) H(k, k) = least;
    if (k + 1 == n) break;
    const Complex factor = H(k + 1, k) / H(k, k);
    H.row(k + 1).tail(right) -= factor * H.row(k).tail(right);
    b[k + 1] -= factor * b[k];
  }
  H.triangularView<Eigen::Upper>().solveInPlace(b);
  return b;
}

/// Eigenvector of norm 1 of an upper Hessenberg matrix, by inverse iteration.
Eigen::VectorXcd eigenvector(Eigen::MatrixXcd H, Complex value) {
  H.diagonal().array() -= value;
  Eigen::VectorXcd vector = Eigen::VectorXcd::Ones(H.rows());
  for (int twice = 0; twice < 2; ++twice) vector = solve_hessenberg(H, vector).normalized();
  return vector;
}

}  // namespace

RitzPairs Arnoldi::largest(Eigen::Index count) const {
  if (size_ == 0) return {};
  const Eigen::MatrixXcd H = H_.topLeftCorner(size_, size_);
  const Eigen::VectorXcd values = dense::eigenvalues(H);
  if (!values.allFinite()) return {};
  std::vector<Eigen::Index> order(static_cast<std::size_t>(size_));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::abs(values[a]) > std::abs(values[b]);
  });
  count = std::min(count, size_);
  RitzPairs pairs{Eigen::VectorXcd(count), Eigen::MatrixXcd(V_.rows(), count),
                  Eigen::VectorXd(count)};
  for (Eigen::Index k = 0; k < count; ++k) {
    pairs.values[k] = values[order[static_cast<std::size_t>(k)]];
    const Eigen::VectorXcd y = eigenvector(H, pairs.values[k]);
    pairs.residuals[k] = std::abs(H_(size_, size_ - 1) * y[size_ - 1]) / std::abs(pairs.values[k]);
    pairs.vectors.col(k) = (V_.leftCols(size_) * y).normalized();
  }
  return pairs;
}

}  // namespace nuphi::detail
