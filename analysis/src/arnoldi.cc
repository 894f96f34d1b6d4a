#include "arnoldi.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>
#include <utility>
#include <vector>

namespace nuphi::detail {

using Complex = std::complex<double>;

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
    for (int twice = 0; twice < 2; ++twice) {
      const Eigen::VectorXcd h = V_.leftCols(size_ + 1).adjoint() * w;
      w -= V_.leftCols(size_ + 1) * h;
      H_.col(size_).head(size_ + 1) += h;
    }
    const double rest = w.norm();
    H_(size_ + 1, size_) = rest;
    if (!(rest > 1e-13 * before)) {
      ++size_;
      return false;
    }
    V_.col(size_ + 1) = w / rest;
  }
  return true;
}

RitzPairs Arnoldi::largest(Eigen::Index count) const {
  const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(H_.topLeftCorner(size_, size_));
  if (size_ == 0 || solver.info() != Eigen::Success) return {};
  std::vector<Eigen::Index> order(static_cast<std::size_t>(size_));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::abs(solver.eigenvalues()[a]) > std::abs(solver.eigenvalues()[b]);
  });
  count = std::min(count, size_);
  RitzPairs pairs{Eigen::VectorXcd(count), Eigen::MatrixXcd(V_.rows(), count),
                  Eigen::VectorXd(count)};
  for (Eigen::Index k = 0; k < count; ++k) {
    const Eigen::Index from = order[static_cast<std::size_t>(k)];
    const Eigen::VectorXcd y = solver.eigenvectors().col(from).normalized();
    pairs.values[k] = solver.eigenvalues()[from];
    pairs.residuals[k] = std::abs(H_(size_, size_ - 1) * y[size_ - 1]) / std::abs(pairs.values[k]);
    pairs.vectors.col(k) = (V_.leftCols(size_) * y).normalized();
  }
  return pairs;
}

}  // namespace nuphi::detail
