#include "near_one.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "eigen_system.h"

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;
constexpr double kConverged = 1e-11;  // residual of a Ritz pair over its value
constexpr Eigen::Index kFirst = 40;   // dimensions after which Ritz pairs are looked at, then twice
constexpr Eigen::Index kMost = 160;   // and again; beyond, all eigenvalues are cheaper

/// Orthonormal V with P V = V H + β v eᵀ, grown column by column.
class Arnoldi {
 public:
  explicit Arnoldi(const Eigen::MatrixXcd& P, Eigen::Index most)
      : P_(P), V_(P.rows(), most + 1), H_(Eigen::MatrixXcd::Zero(most + 1, most)) {
    // No structure of a network is likely to be orthogonal to it.
    for (Eigen::Index i = 0; i < P.rows(); ++i)
      V_(i, 0) = Complex(std::cos(1.7 * static_cast<double>(i * i + 1)), 0.3);
    V_.col(0).normalize();
  }

  /// @return false where the space is invariant
  bool grow_to(Eigen::Index size) {
    for (; size_ < size; ++size_) {
      Eigen::VectorXcd w = P_ * V_.col(size_);
      const double before = w.norm();
      for (int twice = 0; twice < 2; ++twice) {
        const Eigen::VectorXcd h = V_.leftCols(size_ + 1).adjoint() * w;
        w -= V_.leftCols(size_ + 1) * h;
        H_.col(size_).head(size_ + 1) += h;
      }
      const double rest = w.norm();
      H_(size_ + 1, size_) = rest;
      if (!(rest > 1e-13 * before)) return false;
      V_.col(size_ + 1) = w / rest;
    }
    return true;
  }

  /// The `count` largest Ritz values as eigenvalues of M, if all have converged.
  [[nodiscard]] std::optional<NearOne> largest(Eigen::Index count) const {
    const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(H_.topLeftCorner(size_, size_));
    if (solver.info() != Eigen::Success) return std::nullopt;
    std::vector<Eigen::Index> order(static_cast<std::size_t>(size_));
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
      return std::abs(solver.eigenvalues()[a]) > std::abs(solver.eigenvalues()[b]);
    });
    NearOne near{Eigen::VectorXcd(count), Eigen::MatrixXcd(V_.rows(), count)};
    for (Eigen::Index k = 0; k < count; ++k) {
      const Eigen::Index from = order[static_cast<std::size_t>(k)];
      const Complex value = solver.eigenvalues()[from];
      const Eigen::VectorXcd y = solver.eigenvectors().col(from);
      const double residual = std::abs(H_(size_, size_ - 1) * y[size_ - 1]) / y.norm();
      if (!(residual <= kConverged * std::abs(value))) return std::nullopt;
      near.values[k] = 1.0 - 1.0 / value;
      near.right.col(k) = (V_.leftCols(size_) * y).normalized();
    }
    return near;
  }

 private:
  const Eigen::MatrixXcd& P_;
  Eigen::MatrixXcd V_, H_;
  Eigen::Index size_ = 0;
};

NearOne all_near_one(const Eigen::MatrixXcd& M, Eigen::Index count) {
  const EigenSystem system = eigen_system(M);
  std::vector<Eigen::Index> order(static_cast<std::size_t>(system.values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::abs(1.0 - system.values[a]) < std::abs(1.0 - system.values[b]);
  });
  NearOne near{Eigen::VectorXcd(count), Eigen::MatrixXcd(M.rows(), count)};
  for (Eigen::Index k = 0; k < count; ++k) {
    near.values[k] = system.values[order[static_cast<std::size_t>(k)]];
    near.right.col(k) = system.right.col(order[static_cast<std::size_t>(k)]).normalized();
  }
  return near;
}

}  // namespace

NearOne eigenvalues_near_one(const Eigen::MatrixXcd& M, const Eigen::MatrixXcd& P,
                             Eigen::Index count) {
  count = std::min(count, M.rows());
  const Eigen::Index most = std::min(kMost, M.rows() - 1);
  if (M.allFinite() && P.allFinite()) {
    Arnoldi arnoldi(P, most);
    for (Eigen::Index size = std::max(kFirst, 2 * count); size <= most; size *= 2) {
      if (!arnoldi.grow_to(size)) break;
      if (std::optional<NearOne> near = arnoldi.largest(count)) return *std::move(near);
    }
  }
  return all_near_one(M, count);
}

void keep_order(std::vector<NearOne>& along) {
  for (std::size_t at = 1; at < along.size(); ++at) {
    const NearOne old = along[at];
    NearOne& next = along[at];
    Eigen::MatrixXd overlap = (along[at - 1].right.adjoint() * old.right).cwiseAbs();
    for (Eigen::Index left = overlap.rows(); left > 0; --left) {
      Eigen::Index to = 0, from = 0;
      if (!(overlap.maxCoeff(&to, &from) >= 0)) break;  // NaN
      next.values[to] = old.values[from];
      next.right.col(to) = old.right.col(from);
      overlap.row(to).setConstant(-1);
      overlap.col(from).setConstant(-1);
    }
  }
}

EigenPair eigenpair_near(const Eigen::MatrixXcd& M, Complex value) {
  const Eigen::Index n = M.rows();
  const double shift = 1e-10 * std::max(std::abs(value), 1e-3);
  EigenPair pair;
  pair.right.resize(n);
  for (Eigen::Index i = 0; i < n; ++i)
    pair.right[i] = Complex(1 + 0.3 * static_cast<double>(i % 7), 0.1);
  pair.left = pair.right;
  const Complex beside = value + Complex(shift, 0.3 * shift);
  find_null_vectors(M - beside * Eigen::MatrixXcd::Identity(n, n), pair.right, pair.left);
  pair.value = pair.left.dot(M * pair.right) / pair.left.dot(pair.right);
  pair.left /= std::conj(pair.left.dot(pair.right));
  return pair;
}

}  // namespace nuphi::detail
