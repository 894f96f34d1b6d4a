#include "near_one.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "arnoldi.h"
#include "eigen_system.h"

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;
constexpr double kConverged = 1e-11;  // residual of a Ritz pair over its value
constexpr Eigen::Index kFirst = 80;   // dimensions after which Ritz pairs are looked at, then twice
constexpr Eigen::Index kMost = 320;   // and again; beyond, all eigenvalues are cheaper

/// The `count` nearest to 1 from the largest Ritz values of P, if all have converged.
std::optional<NearOne> converged(const Arnoldi& arnoldi, Eigen::Index count) {
  RitzPairs ritz = arnoldi.largest(count);
  if (ritz.values.size() < count || !(ritz.residuals.maxCoeff() <= kConverged)) return std::nullopt;
  return NearOne{1.0 - ritz.values.array().inverse(), std::move(ritz.vectors)};
}

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
    Arnoldi arnoldi([&](const Eigen::VectorXcd& v) { return P * v; }, M.rows(), most);
    for (Eigen::Index size = 0; size < most;) {
      size = std::min(std::max({kFirst, 2 * count, 2 * size}), most);
      if (!arnoldi.grow_to(size)) break;
      if (std::optional<NearOne> near = converged(arnoldi, count)) return *std::move(near);
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
